import type { RequestFailure } from '../../types/wire.ts'
import type { BodyReader } from './body-reader.ts'
import { ChunkLine } from './chunk-line.ts'
import { badRequest, contentTooLarge } from './failure.ts'
import { maxChunkExtensions, maxChunkLine } from './limits.ts'
import { CR, LF } from './octets.ts'
import { TrailerReader } from './trailers.ts'

// Content in more pieces than this is joined, lest a client's one-byte chunks cost an object each.
const maxPieces = 4

const badSize = badRequest('Bad chunk size')
const badData = badRequest('Bad chunk data')

type State = 'size' | 'data' | 'data CR' | 'data LF' | 'trailers'

/** Content in the chunked transfer coding (RFC 9112 section 7.1), with line ends of CRLF only. */
export class ChunkedReader implements BodyReader {
  failure: RequestFailure | undefined
  received = 0
  readonly #maxBodySize: number
  readonly #line = new ChunkLine()
  readonly #trailers = new TrailerReader()
  #state: State = 'size'
  #left = 0
  #extensions = 0

  constructor(maxBodySize: number) {
    this.#maxBodySize = maxBodySize
  }

  get complete(): boolean {
    return this.#trailers.complete
  }

  get expected(): number {
    return this.complete ? 0 : Math.max(1, this.#left)
  }

  get trailers(): string[] {
    return this.#trailers.fields
  }

  read(buffer: Buffer, position: number, parts: Buffer[]): number {
    const pieces: Buffer[] = []
    let at = position
    while (at < buffer.length && !this.complete && this.failure === undefined) {
      if (this.#state === 'data') {
        const end = Math.min(buffer.length, at + this.#left)
        pieces.push(buffer.subarray(at, end))
        this.#left -= end - at
        this.received += end - at
        at = end
        if (this.#left === 0) this.#state = 'data CR'
      } else if (this.#state === 'trailers') {
        at = this.#trailers.read(buffer, at)
        this.failure = this.#trailers.failure
      } else {
        this.#take(buffer[at++] ?? 0)
      }
    }
    if (pieces.length > maxPieces) parts.push(Buffer.concat(pieces))
    else parts.push(...pieces)
    return at
  }

  #take(octet: number): void {
    if (this.#state === 'size') this.#takeSize(octet)
    else if (octet !== (this.#state === 'data CR' ? CR : LF)) this.failure = badData
    else this.#state = this.#state === 'data CR' ? 'data LF' : 'size'
  }

  #takeSize(octet: number): void {
    const line = this.#line
    const extensions = line.extensions
    const outcome = line.take(octet)
    this.#extensions += line.extensions - extensions
    if (outcome === 'bad') this.failure = badSize
    else if (line.length > maxChunkLine || this.#extensions > maxChunkExtensions) {
      this.failure = contentTooLarge
    } else if (outcome === 'done') {
      this.#left = line.size
      this.#state = line.size === 0 ? 'trailers' : 'data'
      if (this.received + line.size > this.#maxBodySize) this.failure = contentTooLarge
      line.reset()
    }
  }
}
