import type { Socket } from 'node:net'
import type { Exchange, RequestFailure, RequestHead, WireOptions } from '../../types/wire.ts'
import { Backlog } from './backlog.ts'
import { bodyReader } from './body.ts'
import { Clock, monotonic, type Alarm } from './clock.ts'
import { ContentFlow } from './content.ts'
import { WireExchange, type ExchangeConnection } from './exchange.ts'
import { timedOut, truncated } from './failure.ts'
import { HeadReader, type Refusal } from './head.ts'
import { lastCallTimeout, maxBacklog, maxLinger } from './limits.ts'
import { isLast, wantsMore } from './persistence.ts'
import { listen, type SocketEvents } from './socket-events.ts'
import { writeWhole } from './write.ts'
import { WriteProgress } from './write-progress.ts'

/** What a connection hands its requests to. */
export interface ConnectionHost {
  /**
   * Called once for each request, in order, one at a time, when its head is complete, or when bytes were refused
   * (`exchange.failure`). Should it throw, the request is refused with 500, or the connection dropped.
   */
  dispatch(exchange: Exchange): void
  /**
   * Whether it finds its way by the target, as a middleware or an app does. Then even under `strict` no target without a
   * leading slash is handed to it, for `GET private/x` would pass by what guards `/private`; nor is CONNECT.
   *
   * @defaultValue `false`
   */
  readonly routes?: boolean
  /**
   * Called once for a request that is being answered when its client has ended its half of the connection: it has gone,
   * or it only sends no more.
   */
  depart?(exchange: Exchange): void
}

/**
 * - `head`: between requests, or within a head
 * - `busy`: a request is being answered; its content may be on its way
 * - `drain`: answered; the rest of the content is on its way
 * - `flush`: answered; the client has yet to take enough of the answer
 * - `linger`: closing; what comes is dropped
 * - `closed`
 */
type State = 'head' | 'busy' | 'drain' | 'flush' | 'linger' | 'closed'

/**
 * HTTP/1.x on one socket: one request at a time, each answered before the next is looked at, so that no byte of one
 * can be taken for another and answers keep their order.
 */
export class Connection implements ExchangeConnection, SocketEvents, Alarm {
  /** The `net.Socket` or `tls.TLSSocket`. */
  readonly socket: Socket
  readonly #host: ConnectionHost
  readonly #options: WireOptions
  readonly #clock: Clock
  /** Reads a head that has begun; an idle connection needs none. */
  #reader: HeadReader | undefined
  readonly #backlog: Backlog = new Backlog()
  #state: State = 'head'
  #exchange: WireExchange | undefined
  #content: ContentFlow | undefined
  #progress: WriteProgress | undefined
  #requests = 0
  /** Bytes thrown away since the last request. */
  #dropped = 0
  #advancing = false
  #paused = false
  #halfClosed = false
  #closing = false
  /** One request more is taken, for its client was not told of the close. */
  #lastCall = false

  /** Starts reading at once. The socket must have been made with `allowHalfOpen`. */
  constructor(socket: Socket, host: ConnectionHost, options: WireOptions) {
    this.socket = socket
    this.#host = host
    this.#options = options
    this.#clock = new Clock(this)
    this.#clock.set(options.firstByteTimeout)
    listen(socket, this)
  }

  /** Whether no request is under way. */
  get idle(): boolean {
    return this.#exchange === undefined || this.#exchange.ended
  }

  /** Takes at most one request more: the one under way or, when {@link idle}, one that may be on its way already. */
  retire(): void {
    this.#closing = true
  }

  /** Takes no further request: closes at once when {@link idle}, else after the response under way. */
  close(): void {
    this.#closing = true
    if (this.idle) this.#linger()
  }

  /** Drops the connection, whatever is under way. */
  destroy(): void {
    // 'close' comes a turn later; nothing is read until then.
    this.#stopReading()
    this.socket.destroy()
  }

  // --- For the exchange ---

  get closed(): boolean {
    return this.#state === 'closed'
  }

  get closing(): boolean {
    const { maxRequests } = this.#options
    return this.#closing || (maxRequests > 0 && this.#requests >= maxRequests)
  }

  mayPersist(exchange: WireExchange): boolean {
    return !this.closing && wantsMore(exchange.head)
  }

  write(head: string, content: Uint8Array | undefined): void {
    writeWhole(this.socket, head, content)
    this.watchWrites()
  }

  watchWrites(): void {
    const { writeTimeout } = this.#options
    if (this.#clock.watching || writeTimeout === 0 || this.socket.writableLength === 0) return
    if (this.socket.writableCorked > 0) {
      // Not written yet; most often all of it is in a moment.
      process.nextTick(watchWrites, this)
      return
    }
    this.#progress ??= new WriteProgress(this.socket)
    this.#progress.start(monotonic())
    this.#clock.watchWrites(Math.min(1000, Math.max(1, writeTimeout / 4)))
  }

  wantContent(exchange: WireExchange): void {
    if (exchange !== this.#exchange || this.#content?.unblock() !== true) return
    // Not within the handler's read(): what follows may refuse the request.
    process.nextTick(advance, this)
  }

  finish(exchange: WireExchange, keep: boolean): void {
    if (exchange !== this.#exchange || this.#state !== 'busy') return
    // A handler's own limit ends with its request.
    if (this.socket.timeout) this.socket.setTimeout(0)
    // A client that was not told of the close may have sent its next request already.
    this.#lastCall = this.#closing && exchange.promised
    if (!keep || !wantsMore(exchange.head) || (this.closing && !this.#lastCall))
      this.#leave(exchange)
    else if (this.#content === undefined) this.#next()
    else if (!this.#content.answer()) this.#linger()
    else {
      this.#state = 'drain'
      if (!this.#advancing) process.nextTick(advance, this)
    }
  }

  // --- For the socket's events ---

  onData(chunk: Buffer): void {
    if (this.#state === 'linger' || this.#exchange?.failure !== undefined) {
      this.#drop(chunk.length)
      return
    }
    this.#backlog.put(chunk)
    this.advance()
  }

  /** The client has ended its side. It still gets its answers. */
  onEnd(): void {
    this.#halfClosed = true
    this.#depart()
    this.advance()
  }

  onDrain(): void {
    if (this.#state === 'flush') this.#next()
    else this.#exchange?.onDrain()
  }

  /** The last byte is written: from here on a client that stays is only seen out. */
  onFinish(): void {
    if (this.#state !== 'linger') return
    const { lingerTimeout } = this.#options
    if (lingerTimeout === 0 || this.#dropped > maxLinger) this.destroy()
    else this.#clock.set(lingerTimeout)
  }

  onTimeout(): void {
    if (this.#exchange?.onTimeout() !== true) this.destroy()
  }

  onClose(): void {
    this.#state = 'closed'
    this.#clock.stop()
    this.#backlog.clear()
    this.#exchange?.abort()
  }

  // --- For the clock ---

  onDeadline(now: number): void {
    if (this.#state === 'head') {
      if (this.#reader?.begun === true) this.#refuse(this.#reader.expire())
      else this.#linger()
    } else if (this.#state === 'linger') {
      this.destroy()
    } else if (this.#content !== undefined) {
      const wait = this.#content.check(now)
      if (wait === 0) this.#fail(timedOut)
      else if (wait !== Infinity) this.#clock.set(wait)
    }
  }

  onWriteWatch(now: number): boolean {
    if (this.socket.writableLength === 0 || this.#progress === undefined) return false
    if (this.#progress.stalledFor(now) < this.#options.writeTimeout) return true
    this.destroy()
    return false
  }

  // --- Reading ---

  advance(): void {
    if (this.#advancing) return
    this.#advancing = true
    try {
      this.#read()
    } finally {
      // A listener of the request's may have thrown.
      this.#advancing = false
    }
    if (this.socket.destroyed) return
    if (this.#halfClosed && this.#backlog.current === undefined) this.#atEnd()
    this.#regulate()
  }

  #read(): void {
    for (let more = true; more;) {
      const chunk = this.#backlog.current
      if (chunk === undefined) return
      if (this.#state === 'head') this.#readHead(chunk)
      else more = this.#readContent(chunk)
    }
  }

  #readHead(chunk: Buffer): void {
    const reader = (this.#reader ??= new HeadReader(this.#options, this.#host.routes))
    const { begun } = reader
    this.#backlog.position = reader.read(chunk, this.#backlog.position)
    if (reader.head !== undefined) this.#begin(reader.head)
    else if (reader.refusal !== undefined) this.#refuse(reader.refusal)
    else if (!begun) this.#clock.set(this.#options.headTimeout)
  }

  #begin(head: RequestHead): void {
    this.#clock.clear()
    this.#requests++
    const exchange = new WireExchange(this, head)
    const body = (exchange.body = bodyReader(head.framing, this.#options.maxBodySize))
    this.#content = body === undefined ? undefined : new ContentFlow(exchange, body, this.#options)
    this.#exchange = exchange
    this.#state = 'busy'
    this.#dispatch(exchange)
    if (this.#halfClosed) this.#depart()
  }

  #depart(): void {
    const exchange = this.#exchange
    if (this.#state === 'busy' && exchange?.ended === false) this.#host.depart?.(exchange)
  }

  #dispatch(exchange: WireExchange): void {
    try {
      this.#host.dispatch(exchange)
    } catch {
      // The host answers its handlers' errors; that it throws itself is the last resort's case.
      if (exchange.failure === undefined && !exchange.ended) this.#fail({ code: 500 })
      else this.destroy()
    }
  }

  /** Reads content; returns whether to go on with what has come. */
  #readContent(chunk: Buffer): boolean {
    const content = this.#content
    if (content === undefined || content.blocked) return false
    if (this.#state !== 'busy' && this.#state !== 'drain') return false
    const outcome = content.take(this.#backlog, chunk, monotonic())
    if (outcome === 'complete') this.#endContent()
    else if (outcome === 'excess') this.#linger()
    else if (outcome === 'wrong' && content.body.failure !== undefined) {
      this.#fail(content.body.failure)
    }
    return true
  }

  #endContent(): void {
    this.#content = undefined
    this.#clock.clear()
    this.#exchange?.endContent()
    if (this.#state === 'drain') this.#next()
  }

  /** Makes ready for the next request. */
  #next(): void {
    this.#exchange = undefined
    if (this.#closing && !this.#lastCall) {
      this.#linger()
      return
    }
    if (this.socket.writableNeedDrain) {
      this.#state = 'flush'
      return
    }
    this.#state = 'head'
    this.#reader = undefined
    this.#clock.set(this.#lastCall ? lastCallTimeout : this.#options.keepAliveTimeout)
    this.advance()
  }

  /** No more bytes will come, and all that came were taken as far as they could be. */
  #atEnd(): void {
    if (this.#state === 'head') {
      const refusal = this.#reader?.truncate()
      if (refusal === undefined) this.#linger()
      else this.#refuse(refusal)
    } else if (this.#content !== undefined) this.#fail(truncated)
  }

  /** Reads from the socket or not, and times the client's content or not, as the state asks. */
  #regulate(): void {
    if (this.#state === 'closed') return
    const content = this.#content
    const full = this.#backlog.size > maxBacklog || this.#dropped > maxLinger
    const pause = full || (content?.blocked === true && this.#backlog.current !== undefined)
    if (pause !== this.#paused) {
      this.#paused = pause
      if (pause) this.socket.pause()
      else this.socket.resume()
    }
    if (content === undefined) return
    const wait = content.check(monotonic())
    if (wait === Infinity) this.#clock.clear()
    else this.#clock.set(Math.max(1, wait))
  }

  // --- Refusing and closing ---

  /** Closes after an answer: at once if it is written and nothing can come behind the request. */
  #leave({ head }: WireExchange): void {
    const last = isLast(head) && this.#backlog.size === 0
    // TLS has a farewell of its own to send.
    if (last && this.socket.writableLength === 0 && !('encrypted' in this.socket)) this.destroy()
    else this.#linger()
  }

  /** Refuses a request whose head was good: its content is not, or too slow, or its host broke down. */
  #fail(failure: RequestFailure): void {
    const exchange = this.#exchange
    if (exchange === undefined || exchange.ended) this.#linger()
    else if (exchange.started || exchange.failure !== undefined) this.destroy()
    else {
      exchange.release()
      const { requestline, method, version } = exchange
      this.#refuse({ failure, requestline, method, version })
    }
  }

  /** Has the host answer bytes that are no request; nothing the client sent behind them counts. */
  #refuse(refusal: Refusal): void {
    this.#stopReading()
    this.#state = 'busy'
    this.#exchange = new WireExchange(this, refusal)
    this.#dispatch(this.#exchange)
  }

  /** Closes so that the client can read its answer first (RFC 9112 section 9.6). */
  #linger(): void {
    if (this.#state === 'linger' || this.#state === 'closed') return
    this.#stopReading()
    this.#state = 'linger'
    this.socket.end()
    if (this.socket.writableFinished) this.onFinish()
    this.watchWrites()
    this.#regulate()
  }

  #stopReading(): void {
    this.#clock.clear()
    this.#content = undefined
    this.#dropped += this.#backlog.clear()
  }

  #drop(size: number): void {
    this.#dropped += size
    if (this.#dropped <= maxLinger) return
    if (this.socket.writableFinished) this.destroy()
    else this.#regulate()
  }
}

// --- Internal ---

function watchWrites(connection: Connection): void {
  connection.watchWrites()
}

function advance(connection: Connection): void {
  connection.advance()
}
