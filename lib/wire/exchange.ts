import type { Socket } from 'node:net'
import type { Exchange, RequestFailure, RequestHead, ResponseHead } from '../../types/wire.ts'
import {
  abortRequest,
  discardUnread,
  endRequest,
  isConsumed,
  makeRequest,
  releaseRequest,
  type RequestExchange,
  type WireRequest,
} from './adapt-request.ts'
import {
  closeResponse,
  drainResponse,
  failResponse,
  makeResponse,
  releaseResponse,
  setHead,
  type ResponseExchange,
  type WireResponse,
} from './adapt-response.ts'
import type { BodyReader } from './body-reader.ts'
import type { Refusal } from './head.ts'
import { maxBacklog } from './limits.ts'
import { announceClose } from './persistence.ts'

const http11 = /^HTTP\/1\.[1-9]$/
const continued = /^HTTP\/1\.[0-9] 100 /

/** What an exchange needs of its connection. */
export interface ExchangeConnection {
  readonly socket: Socket
  readonly closed: boolean
  /** Whether the request under way is the last, although the client may expect to send more. */
  readonly closing: boolean
  /** Whether another request may follow the one of this exchange (RFC 9112 section 9.3). */
  mayPersist(exchange: WireExchange): boolean
  /** Writes a whole response. */
  write(head: string, content: Uint8Array | undefined): void
  /** Looks after what the client is slow to take. */
  watchWrites(): void
  /** A handler reads the content of its request. */
  wantContent(exchange: WireExchange): void
  /** Takes what has come as far as the state allows. */
  advance(): void
  /** The response of an exchange is complete. */
  finish(exchange: WireExchange, keep: boolean): void
  /** Drops the connection, whatever is under way. */
  destroy(): void
}

/**
 * One request and its answer. It ends once: by {@link reply}, by its response's `finish`, or by the connection, when
 * the client is gone or the content turns out to be wrong. What its handler does afterwards reaches nobody.
 */
export class WireExchange implements Exchange, RequestExchange, ResponseExchange {
  readonly head: RequestHead | undefined
  readonly failure: RequestFailure | undefined
  readonly requestline: string
  /** `''` where none was understood. */
  readonly method: string
  readonly version: string
  persist = true
  onReply?: (length: number) => void
  /** What reads the content; none when there is none. */
  body: BodyReader | undefined
  started = false
  /** Whether the response is complete, or will never be. */
  ended = false

  readonly #connection: ExchangeConnection
  #request: WireRequest | undefined
  #response: WireResponse | undefined
  /** Content that came before somebody asked for the request. */
  #early: Buffer[] = []
  #continued = false
  #limit = Infinity
  #strictLimit = false
  #sent = 0
  /** Whether the client was led to expect that the connection goes on, as far as the server is concerned. */
  promised = false

  /** @param received - a request's head, or what was refused */
  constructor(connection: ExchangeConnection, received: RequestHead | Refusal) {
    const refused = 'failure' in received
    this.#connection = connection
    this.head = refused ? undefined : received
    this.failure = refused ? received.failure : undefined
    this.requestline = received.requestline
    this.method = received.method
    this.version = received.version ?? 'HTTP/1.1'
  }

  get http11(): boolean {
    return this.version === 'HTTP/1.1' || http11.test(this.version)
  }

  get mayPersist(): boolean {
    if (this.ended || (this.awaitsContinue && this.body?.complete === false)) return false
    return this.#connection.mayPersist(this)
  }

  get remoteAddress(): string {
    return this.#connection.socket.remoteAddress ?? ''
  }

  get request(): WireRequest {
    return (this.#request ??= this.#makeRequest())
  }

  get response(): WireResponse {
    return (this.#response ??= this.#makeResponse())
  }

  /** Whether the client may still wait for `100 Continue` before it sends its content. */
  get awaitsContinue(): boolean {
    if (this.head?.expectContinue !== true || this.#continued) return false
    return this.#response?._sent100 !== true
  }

  sendInterim(bytes: string): void {
    if (this.ended || this.started || !this.http11) return
    if (continued.test(bytes)) {
      if (!this.awaitsContinue) return
      this.#continued = true
      if (this.#response !== undefined) this.#response._sent100 = true
    }
    this.#connection.socket.write(bytes, 'latin1')
    this.onContinue()
  }

  onContinue(): void {
    this.#connection.advance()
  }

  beginResponse(head: ResponseHead): void {
    const { response } = this
    if (this.ended) return
    if (response.headersSent) throw new Error('The response has a head already')
    setHead(response, this.#announce(head))
    if (typeof head.length === 'number' && head.hasBody) this.#limit = head.length
    this.#strictLimit = true
  }

  reply(head: ResponseHead, body?: Uint8Array): void {
    if (this.ended) return
    if (this.started || this.#response?.headersSent === true) {
      throw new Error('The response has a head already')
    }
    const content = head.hasBody ? body : undefined
    if (head.hasBody && typeof head.length === 'number' && head.length !== (body?.length ?? 0)) {
      throw new RangeError(`Content of ${body?.length ?? 0} bytes announced as ${head.length}`)
    }
    this.started = true
    this.#connection.write(this.#announce(head).bytes, content)
    this.onReply?.(content?.length ?? 0)
    if (this.#response !== undefined) releaseResponse(this.#response)
    this.#markEnded()
    const delimited = !head.hasBody || head.length !== 'until-close'
    this.#connection.finish(this, this.persist && delimited)
  }

  promise(): boolean {
    this.promised = !this.#connection.closing
    return this.mayPersist
  }

  #announce(head: ResponseHead): ResponseHead {
    this.promise()
    return this.promised ? head : announceClose(head)
  }

  onFinish(response: WireResponse): void {
    if (this.ended) return
    this.#markEnded()
    if (response.socket !== null) response.detachSocket(response.socket)
    // Others listen for `finish` too; the next request's turn comes after theirs.
    process.nextTick(settle, this, response)
  }

  /** The response's listeners have seen its end: on to the next request. */
  settle(response: WireResponse): void {
    closeResponse(response)
    const short = response._hasBody && this.#limit !== Infinity && this.#sent < this.#limit
    if (short) this.#connection.destroy()
    else this.#connection.finish(this, this.persist && !response._last)
  }

  limitContent(response: WireResponse): void {
    const length = response._contentLength
    if (response.chunkedEncoding || !response._hasBody || length === null) return
    if (Number.isSafeInteger(length) && length >= 0) this.#limit = length
    // No length at all, whatever the field says: only the connection's end can delimit the content.
    else response._last = true
  }

  countContent(length: number): number {
    if (this.ended) return -1
    const room = Math.max(0, this.#limit - this.#sent)
    this.#sent += length
    if (length <= room) return length
    if (this.#strictLimit) {
      if (this.#response !== undefined) {
        failResponse(
          this.#response,
          new RangeError(`Content exceeds the ${this.#limit} bytes announced`),
        )
      }
      return -1
    }
    // Node would write it all, and the client would take the rest for the next response.
    this.persist = false
    return room
  }

  /** The socket has room again. */
  onDrain(): void {
    if (this.#response !== undefined && !this.ended) drainResponse(this.#response)
  }

  /** A handler's `setTimeout()` on the socket has passed; returns whether anybody cared. */
  onTimeout(): boolean {
    const { socket } = this.#connection
    const request = this.#request?.complete === false && this.#request.emit('timeout', socket)
    return this.#response?.emit('timeout', socket) === true || request
  }

  watchWrites(): void {
    this.#connection.watchWrites()
  }

  wantContent(): void {
    if (this.body?.complete === false) this.#connection.wantContent(this)
  }

  /** Takes content; returns false to say that no more is wanted yet. */
  takeContent(parts: Buffer[]): boolean {
    const request = this.#request
    if (request === undefined) {
      if (!this.ended) this.#early.push(...parts)
      return this.ended || (this.body?.received ?? 0) < maxBacklog
    }
    let more = true
    if (!request._dumped && !request.destroyed) for (const part of parts) more = request.push(part)
    return more
  }

  /** All content has come. */
  endContent(): void {
    if (this.#request !== undefined && !this.#request.destroyed) {
      endRequest(this.#request, this.body?.trailers ?? [])
    }
  }

  /** Whether a handler goes on reading the content although it has answered. */
  get isConsumed(): boolean {
    return this.#request !== undefined && isConsumed(this.#request)
  }

  /** The client is gone. */
  abort(): void {
    const unfinished = !this.ended || this.body?.complete === false
    this.ended = true
    if (this.#request !== undefined && unfinished) abortRequest(this.#request)
  }

  /** The request was refused midway; another exchange answers it. */
  release(): void {
    this.ended = true
    if (this.#response !== undefined) releaseResponse(this.#response)
    if (this.#request !== undefined) releaseRequest(this.#request)
  }

  #markEnded(): void {
    this.ended = true
    this.#early = []
    if (this.#request !== undefined) discardUnread(this.#request)
  }

  #makeRequest(): WireRequest {
    const { body } = this
    const request = (this.#request = makeRequest(this.#connection.socket, this))
    for (const part of this.#early) request.push(part)
    this.#early = []
    if (body === undefined || (body.complete && !this.ended)) {
      endRequest(request, body?.trailers ?? [])
    }
    // Content that was refused, dropped or lost must not look like content that ended.
    if (this.#connection.closed) abortRequest(request)
    else if (this.ended && body !== undefined) releaseRequest(request)
    return request
  }

  #makeResponse(): WireResponse {
    const response = makeResponse(this)
    if (this.ended || this.#connection.closed) releaseResponse(response)
    else response.assignSocket(this.#connection.socket)
    return response
  }
}

// --- Internal ---

function settle(exchange: WireExchange, response: WireResponse): void {
  exchange.settle(response)
}
