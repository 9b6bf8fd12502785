import type { RequestFailure } from '../../types/wire.ts'
import { badRequest, trailersTooLarge } from './failure.ts'
import { dropFields, scanField, takeFields } from './fields.ts'
import { framingField } from './head-fields.ts'
import { maxTrailerSize } from './limits.ts'
import { findLineEnd, INCOMPLETE, PartialLine, TOO_LONG } from './lines.ts'
import { CR, LF } from './octets.ts'

const maxTrailers = 100
const badTrailer = badRequest('Bad trailer')

/** Reads the trailer section of chunked content (RFC 9112 section 7.1.2), the empty line at its end included. */
export class TrailerReader {
  readonly fields: string[] = []
  complete = false
  failure: RequestFailure | undefined
  readonly #partial = new PartialLine()
  #size = 0

  /** Reads from `position` on and returns the position behind what was read. */
  read(buffer: Buffer, position: number): number {
    let at = position
    while (at < buffer.length && !this.complete && this.failure === undefined) {
      const scanned = Math.max(0, this.#partial.length - 1)
      const limit = maxTrailerSize - this.#size
      const feed = buffer.indexOf(LF, at)
      const room = at + limit + 1 - this.#partial.length
      const stop = Math.min(feed < 0 ? buffer.length : feed + 1, room)
      this.#partial.append(buffer, at, stop)
      at = stop
      const line = this.#partial.bytes()
      const end = findLineEnd(line, 0, scanned, line.length, limit)
      if (end !== INCOMPLETE) this.#endLine(line, end)
    }
    return at
  }

  #endLine(line: Buffer, end: number): void {
    this.#partial.clear()
    if (end === TOO_LONG) {
      this.failure = trailersTooLarge
      return
    }
    this.#size += end + 1
    // Line ends belong to the framing here: LF alone is never one, whatever `strict` says.
    if (end < 1 || line[end - 1] !== CR) {
      this.failure = badTrailer
      return
    }
    if (end === 1) this.complete = true
    else if (this.fields.length / 2 >= maxTrailers) this.failure = trailersTooLarge
    else this.#takeField(line, end - 1)
  }

  #takeField(line: Buffer, end: number): void {
    dropFields()
    if (scanField(line, 0, end) === end) {
      takeFields(line.toString('latin1', 0, end), 0, this.fields)
      const name = framingField(this.fields.at(-2) ?? '')
      if (name !== 'content-length' && name !== 'transfer-encoding') return
    }
    dropFields()
    this.failure = badTrailer
  }
}
