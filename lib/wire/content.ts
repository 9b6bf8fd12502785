import type { WireOptions } from '../../types/wire.ts'
import type { Backlog } from './backlog.ts'
import type { BodyReader } from './body-reader.ts'
import type { WireExchange } from './exchange.ts'
import { drainTimeout, maxDrain } from './limits.ts'
import { BodyPace } from './pace.ts'

/**
 * - `more`: all right so far, though the handler may have enough for now
 * - `complete`: that was the last of it
 * - `wrong`: it is not what was announced
 * - `excess`: more is left behind the response than is worth dropping
 */
export type ContentOutcome = 'more' | 'complete' | 'wrong' | 'excess'

/**
 * The way of a request's content to its handler: no faster than the handler reads, no slower than the client may be,
 * and behind the response only so much of it and for so long (RFC 9112 section 9.3).
 */
export class ContentFlow {
  readonly body: BodyReader
  /** Whether the handler has enough for now. */
  blocked = false
  readonly #exchange: WireExchange
  readonly #pace: BodyPace
  readonly #stall: number
  #answered = false
  #dropped = 0
  /** When to give up behind the response: on content that is dropped, or on a handler that stopped reading. */
  #dropUntil: number | undefined
  #stallUntil: number | undefined

  constructor(exchange: WireExchange, body: BodyReader, options: WireOptions) {
    this.body = body
    this.#exchange = exchange
    this.#pace = new BodyPace(options)
    this.#stall = options.keepAliveTimeout > 0 ? options.keepAliveTimeout : Infinity
  }

  /** Takes content from the bytes that wait. */
  take(backlog: Backlog, piece: Buffer, now: number): ContentOutcome {
    const { body } = this
    const parts: Buffer[] = []
    const before = body.received
    backlog.position = body.read(piece, backlog.position, parts)
    this.#pace.note(now)
    if (body.failure !== undefined) return 'wrong'
    this.blocked = !this.#exchange.takeContent(parts)
    if (this.#answered && !this.#exchange.isConsumed) {
      this.#dropped += body.received - before
      if (this.#dropped > maxDrain) return 'excess'
    }
    return body.complete ? 'complete' : 'more'
  }

  /** The handler wants more; returns whether that is news. */
  unblock(): boolean {
    const { blocked } = this
    this.blocked = false
    this.#stallUntil = undefined
    return blocked
  }

  /** The response is out; returns whether the rest of the content is worth waiting for. */
  answer(): boolean {
    this.#answered = true
    this.unblock()
    if (this.#exchange.awaitsContinue) return false
    return this.body.expected <= maxDrain || this.#exchange.isConsumed
  }

  /** Milliseconds until the next look; 0 when time is up, Infinity when it does not matter. */
  check(now: number): number {
    if (this.#answered && !this.#exchange.isConsumed) {
      this.#dropUntil ??= now + drainTimeout
      return Math.max(0, this.#dropUntil - now)
    }
    const awaited = this.#exchange.awaitsContinue && this.body.received === 0
    if (this.blocked || awaited) this.#pace.pause(now)
    else this.#pace.start(now)
    if (this.#answered && this.blocked) {
      this.#stallUntil ??= now + this.#stall
      return Math.max(0, this.#stallUntil - now)
    }
    return this.#pace.check(now, this.body.received)
  }
}
