import type { RequestFailure } from '../../types/wire.ts'

/** Takes the content of one request out of a connection's bytes. */
export interface BodyReader {
  /** Whether the last byte of the message was read. */
  readonly complete: boolean
  /** Why the bytes cannot be the content announced. */
  readonly failure: RequestFailure | undefined
  /** Bytes of content so far. */
  readonly received: number
  /** Bytes of content to come, as far as is known: at least one until {@link complete}. */
  readonly expected: number
  /** Fields behind chunked content, names and values in turn. */
  readonly trailers: string[]
  /**
   * Reads from `position` on and appends what is content to `parts`.
   *
   * @returns the position of the first byte behind the message; of no meaning once {@link failure} is set
   */
  read(buffer: Buffer, position: number, parts: Buffer[]): number
}
