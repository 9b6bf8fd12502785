import type { Socket } from 'node:net'
import type { Exchange, RequestFailure, RequestHead, WireOptions } from '../../types/wire.ts'
import { Backlog } from './backlog.ts'
import { bodyReader } from './body.ts'
import type { Alarm } from './clock.ts'
import { Clock, monotonic } from './clock.ts'
import { WireExchange } from './exchange.ts'
import { timedOut, truncated } from './failure.ts'
import type { Refusal } from './head.ts'
import { HeadReader } from './head.ts'
import { drainTimeout, maxBacklog, maxDrain, maxLinger } from './limits.ts'
import { BodyPace } from './pace.ts'
import { listen } from './socket-events.ts'
import { WriteProgress } from './write-progress.ts'

/** What a connection hands its requests to. */
export interface ConnectionHost {
  /**
   * Called once for each request, in order, one at a time, when its head is complete, or when bytes were refused
   * (`exchange.failure`).
   */
  dispatch(exchange: Exchange): void
}

/**
 * - `head`: between requests, or within a head
 * - `busy`: a request is being answered; its content may be on its way
 * - `drain`: answered; the rest of the content is read and dropped
 * - `flush`: answered; the client has yet to take enough of the answer
 * - `linger`: closing; what comes is dropped
 * - `closed`
 */
type State = 'head' | 'busy' | 'drain' | 'flush' | 'linger' | 'closed'

/**
 * HTTP/1.x on one socket: one request at a time, each answered before the next is looked at, so that no byte of one
 * can be taken for another and answers keep their order.
 */
export class Connection implements Alarm {
  readonly socket: Socket
  readonly #host: ConnectionHost
  readonly #options: WireOptions
  readonly #clock: Clock = new Clock(this)
  readonly #reader: HeadReader
  readonly #backlog: Backlog = new Backlog()
  #state: State = 'head'
  #exchange: WireExchange | undefined
  #pace: BodyPace | undefined
  #progress: WriteProgress | undefined
  #requests = 0
  #dropped = 0
  #drained = 0
  #advancing = false
  #blocked = false
  #paused = false
  #halfClosed = false
  #closing = false

  /** Starts reading at once. The socket must have been made with `allowHalfOpen`. */
  constructor(socket: Socket, host: ConnectionHost, options: WireOptions) {
    this.socket = socket
    this.#host = host
    this.#options = options
    this.#reader = new HeadReader(options)
    this.#clock.set(options.firstByteTimeout)
    listen(socket, this)
  }

  /** Whether no request is under way. */
  get idle(): boolean {
    return this.#exchange === undefined || this.#exchange.ended
  }

  /** Takes no further request: closes at once when {@link idle}, else after the response under way. */
  close(): void {
    this.#closing = true
    if (this.idle && this.#state !== 'closed') this.#linger()
  }

  /** Drops the connection, whatever is under way. */
  destroy(): void {
    this.socket.destroy()
  }

  /** @internal */
  get closed(): boolean {
    return this.#state === 'closed'
  }

  /** @internal Whether another request may follow the one of this exchange (RFC 9112 section 9.3). */
  mayPersist({ head }: WireExchange): boolean {
    if (head === undefined || this.#closing || head.connectionClose) return false
    const { maxRequests } = this.#options
    if (maxRequests > 0 && this.#requests >= maxRequests) return false
    if (head.versionMajor !== 1) return false
    return head.versionMinor > 0 || head.connectionKeepAlive
  }

  /** @internal Writes a whole response in one go. */
  write(head: string, content: Uint8Array | undefined): void {
    const { socket } = this
    if (content === undefined || content.length === 0) {
      if (head !== '') socket.write(head, 'latin1')
    } else if (content.length <= joinable) {
      const bytes = Buffer.allocUnsafe(head.length + content.length)
      bytes.write(head, 'latin1')
      bytes.set(content, head.length)
      socket.write(bytes)
    } else {
      socket.cork()
      if (head !== '') socket.write(head, 'latin1')
      socket.write(content)
      socket.uncork()
    }
    this.watchWrites()
  }

  /** @internal Looks after what the client is slow to take. */
  watchWrites(): void {
    const { writeTimeout } = this.#options
    if (this.#clock.watching || writeTimeout === 0 || this.socket.writableLength === 0) return
    this.#progress ??= new WriteProgress(this.socket)
    this.#progress.start(monotonic())
    this.#clock.watchWrites(Math.min(1000, Math.max(1, writeTimeout / 4)))
  }

  /** @internal A handler reads the content of its request. */
  wantContent(exchange: WireExchange): void {
    if (!this.#blocked || exchange !== this.#exchange) return
    this.#blocked = false
    // Not within the handler's read(): what follows may refuse the request.
    process.nextTick(advance, this)
  }

  /** @internal The response of an exchange is complete. */
  finish(exchange: WireExchange, keep: boolean): void {
    if (exchange !== this.#exchange || this.#state === 'closed' || this.#state === 'linger') return
    const { body } = exchange
    // A handler's own limit ends with its request.
    if (this.socket.timeout) this.socket.setTimeout(0)
    if (!keep || !this.mayPersist(exchange)) this.#linger()
    else if (body === undefined || body.complete) this.#next()
    else this.#drain(exchange)
  }

  /** @internal */
  onData(chunk: Buffer): void {
    if (this.#state === 'linger' || this.#exchange?.failure !== undefined) {
      this.#drop(chunk.length)
      return
    }
    this.#backlog.put(chunk)
    this.advance()
  }

  /** @internal The client has ended its side. It still gets its answers. */
  onEnd(): void {
    this.#halfClosed = true
    this.advance()
  }

  /** @internal */
  onDrain(): void {
    if (this.#state === 'flush') this.#next()
    else this.#exchange?.onDrain()
  }

  /** @internal The last byte is written: from here on a client that stays is only seen out. */
  onFinish(): void {
    if (this.#state !== 'linger') return
    const { lingerTimeout } = this.#options
    if (lingerTimeout === 0 || this.#dropped > maxLinger) this.destroy()
    else this.#clock.set(lingerTimeout)
  }

  /** @internal */
  onTimeout(): void {
    if (this.#exchange?.onTimeout() !== true) this.destroy()
  }

  /** @internal */
  onClose(): void {
    this.#state = 'closed'
    this.#clock.stop()
    this.#backlog.clear()
    this.#exchange?.abort()
  }

  onDeadline(now: number): void {
    switch (this.#state) {
      case 'head':
        if (this.#reader.begun) this.#refuse(this.#reader.expire())
        else this.#linger()
        break
      case 'busy':
      case 'drain':
        this.#checkPace(now)
        break
      case 'linger':
        this.destroy()
        break
    }
  }

  onWriteWatch(now: number): boolean {
    if (this.socket.writableLength === 0 || this.#progress === undefined) return false
    if (this.#progress.stalledFor(now) < this.#options.writeTimeout) return true
    this.destroy()
    return false
  }

  /** @internal Takes what has come as far as the state allows. */
  advance(): void {
    if (this.#advancing) return
    this.#advancing = true
    try {
      this.#read()
    } finally {
      // A listener of the request's may have thrown.
      this.#advancing = false
    }
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
    const reader = this.#reader
    const { begun } = reader
    this.#backlog.position = reader.read(chunk, this.#backlog.position)
    if (reader.head !== undefined) this.#begin(reader.head)
    else if (reader.refusal !== undefined) this.#refuse(reader.refusal)
    else if (!begun) this.#clock.set(this.#options.headTimeout)
  }

  #begin(head: RequestHead): void {
    this.#clock.clear()
    this.#requests++
    const exchange = new WireExchange(
      this,
      head,
      undefined,
      head.requestline,
      head.method,
      head.version,
    )
    exchange.body = bodyReader(head.framing, this.#options.maxBodySize)
    this.#exchange = exchange
    this.#state = 'busy'
    this.#blocked = false
    this.#dispatch(exchange)
    if (exchange.body?.complete === false && this.#exchange === exchange && !exchange.ended) {
      this.#pace = new BodyPace(this.#options)
    }
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
    const exchange = this.#exchange
    const body = exchange?.body
    if (exchange === undefined || body === undefined || body.complete || this.#blocked) return false
    if (this.#state !== 'busy' && this.#state !== 'drain') return false
    const parts: Buffer[] = []
    const before = body.received
    this.#backlog.position = body.read(chunk, this.#backlog.position, parts)
    this.#pace?.note(monotonic())
    if (body.failure !== undefined) {
      this.#fail(body.failure)
      return false
    }
    const more = exchange.takeContent(parts)
    if (this.#state === 'drain' && !exchange.isConsumed) {
      this.#drained += body.received - before
      if (this.#drained > maxDrain) {
        this.#linger()
        return false
      }
    }
    if (body.expected === 0) this.#endContent(exchange)
    else if (!more) this.#blocked = true
    return true
  }

  #endContent(exchange: WireExchange): void {
    this.#pace = undefined
    this.#clock.clear()
    exchange.endContent()
    if (this.#state === 'drain') this.#next()
  }

  /** The response is out but not all content is in (RFC 9112 section 9.3). */
  #drain(exchange: WireExchange): void {
    const left = exchange.body?.expected ?? 0
    if (exchange.awaitsContinue || (left > maxDrain && !exchange.isConsumed)) {
      this.#linger()
      return
    }
    this.#state = 'drain'
    this.#drained = 0
    this.#blocked = false
    if (!exchange.isConsumed) this.#pace = undefined
    if (this.#pace === undefined) this.#clock.set(drainTimeout)
    if (!this.#advancing) process.nextTick(advance, this)
  }

  /** Makes ready for the next request. */
  #next(): void {
    this.#exchange = undefined
    this.#pace = undefined
    if (this.#closing) {
      this.#linger()
      return
    }
    if (this.socket.writableNeedDrain) {
      this.#state = 'flush'
      return
    }
    this.#state = 'head'
    this.#reader.reset()
    this.#clock.set(this.#options.keepAliveTimeout)
    if (!this.#advancing) this.advance()
  }

  /** No more bytes will come, and all that came were taken as far as they could be. */
  #atEnd(): void {
    if (this.#state === 'head') {
      const refusal = this.#reader.truncate()
      if (refusal === undefined) this.#linger()
      else this.#refuse(refusal)
    } else if (this.#state === 'drain') this.#linger()
    else if (this.#state === 'busy' && this.#exchange?.body?.complete === false) {
      this.#fail(truncated)
    }
  }

  /** Refuses a request whose head was good: its content is not, or too slow, or its host broke down. */
  #fail(failure: RequestFailure): void {
    const exchange = this.#exchange
    if (exchange?.head === undefined || exchange.started) {
      if (exchange?.ended === true) this.#linger()
      else this.destroy()
      return
    }
    exchange.release()
    const { requestline, method, version } = exchange
    this.#refuse({ failure, requestline, method, version })
  }

  /** Has the host answer bytes that are no request; nothing the client sent behind them counts. */
  #refuse({ failure, requestline, method, version }: Refusal): void {
    this.#clock.clear()
    this.#pace = undefined
    this.#dropped += this.#backlog.clear()
    this.#state = 'busy'
    this.#exchange = new WireExchange(
      this,
      undefined,
      failure,
      requestline,
      method,
      version ?? 'HTTP/1.1',
    )
    this.#dispatch(this.#exchange)
  }

  /** Closes so that the client can read its answer first (RFC 9112 section 9.6). */
  #linger(): void {
    if (this.#state === 'linger' || this.#state === 'closed') return
    this.#state = 'linger'
    this.#pace = undefined
    this.#clock.clear()
    this.#dropped += this.#backlog.clear()
    this.socket.end()
    if (this.socket.writableFinished) this.onFinish()
    this.watchWrites()
    this.#regulate()
  }

  #drop(size: number): void {
    this.#dropped += size
    if (this.#dropped <= maxLinger) return
    if (this.socket.writableFinished) this.destroy()
    else this.#regulate()
  }

  /** Reads from the socket or not, and times the client's content or not, as the state asks. */
  #regulate(): void {
    if (this.#state === 'closed') return
    const full = this.#backlog.size > maxBacklog || this.#dropped > maxLinger
    const pause = full || (this.#blocked && this.#backlog.current !== undefined)
    if (pause !== this.#paused) {
      this.#paused = pause
      if (pause) this.socket.pause()
      else this.socket.resume()
    }
    if (this.#pace !== undefined) this.#regulatePace(this.#pace)
  }

  #regulatePace(pace: BodyPace): void {
    const exchange = this.#exchange
    const body = exchange?.body
    if (exchange === undefined || body === undefined) return
    const now = monotonic()
    const waiting = exchange.awaitsContinue && body.received === 0
    if (this.#blocked || waiting) pace.pause(now)
    else pace.start(now)
    const wait = pace.check(now, body.received)
    if (wait !== Infinity) this.#clock.set(Math.max(1, wait))
    else if (this.#state === 'busy') this.#clock.clear()
    // Answered, and the handler has stopped reading what is left: it has as long as the next request would have.
    else if (this.#blocked) this.#clock.set(this.#options.keepAliveTimeout)
  }

  #checkPace(now: number): void {
    const exchange = this.#exchange
    if (this.#state === 'drain' && (this.#pace === undefined || this.#blocked)) this.#linger()
    if (this.#pace === undefined) return
    const wait = this.#pace.check(now, exchange?.body?.received ?? 0)
    if (wait === 0) this.#fail(timedOut)
    else if (wait !== Infinity) this.#clock.set(wait)
  }
}

// --- Internal ---

// Content up to this size is copied behind its head, which costs less than a second buffer in the system call.
const joinable = 16_384

function advance(connection: Connection): void {
  connection.advance()
}
