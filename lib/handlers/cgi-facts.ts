import type { IncomingMessage } from 'node:http'
import type { RequestFacts } from '../cgi/environment.ts'
import type { HandlerServer } from '../../types/handler.ts'
import { redirectOf } from './cgi-redirect.ts'
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

/** What Express adds to a request; with `trust proxy` these tell what the proxy was asked. */
interface ExpressRequest extends IncomingMessage {
  protocol?: unknown
  ip?: unknown
  hostname?: unknown
}

/** Gathers what of a request goes into a script's environment. */
export function requestFacts(handler: FactsHandler, known: KnownFacts): RequestFacts {
  const { request } = handler
  const { socket } = request
  const { protocol, ip, hostname } = request as ExpressRequest
  const encrypted = 'encrypted' in socket && socket.encrypted === true
  const scheme = protocol === 'https' || (protocol !== 'http' && encrypted) ? 'https' : 'http'
  const [peer, port] = handler.clientAddress
  const client = typeof ip === 'string' ? plainAddress(ip) : plainAddress(peer)
  const redirected = redirectOf(request)
  const local = plainAddress(socket.localAddress ?? '')
  return {
    ...known,
    method: handler.command,
    protocol: handler.requestVersion,
    target: redirected?.target ?? originalTarget(request),
    mount: handler.mount,
    rawHeaders: request.rawHeaders,
    scheme,
    client: { address: client, port: client === plainAddress(peer) ? port : 0 },
    server: {
      software: handler.versionString(),
      name: handler.server?.serverName ?? bracketed(local),
      port: serverPort(request, scheme === 'https' && !encrypted),
      address: local,
    },
    forwardedHost: forwardedHost(request, hostname),
    passAuthorization: handler.passAuthorization,
    redirectedFrom: redirected?.from,
  }
}

// --- Internal ---

/** Without the zone of a link-local address, and an IPv4 address as one. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*/, '')
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

/** The port the client has connected to: of the proxy, if that alone speaks TLS. */
function serverPort(request: IncomingMessage, forwarded: boolean): number {
  if (!forwarded) return request.socket.localPort ?? 0
  const port = request.headers['x-forwarded-port']
  return typeof port === 'string' && /^\d{1,5}$/.test(port) ? Number(port) : 443
}

/** The host that a trusted proxy was asked for, where it is not the one it has asked us for. */
function forwardedHost(request: IncomingMessage, hostname: unknown): string | undefined {
  if (typeof hostname !== 'string' || request.headers['x-forwarded-host'] === undefined) {
    return undefined
  }
  return hostname
}
