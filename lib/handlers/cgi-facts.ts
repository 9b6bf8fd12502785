import type { IncomingMessage } from 'node:http'
import type { RequestFacts } from '../cgi/environment.ts'
import type { HandlerServer } from '../../types/handler.ts'
import type { ForwardedRequest } from '../../types/proxy.ts'
import { bracketed, unmapped } from '../http/address.ts'
import { redirectOf } from './cgi-redirect.ts'
import { forwardedOf } from './forwarded.ts'
import { originalTarget } from './request.ts'

/** What of a handler tells about its request. */
export interface FactsHandler {
  readonly request: IncomingMessage
  readonly server: HandlerServer | undefined
  readonly command: string
  readonly mount: string
  readonly requestVersion: string
  readonly clientAddress: readonly [host: string, port: number]
  readonly passAuthorization: boolean
  versionString(): string
}

/** What is known of a request besides its head. */
export interface KnownFacts {
  readonly query: string
  readonly contentLength: number | undefined
  readonly contentDecoded: boolean
}

/** Gathers what of a request goes into a script's environment. */
export function requestFacts(handler: FactsHandler, known: KnownFacts): RequestFacts {
  const { request } = handler
  const { socket } = request
  const encrypted = 'encrypted' in socket && socket.encrypted === true
  const forwarded = forwardedOf(request)
  const scheme = forwarded?.scheme ?? (encrypted ? 'https' : 'http')
  const [client, port] = handler.clientAddress
  const redirected = redirectOf(request)
  const local = plainAddress(socket.localAddress ?? '')
  return {
    query: known.query,
    contentLength: known.contentLength,
    contentDecoded: known.contentDecoded,
    method: handler.command,
    protocol: handler.requestVersion,
    target: redirected?.target ?? originalTarget(request),
    mount: handler.mount,
    rawHeaders: request.rawHeaders,
    scheme,
    client: { address: plainAddress(client), port },
    server: {
      software: handler.versionString(),
      name: handler.server?.serverName ?? bracketed(local),
      port: serverPort(request, forwarded, scheme),
      address: local,
    },
    forwardedHost: forwarded?.host,
    passAuthorization: handler.passAuthorization,
    redirectedFrom: redirected?.from,
  }
}

// --- Internal ---

/** Without the zone of a link-local address, and an IPv4 address as one. */
function plainAddress(address: string): string {
  return unmapped(address).replace(/%.*/, '')
}

/** The port the client has connected to: of the proxy, if that tells what it was asked. */
function serverPort(
  request: IncomingMessage,
  forwarded: ForwardedRequest | undefined,
  scheme: 'http' | 'https',
): number {
  if (forwarded?.serverPort !== undefined) return forwarded.serverPort
  const port = /:(\d{1,5})$/.exec(forwarded?.host ?? '')?.[1]
  if (port !== undefined) return Number(port)
  const told = forwarded?.host !== undefined || forwarded?.scheme !== undefined
  if (told) return scheme === 'https' ? 443 : 80
  return request.socket.localPort ?? 0
}
