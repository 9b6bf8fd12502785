import type { IncomingMessage } from 'node:http'
import { ServerResponse } from 'node:http'
import type { Exchange, ResponseHead } from '../../types/wire.ts'
import { exchangeKey } from '../http/exchange-of.ts'

type Callback = (error?: Error | null) => void

/** What a response needs of its exchange. */
export interface ResponseExchange extends Exchange {
  readonly version: string
  /** Whether the client speaks HTTP/1.1 or a later 1.x: interim responses and chunked coding are for it alone. */
  readonly http11: boolean
  /** Whether a byte of the final response was handed to the socket. */
  started: boolean
  /** A head goes out, which says of the close what is known by now; returns whether the connection may go on. */
  promise(): boolean
  /** Takes the length an application announced as the bound of its content. */
  limitContent(response: WireResponse): void
  /** Counts content about to be written; returns how much of it may go out, or -1 for none, ever. */
  countContent(length: number): number
  /** A write may be waiting for the client from now on. */
  watchWrites(): void
  /** The client knows that its content is wanted, and may be expected to send it. */
  onContinue(): void
  /** The response has handed its last byte to the system. */
  onFinish(response: WireResponse): void
}

/**
 * A `ServerResponse` of ours; see `WireRequest` for why its differences are own properties. The members with an
 * underscore are Node's private ones.
 */
export interface WireResponse extends ServerResponse {
  [exchangeKey]: ResponseExchange
  _header: string | null
  _headerSent: boolean
  _hasBody: boolean
  _last: boolean
  _contentLength: number | null
  _removedTE: boolean
  _sent100: boolean
  _expect_continue: boolean
  _closed: boolean
  _send(
    data: string | Uint8Array,
    encoding?: BufferEncoding | null,
    callback?: Callback | null,
    size?: number,
  ): boolean
  _storeHeader(firstLine: string, headers: unknown): void
}

// Node's types hide the private methods.
const node = ServerResponse.prototype as WireResponse
const obsText = /[\x80-\xff]/
const contentLengthLine = /\r\ncontent-length:[^\r\n]*/gi
const transferEncodingLine = /\r\ntransfer-encoding:[^\r\n]*/gi

/** Makes the response of an exchange; it still needs `assignSocket()`. */
export function makeResponse(exchange: ResponseExchange): WireResponse {
  // Node's types do not show the private members.
  const response = new ServerResponse<IncomingMessage>(exchange.request) as WireResponse
  response[exchangeKey] = exchange
  response._send = send
  response._storeHeader = storeHeader
  response.shouldKeepAlive = true
  response._expect_continue = exchange.head?.expectContinue ?? false
  response.useChunkedEncodingByDefault = exchange.http11
  if (exchange.http11) response.writeContinue = writeContinue
  else response.writeContinue = response.writeProcessing = response.writeEarlyHints = nothing
  response.on('finish', onFinish)
  return response
}

/** Sets a head that the caller has written itself. */
export function setHead(response: WireResponse, head: ResponseHead): void {
  // Node takes an empty head for none; with this one marked as sent, it is never written.
  response._header = head.bytes === '' ? '\r\n' : head.bytes
  response._headerSent = head.bytes === ''
  response._hasBody = head.hasBody
  response.chunkedEncoding = false
  response._last = head.hasBody && head.length === 'until-close'
}

/** Takes a response from the socket, which is needed for another; whoever holds it sees it closed. */
export function releaseResponse(response: WireResponse): void {
  if (response.socket !== null) response.detachSocket(response.socket)
  response.destroyed = true
  process.nextTick(closeResponse, response)
}

/** Drops a response and its connection; `error` tells a pipeline, which would take the close for an end. */
export function failResponse(response: WireResponse, error: Error): void {
  response.destroy(error)
  if (response.listenerCount('error') > 0) response.emit('error', error)
}

/** Emits `close` as Node does, once. */
export function closeResponse(response: WireResponse): void {
  if (response._closed) return
  response.destroyed = true
  response._closed = true
  response.emit('close')
}

let needDrain: symbol | undefined

/** Tells a response that waits for it that the socket has room again. */
export function drainResponse(response: ServerResponse): void {
  needDrain ??= Object.getOwnPropertySymbols(response).find((s) => s.description === 'kNeedDrain')
  if (needDrain === undefined || response.writableEnded) return
  // A private flag of Node's, set when write() has returned false.
  const flags = response as unknown as Record<symbol, boolean>
  if (flags[needDrain] !== true) return
  flags[needDrain] = false
  response.emit('drain')
}

// --- Internal ---

function nothing(): void {
  // An HTTP/1.0 client knows no interim responses.
}

function writeContinue(this: WireResponse, callback?: () => void): void {
  node.writeContinue.call(this, callback)
  this[exchangeKey].onContinue()
}

function onFinish(this: WireResponse): void {
  this[exchangeKey].onFinish(this)
}

/** Node's, without what would leave two readings of where the response ends (RFC 9112 section 6). */
function storeHeader(this: WireResponse, firstLine: string, headers: unknown): void {
  const exchange = this[exchangeKey]
  const { http11 } = exchange
  if (!exchange.promise()) this.shouldKeepAlive = false
  if (!http11) {
    // A length that is known lets even an HTTP/1.0 connection persist; without one it closes, never is it chunked.
    this.useChunkedEncodingByDefault = typeof this._contentLength === 'number'
    this._removedTE = true
  }
  node._storeHeader.call(this, firstLine, headers)
  let header = this._header ?? ''
  if (this.chunkedEncoding && http11) header = header.replace(contentLengthLine, '')
  if (this.statusCode === 204 || this.statusCode === 304) {
    header = header.replace(transferEncodingLine, '')
  }
  if (this.chunkedEncoding && !http11) {
    header = header.replace(transferEncodingLine, '')
    this.chunkedEncoding = false
    this._last = true
  }
  this._header = header
  if (exchange.version === 'HTTP/0.9') {
    this._headerSent = true
    this._last = true
  }
  exchange.limitContent(this)
}

/** Node's, with the content counted and the head always written as latin-1. */
function send(
  this: WireResponse,
  data: string | Uint8Array,
  encoding?: BufferEncoding | null,
  callback?: Callback | null,
  size?: number,
): boolean {
  const exchange = this[exchangeKey]
  let bytes = data
  if (!this.chunkedEncoding && bytes.length > 0) {
    const length =
      typeof bytes === 'string' ? Buffer.byteLength(bytes, encoding ?? 'utf8') : bytes.length
    const room = exchange.countContent(length)
    if (room < 0) return false
    if (room < length) bytes = toBuffer(bytes, encoding).subarray(0, room)
  }
  // With a string behind it, Node writes the head in the string's encoding: é as two bytes.
  if (!this._headerSent && typeof bytes === 'string' && obsText.test(this._header ?? '')) {
    bytes = toBuffer(bytes, encoding)
  }
  exchange.started = true
  const more = node._send.call(this, bytes, encoding, callback, size)
  exchange.watchWrites()
  return more
}

function toBuffer(
  data: string | Uint8Array,
  encoding: BufferEncoding | null | undefined,
): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data, encoding ?? 'utf8') : data
}
