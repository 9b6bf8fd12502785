import { constants, type ServerHttp2Stream } from 'node:http2'
import type { WireOptions } from '../../types/wire.ts'
import { BodyPace } from '../wire/pace.ts'

// Less than this on a whole connection is no progress of an answer: it may be mere acknowledgements.
const leastProgress = 16_384

/** What a client sends and takes on one stream of HTTP/2, within the limits of HTTP/1.x. */
export class WatchedStream {
  readonly #stream: ServerHttp2Stream
  readonly #limits: WireOptions
  readonly #pace: BodyPace
  #received = 0
  #complete = false
  #waiting = 0
  #sent = 0
  #since = 0

  constructor(stream: ServerHttp2Stream, limits: WireOptions) {
    this.#stream = stream
    this.#limits = limits
    this.#pace = new BodyPace(limits)
    this.#complete = stream.endAfterHeaders
    const push = stream.push.bind(stream)
    // Node has no event for content that comes and is not read yet.
    stream.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
      if (chunk === null) this.#end()
      else if (!this.#take(chunk.length)) return false
      return push(chunk, encoding)
    }
  }

  /** Gives up on the stream if its client is too slow. */
  check(now: number, sent: number): void {
    if (this.#isBehind(now) || this.#isStalled(now, sent)) {
      this.#stream.close(constants.NGHTTP2_CANCEL)
    }
  }

  #end(): void {
    const { closed, aborted, rstCode } = this.#stream
    const broken = !this.#complete && closed && rstCode !== constants.NGHTTP2_NO_ERROR
    this.#complete = true
    // Node tells of content that breaks off only as long as the answer is under way.
    if (broken && !aborted) this.#stream.emit('aborted')
  }

  #take(length: number): boolean {
    this.#received += length
    this.#pace.note(performance.now())
    // An answer that is complete stands, whatever comes behind it.
    if (this.#received <= this.#limits.maxBodySize || this.#stream.writableEnded) return true
    this.#stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM)
    return false
  }

  /** Whether content comes too slowly. While a handler has some to read, the client is not waited for. */
  #isBehind(now: number): boolean {
    if (this.#complete) return false
    if (this.#stream.readableLength > 0) this.#pace.pause(now)
    else this.#pace.start(now)
    return this.#pace.check(now, this.#received) === 0
  }

  /** Whether the client takes nothing of the answer. */
  #isStalled(now: number, sent: number): boolean {
    const { writeTimeout } = this.#limits
    const waiting = this.#stream.writableLength
    if (writeTimeout === 0) return false
    if (waiting === 0 || waiting !== this.#waiting || sent - this.#sent >= leastProgress) {
      this.#waiting = waiting
      this.#sent = sent
      this.#since = now
    }
    return now - this.#since >= writeTimeout
  }
}
