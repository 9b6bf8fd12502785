import fs from 'node:fs'
import { OutgoingMessage, ServerResponse } from 'node:http'
import { CHUNK_SIZE, TruncatedFileError } from './content.ts'
import { close } from './fs.ts'
import { inLane } from './lanes.ts'

/** Bytes read at a time from a large file: the system's calls cost less, a piece at a time. */
const LARGE_CHUNK = 1024 * 1024

/** Transfers that read so much at a time; more of them, perhaps to clients that take nothing, take less memory each. */
const MOST_LARGE = 16

/** A part of an open file, which the pump closes. */
export interface FilePart {
  readonly path: string
  readonly fd: number
  /** Offset of the first byte. */
  readonly start: number
  readonly size: number
}

/**
 * Whether a response writes what it is given as it is, and says when it is done with it. One that middleware has put
 * something between, or one of HTTP/2, may keep the bytes for later.
 */
export function writesThrough(response: ServerResponse): boolean {
  // Compared, not called.
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const { write } = response
  return response instanceof OutgoingMessage && write === nodesWrite
}

/**
 * Copies a part of a file to a response through two buffers that serve again and again: one is filled while the other
 * is written. The response is left open.
 *
 * @throws TruncatedFileError if the file ends before its part does
 */
export function pump(part: FilePart, response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    new Pump(part, response, (error) => {
      if (error === undefined) resolve()
      else reject(error)
    }).start()
  })
}

// --- Internal ---

// Compared, not called.
// eslint-disable-next-line @typescript-eslint/unbound-method
const nodesWrite: unknown = ServerResponse.prototype.write

let large = 0

type Settle = (error: Error | undefined) => void

class Pump {
  readonly #path: string
  readonly #fd: number
  readonly #response: ServerResponse
  readonly #settle: Settle
  readonly #isLarge: boolean
  readonly #free: Buffer[]
  #position: number
  readonly #end: number
  #reading = false
  #writing = 0
  #over = false
  #error: Error | undefined

  constructor({ path, fd, start, size }: FilePart, response: ServerResponse, settle: Settle) {
    this.#path = path
    this.#fd = fd
    this.#response = response
    this.#settle = settle
    this.#position = start
    this.#end = start + size
    this.#isLarge = size > 2 * LARGE_CHUNK && large < MOST_LARGE
    if (this.#isLarge) large++
    const chunk = Math.min(size, this.#isLarge ? LARGE_CHUNK : CHUNK_SIZE)
    this.#free = [Buffer.allocUnsafeSlow(chunk)]
    if (chunk < size) this.#free.push(Buffer.allocUnsafeSlow(chunk))
  }

  start(): void {
    this.#response.once('close', this.#onClose)
    if (this.#response.destroyed) this.#finish()
    else this.#fill()
  }

  readonly #onClose = (): void => {
    this.#finish()
  }

  /** Reads into a buffer that is free, one at a time. */
  #fill(): void {
    const left = this.#end - this.#position
    if (this.#over || this.#reading || left === 0) return
    const buffer = this.#free.pop()
    if (buffer === undefined) return
    this.#reading = true
    const length = Math.min(buffer.length, left)
    inLane('read', this.#path, (done) => {
      fs.read(this.#fd, buffer, 0, length, this.#position, (error, count) => {
        done()
        this.#reading = false
        if (this.#over) void this.#close()
        else if (error !== null) this.#finish(error)
        else if (count === 0) this.#finish(new TruncatedFileError())
        else this.#write(buffer, count)
      })
    })
  }

  #write(buffer: Buffer, count: number): void {
    this.#position += count
    this.#writing++
    const bytes = count === buffer.length ? buffer : buffer.subarray(0, count)
    this.#response.write(bytes, (error) => {
      this.#writing--
      this.#free.push(buffer)
      if (this.#over) return
      // The connection's end, of which the response tells in its own time.
      if (error) this.#finish()
      else if (this.#position === this.#end && this.#writing === 0) this.#finish()
      else this.#fill()
    })
    this.#fill()
  }

  #finish(error?: Error): void {
    if (this.#over) return
    this.#over = true
    this.#error = error
    this.#response.off('close', this.#onClose)
    if (this.#isLarge) large--
    // A descriptor that is closed during a read may be another file's by the time it is read.
    if (!this.#reading) void this.#close()
  }

  async #close(): Promise<void> {
    await close(this.#fd).catch(() => undefined)
    this.#settle(this.#error)
  }
}
