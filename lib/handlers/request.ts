import type { IncomingMessage } from 'node:http'
import type { Address } from '../../types/handler.ts'
import { unmapped } from '../http/address.ts'
import { collapseLeadingSlashes, withoutOrigin } from '../http/target.ts'
import { forwardedOf } from './forwarded.ts'

// Express adds these, Connect and Polka some of them.
interface MountedRequest {
  baseUrl?: string
  originalUrl?: string
  path?: unknown
  _parsedUrl?: { pathname?: unknown }
}

/**
 * The client's address, as far as trusted proxies tell, or else that at the other end of the connection; one that an IPv6
 * socket maps from IPv4 is written as IPv4.
 */
export function clientAddressOf(request: IncomingMessage): Address {
  const forwarded = forwardedOf(request)
  if (forwarded !== undefined) return [forwarded.address, forwarded.port]
  // Node's types say there is a socket always; a request made for a test has none.
  const socket = request.socket as IncomingMessage['socket'] | undefined
  return [unmapped(socket?.remoteAddress ?? ''), socket?.remotePort ?? 0]
}

/** The request target before any router cut a prefix off it. */
export function originalTarget(request: IncomingMessage): string {
  return (request as MountedRequest).originalUrl ?? request.url ?? ''
}

/**
 * Whether the router that the request has come by matches the path of an absolute-form target, and not the target as it
 * is: Express and Connect do, Polka does not, and of others nothing is known.
 */
export function cutsAbsoluteForm(request: IncomingMessage): boolean {
  const { path, originalUrl, _parsedUrl } = request as MountedRequest
  if (originalUrl === undefined) return false
  // What the router has matched: Express and Polka tell it so, Connect leaves what it has parsed.
  const matched = typeof path === 'string' ? path : _parsedUrl?.pathname
  return typeof matched === 'string' && matched.startsWith('/')
}

/** The request line as it stood on the wire, as far as Node's parser has kept it. */
export function requestlineOf(request: IncomingMessage): string {
  return `${request.method ?? ''} ${originalTarget(request)} HTTP/${request.httpVersion}`
}

const simpleRequest = /^[^ \t]+[ \t]+[^ \t]+[ \t]*$/

/** Whether a request line names no version, as HTTP/0.9 has it. */
export function isSimpleRequest(requestline: string): boolean {
  return simpleRequest.test(requestline)
}

/** The request target after routers cut their prefix off it. */
export function relativeTarget(request: IncomingMessage): string {
  const url = request.url ?? '/'
  // Polka leaves '?q' of a request of the mount itself.
  if (url.startsWith('?')) return `/${url}`
  // What starts with two slashes would be a foreign origin in a redirect's Location.
  return collapseLeadingSlashes(url)
}

/** The raw prefix that a router has cut off the request target, without a slash at its end. */
export function mountOf(request: IncomingMessage): string {
  const { baseUrl } = request as MountedRequest
  if (baseUrl !== undefined) return baseUrl
  const url = withoutOrigin(request.url ?? '')
  const originalUrl = withoutOrigin(originalTarget(request))
  if (originalUrl === url) return ''
  // For a request of the mount itself Connect makes '/' out of '' and '/?q' out of '?q'.
  const rest = originalUrl.endsWith(url) ? url : url.slice(1)
  return originalUrl.endsWith(rest) ? originalUrl.slice(0, originalUrl.length - rest.length) : ''
}

const none: ReadonlySet<string> = new Set()

/** The options of `Connection`, in lower case (RFC 9110 section 7.6.1). */
export function connectionTokens(request: IncomingMessage): ReadonlySet<string> {
  const value = request.headers.connection
  if (value === undefined) return none
  return new Set(value.split(',').map((option) => option.trim().toLowerCase()))
}
