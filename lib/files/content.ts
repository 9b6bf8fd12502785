import type { Content, OpenedFile } from '../../types/files.ts'

/** Bytes read at a time where a file is read piece by piece. */
export const CHUNK_SIZE: number = 128 * 1024

/** A file that became shorter while it was sent, so that the length announced cannot be kept. */
export class TruncatedFileError extends Error {
  readonly code = 'ERR_FILE_TRUNCATED'
  constructor() {
    super('File became shorter while it was sent')
    this.name = 'TruncatedFileError'
  }
}

/** Content that is there already. */
export class BytesContent implements Content {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get size(): number {
    return this.bytes.length
  }

  // The interface is asynchronous for the sake of files.
  // eslint-disable-next-line @typescript-eslint/require-await
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    yield this.bytes
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** Content that others are sent, too: whoever goes through it gets a copy, and may change that. */
export class SharedContent extends BytesContent {
  override async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const bytes of super[Symbol.asyncIterator]()) yield Buffer.from(bytes)
  }
}

/** A file, or one part of it, from memory if it is there. */
export function contentOf(
  file: OpenedFile,
  start: number,
  size: number,
): SharedContent | FileContent {
  const { bytes } = file
  if (bytes === undefined) return new FileContent(file, start, size)
  return new SharedContent(bytes.subarray(start, start + size))
}

/** A file, or one part of it. */
export class FileContent implements Content {
  readonly file: OpenedFile
  /** Offset of the first byte. */
  readonly start: number
  readonly size: number

  constructor(file: OpenedFile, start: number, size: number) {
    this.file = file
    this.start = start
    this.size = size
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    return readPart(this.file, this.start, this.size)
  }

  close(): Promise<void> {
    return this.file.close()
  }
}

/** Several parts of a file as `multipart/byteranges` (RFC 9110 section 14.6). */
export class MultipartContent implements Content {
  readonly size: number
  /** Goes into `Content-Type`. */
  // The global one loads its module when it is first used.
  readonly boundary: string = crypto.randomUUID()
  readonly #file: OpenedFile
  readonly #parts: readonly { head: Buffer; start: number; size: number }[]
  readonly #tail: Buffer

  /**
   * @param file - the file, which the content closes
   * @param type - the media type of each part
   * @param ranges - the parts, both ends belonging to them
   */
  constructor(
    file: OpenedFile,
    type: string,
    ranges: readonly { readonly start: number; readonly end: number }[],
  ) {
    this.#file = file
    const total = file.stats.size
    this.#parts = ranges.map(({ start, end }) => ({
      head: Buffer.from(
        `\r\n--${this.boundary}\r\nContent-Type: ${type}\r\nContent-Range: bytes ${start}-${end}/${total}\r\n\r\n`,
        'latin1',
      ),
      start,
      size: end - start + 1,
    }))
    this.#tail = Buffer.from(`\r\n--${this.boundary}--\r\n`, 'latin1')
    this.size = this.#parts.reduce(
      (sum, { head, size }) => sum + head.length + size,
      this.#tail.length,
    )
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (const { head, start, size } of this.#parts) {
      yield head
      yield* readPart(this.#file, start, size)
    }
    yield this.#tail
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

/** Content that is made while it is sent. */
export class GeneratedContent implements Content {
  readonly size = undefined
  readonly #chunks: AsyncGenerator<Uint8Array>

  constructor(chunks: AsyncGenerator<Uint8Array>) {
    this.#chunks = chunks
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    return this.#chunks
  }

  async close(): Promise<void> {
    await this.#chunks.return(undefined)
  }
}

// --- Internal ---

async function* readPart(
  file: OpenedFile,
  start: number,
  size: number,
): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < size;) {
    const chunk = await file.read(start + done, Math.min(CHUNK_SIZE, size - done))
    if (chunk.length === 0) throw new TruncatedFileError()
    done += chunk.length
    yield chunk
  }
}
