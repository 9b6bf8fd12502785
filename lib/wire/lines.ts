import { CR, LF } from './octets.ts'

/** {@link findLineEnd}: the line goes on. */
export const INCOMPLETE = -1
/** {@link findLineEnd}: the line is longer than allowed, whatever follows. */
export const TOO_LONG = -2
/** {@link findLineEnd}: the line holds a CR without an LF behind it. */
export const BARE_CR = -3

/**
 * Finds the LF that ends a line.
 *
 * @param start - where the line begins
 * @param from - where to look from: bytes before were looked at already (but a CR just before it was not judged)
 * @param limit - most bytes of a line, its end included
 */
export function findLineEnd(
  buffer: Uint8Array,
  start: number,
  from: number,
  end: number,
  limit: number,
): number {
  const stop = Math.min(end, start + limit)
  for (let i = from; i < stop; i++) {
    const octet = buffer[i]
    if (octet === LF) return i
    if (octet === CR && i + 1 < stop && buffer[i + 1] !== LF) return BARE_CR
  }
  return end - start > limit ? TOO_LONG : INCOMPLETE
}

/** The beginning of a line whose end has not come yet; grows by doubling, so that a byte at a time stays cheap. */
export class PartialLine {
  length = 0
  #buffer: Buffer | undefined

  append(source: Buffer, start: number, end: number): void {
    if (start === end) return
    const length = this.length + end - start
    let buffer = this.#buffer
    if (buffer === undefined || buffer.length < length) {
      const larger = Buffer.allocUnsafe(Math.max(256, length * 2))
      buffer?.copy(larger, 0, 0, this.length)
      this.#buffer = buffer = larger
    }
    source.copy(buffer, this.length, start, end)
    this.length = length
  }

  /** The bytes so far; valid until the next change. */
  bytes(): Buffer {
    return this.#buffer?.subarray(0, this.length) ?? Buffer.alloc(0)
  }

  text(): string {
    return this.bytes().toString('latin1')
  }

  clear(): void {
    this.length = 0
    this.#buffer = undefined
  }
}
