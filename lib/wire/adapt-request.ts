import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { RequestHead } from '../../types/wire.ts'

const exchangeOfRequest: unique symbol = Symbol('exchange')
const released: unique symbol = Symbol('released')

/** What a request needs of its exchange. */
export interface RequestExchange {
  readonly head: RequestHead | undefined
  readonly method: string
  readonly version: string
  /** Somebody reads the request. */
  wantContent(): void
}

/**
 * An `IncomingMessage` of ours. What differs from Node's are own properties of the instance, for Express gives
 * requests another prototype. The members with an underscore are Node's private ones; light-my-request and others
 * rely on them as well.
 */
export interface WireRequest extends IncomingMessage {
  [exchangeOfRequest]: RequestExchange
  [released]: boolean
  /** Whether somebody has begun to read. */
  _consuming: boolean
  /** Whether content is thrown away. */
  _dumped: boolean
  readonly _readableState: { readingMore: boolean; resumeScheduled: boolean }
  _dump(): void
  _addHeaderLines(lines: string[], count: number): void
  _destroy(error: Error | null, callback: (error?: Error | null) => void): void
}

/** Makes the request of an exchange; its content follows by {@link endRequest} and `push()`. */
export function makeRequest(socket: Socket, exchange: RequestExchange): WireRequest {
  // Node's types do not show the private members.
  const request = new IncomingMessage(socket) as WireRequest
  const { head } = exchange
  request.method = exchange.method
  request.url = head?.target ?? ''
  request.httpVersion = exchange.version.slice('HTTP/'.length)
  request.httpVersionMajor = Number(request.httpVersion.charAt(0))
  request.httpVersionMinor = Number(request.httpVersion.charAt(2))
  // A copy, for middleware may change it and the head is the connection's.
  const fields = head?.rawHeaders.slice() ?? []
  request._addHeaderLines(fields, fields.length)
  request[exchangeOfRequest] = exchange
  request[released] = false
  request._read = readRequest
  request._destroy = destroyRequest
  return request
}

/** Marks the content as complete. */
export function endRequest(request: WireRequest, trailers: string[]): void {
  // In this order: push(null) on a message that is not complete counts as an abort.
  request.complete = true
  request._addHeaderLines(trailers, trailers.length)
  request.push(null)
}

/** After the response: content that nobody has begun to read is thrown away. */
export function discardUnread(request: WireRequest): void {
  if (!request._consuming && !request._readableState.resumeScheduled) request._dump()
}

/** Whether a handler is taking the content, rather than letting it run out. */
export function isConsumed(request: WireRequest): boolean {
  if (request._dumped || request.destroyed) return false
  return request.listenerCount('data') > 0 || request.listenerCount('readable') > 0
}

/** Ends a request whose client is gone: `aborted`, `error` if listened to, `close`. */
export function abortRequest(request: WireRequest): void {
  const error = Object.assign(new Error('aborted'), { code: 'ECONNRESET' })
  request.destroy(error)
}

/** The same for a request that was refused midway: the connection stays, for the answer has yet to go out. */
export function releaseRequest(request: WireRequest): void {
  request[released] = true
  abortRequest(request)
}

// --- Internal ---

function readRequest(this: WireRequest): void {
  if (!this._consuming) {
    this._readableState.readingMore = false
    this._consuming = true
  }
  this[exchangeOfRequest].wantContent()
}

function destroyRequest(
  this: WireRequest,
  error: Error | null,
  callback: (error?: Error | null) => void,
): void {
  if (!this[released]) {
    // Node's types hide that IncomingMessage has a _destroy of its own.
    ;(IncomingMessage.prototype as WireRequest)._destroy.call(this, error, callback)
    return
  }
  if (!this.readableEnded || !this.complete) {
    // Deprecated, but middleware reads it, and Node still sets it.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    this.aborted = true
    this.emit('aborted')
  }
  process.nextTick(endDestroy, this, error, callback)
}

/** An error is for those who listen, as Node has it for requests. */
function endDestroy(
  request: WireRequest,
  error: Error | null,
  callback: (error?: Error | null) => void,
): void {
  callback(request.listenerCount('error') > 0 ? error : null)
}
