import type { IncomingMessage } from 'node:http'
import type { ForwardedRequest, TrustProxy } from '../../types/proxy.ts'
import { unmapped } from '../http/address.ts'
import { compileTrust, readForwarded, trustEverybody, type Trust } from '../http/trust.ts'

const forwardedKey = Symbol.for('basehttp.forwarded')

/** Under it a socket tells that its client's address comes of the PROXY protocol. */
export const proxiedKey: unique symbol = Symbol.for('basehttp.proxied')

/** An own property, which stays when Express gives the request another prototype. */
interface NotedRequest extends IncomingMessage {
  [forwardedKey]?: ForwardedRequest
}

/** What Express adds to a request; `ip` and the like are getters that heed its `trust proxy`. */
interface ExpressRequest extends IncomingMessage {
  readonly app?: { readonly settings?: Readonly<Record<string, unknown>> }
  readonly ip?: unknown
  readonly protocol?: unknown
  readonly hostname?: unknown
}

const compiled = new Map<unknown, Trust | undefined>()

/** As `compileTrust()`, once for each value. */
export function trustOf(option: TrustProxy): Trust | undefined {
  if (option === false) return undefined
  if (!compiled.has(option)) compiled.set(option, compileTrust(option))
  return compiled.get(option)
}

/**
 * Checks the option `trustProxy` and makes values of a handler's fields of it.
 *
 * @throws TypeError naming the option
 */
export function resolveTrust(trustProxy: TrustProxy | undefined): { trustProxy?: TrustProxy } {
  if (trustProxy === undefined) return {}
  trustOf(trustProxy)
  return { trustProxy }
}

/**
 * Notes on a request what the proxies before this server tell of it, if they are trusted. Behind the PROXY protocol the
 * peer is the client itself: `trustProxy: true` does not mean that one, only an address in a list does.
 */
export function noteForwarded(request: IncomingMessage, trusts: Trust): void {
  // Node's types say there is a socket always; a request made for a test has none.
  const socket = request.socket as IncomingMessage['socket'] | undefined
  if (trusts === trustEverybody && socket !== undefined && proxiedKey in socket) return
  const address = unmapped(socket?.remoteAddress ?? '')
  const peer = { address, port: socket?.remotePort ?? 0 }
  const field = (name: string): string | undefined => request.headers[name]?.toString()
  const forwarded = readForwarded(peer, field, trusts)
  if (forwarded !== undefined) (request as NotedRequest)[forwardedKey] = forwarded
}

/** What trusted proxies tell of a request: as it was noted, or by an Express app's `trust proxy`. */
export function forwardedOf(request: IncomingMessage): ForwardedRequest | undefined {
  const noted = (request as NotedRequest)[forwardedKey]
  return noted ?? forwardedByExpress(request)
}

/** Has a request that was made of another one know the same. */
export function copyForwarded(from: IncomingMessage, to: IncomingMessage): void {
  const forwarded = forwardedOf(from)
  if (forwarded !== undefined) (to as NotedRequest)[forwardedKey] = forwarded
}

// --- Internal ---

function forwardedByExpress(request: ExpressRequest): ForwardedRequest | undefined {
  const trust = request.app?.settings?.['trust proxy']
  if (trust === undefined || trust === false || typeof request.ip !== 'string') return undefined
  const { ip, protocol } = request
  const peer = request.socket.remoteAddress
  const hosts = request.headers['x-forwarded-host']
  const port = request.headers['x-forwarded-port']?.toString()
  return {
    address: unmapped(ip),
    port: ip === peer ? (request.socket.remotePort ?? 0) : 0,
    scheme: protocol === 'http' || protocol === 'https' ? protocol : undefined,
    host: hosts === undefined ? undefined : expressHost(request),
    serverPort: port !== undefined && /^\d{1,5}$/.test(port) ? Number(port) : undefined,
  }
}

/** Whether Express believes the field shows in `hostname`; the port is in the field alone. */
function expressHost({ hostname, headers }: ExpressRequest): string | undefined {
  if (typeof hostname !== 'string') return undefined
  const [sent = ''] = (headers['x-forwarded-host'] ?? '').toString().split(',')
  const host = sent.trim()
  return host.startsWith(`${hostname}:`) ? host : hostname
}
