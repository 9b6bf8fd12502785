import type { RequestFraming } from '../../types/wire.ts'
import type { BodyReader } from './body-reader.ts'
import { ChunkedReader } from './chunked.ts'

/** The reader for a framing; `undefined` when there is nothing to read. */
export function bodyReader(framing: RequestFraming, maxBodySize: number): BodyReader | undefined {
  switch (framing.kind) {
    case 'none':
      return undefined
    case 'length':
      return framing.length === 0 ? undefined : new LengthReader(framing.length)
    case 'chunked':
      return new ChunkedReader(maxBodySize)
  }
}

/** Content of a length known beforehand (RFC 9112 section 6.2). */
export class LengthReader implements BodyReader {
  readonly failure: undefined
  readonly trailers: string[] = []
  received = 0
  readonly #length: number

  constructor(length: number) {
    this.#length = length
  }

  get complete(): boolean {
    return this.received === this.#length
  }

  get expected(): number {
    return this.#length - this.received
  }

  read(buffer: Buffer, position: number, parts: Buffer[]): number {
    const end = Math.min(buffer.length, position + this.expected)
    if (end > position) {
      parts.push(position === 0 && end === buffer.length ? buffer : buffer.subarray(position, end))
    }
    this.received += end - position
    return end
  }
}
