import { IncomingMessage, type ServerResponse } from 'node:http'
import { exchangeOf } from '../http/exchange-of.ts'
import { pathOf } from '../http/target.ts'
import { copyForwarded } from './forwarded.ts'
import { originalTarget } from './request.ts'

/** Of a request that a script has made by redirecting to a path of this server. */
export interface Redirected {
  /** How many such redirects have led here. */
  readonly hops: number
  /** The path that the last script was asked for. */
  readonly from: string
  /** The target that the client has asked for. */
  readonly target: string
}

/** Most local redirects for one request. */
export const MAX_REDIRECTS = 10

const redirectKey = Symbol('basehttp.cgi.redirect')

interface RedirectedRequest extends IncomingMessage {
  [redirectKey]?: Redirected
}

/** What led to a request; `undefined` for one that a client has made. */
export function redirectOf(request: IncomingMessage): Redirected | undefined {
  return (request as RedirectedRequest)[redirectKey]
}

/** Answers a request on the response of another. */
export type Dispatcher = (request: IncomingMessage) => void

/**
 * What sends a request through all of the host again: the standalone server, Node's, or the Express app.
 *
 * @returns `undefined` if there is nothing that could
 */
export function dispatcherOf(
  request: IncomingMessage,
  response: ServerResponse,
): Dispatcher | undefined {
  const exchange = exchangeOf(response)
  if (exchange !== undefined) return exchange.redispatch
  const { server } = request.socket as { server?: unknown }
  if (isEmitter(server) && server.listenerCount('request') > 0) {
    return (next) => {
      server.emit('request', next, response)
    }
  }
  const app = topApp((request as { app?: unknown }).app)
  if (app === undefined) return undefined
  return (next) => {
    app(next, response)
  }
}

/**
 * Makes the request for the path that a script has redirected to: a GET, or a HEAD if it was one, with the client's
 * fields but without its content.
 */
export function redirectedRequest(request: IncomingMessage, location: string): IncomingMessage {
  const next: RedirectedRequest = new IncomingMessage(request.socket)
  const before = redirectOf(request)
  next.method = request.method === 'HEAD' ? 'HEAD' : 'GET'
  next.url = location
  next.httpVersion = request.httpVersion
  next.httpVersionMajor = request.httpVersionMajor
  next.httpVersionMinor = request.httpVersionMinor
  const { rawHeaders } = request
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (!ofContent.test(name)) next.rawHeaders.push(name, rawHeaders[i + 1] ?? '')
  }
  next.headers = withoutContent(request.headers)
  next.headersDistinct = withoutContent(request.headersDistinct)
  next[redirectKey] = {
    hops: (before?.hops ?? 0) + 1,
    from: pathOf(originalTarget(request)),
    target: before?.target ?? originalTarget(request),
  }
  copyForwarded(request, next)
  next.complete = true
  next.push(null)
  return next
}

// --- Internal ---

const ofContent = /^(?:content-.*|transfer-encoding|expect|trailer|if-.*|range)$/i

function withoutContent<T extends object>(headers: T): T {
  const kept = Object.entries(headers).filter(([name]) => !ofContent.test(name))
  // Only entries of the same object, under the same names.
  return Object.assign(Object.create(null), Object.fromEntries(kept)) as T
}

interface Emitter {
  emit(event: string, ...args: unknown[]): boolean
  listenerCount(event: string): number
}

function isEmitter(value: unknown): value is Emitter {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<Emitter>).emit === 'function' &&
    typeof (value as Partial<Emitter>).listenerCount === 'function'
  )
}

type App = ((request: IncomingMessage, response: ServerResponse) => void) & { parent?: unknown }

function topApp(app: unknown): App | undefined {
  if (typeof app !== 'function') return undefined
  return topApp((app as App).parent) ?? (app as App)
}
