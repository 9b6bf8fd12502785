import { closeSync, fstatSync, openSync, statSync, write, writeSync } from 'node:fs'
import type { LogSink } from '../../types/logger.ts'
import { stderrSink } from './sink.ts'

// Lines beyond this many characters that the disk has not taken are lost, rather than all memory.
const maxPending = 16 * 1024 * 1024
// How often a rename or removal of the file is looked for, in milliseconds.
const lookInterval = 1000
// How long an exit waits for a write under way, in milliseconds.
const exitWait = 500
// Addresses of clients are nobody's business but the server's and its group's.
const mode = 0o640

/**
 * A file that lines are appended to, in their order, all of one tick in one write; the server never waits for the disk.
 * What is pending when the process exits is written then.
 *
 * The file is opened again when it was renamed or removed, as by `logrotate`: within a second, or at once by
 * {@link LogFile.reopen}. Several processes may append to one file: their lines stay whole.
 *
 * @example
 * ```ts
 * const log = new LogFile('/var/log/site/access.log')
 * const server = new HTTPServer(['', 8000], SimpleHTTPRequestHandler, { log, logFormat: 'combined' })
 * ```
 */
export class LogFile implements LogSink {
  /** Where it lies. */
  readonly path: string
  #fd: number
  #pending = ''
  /** Bytes of the write under way, and the size of the file when it is done. */
  #writing = 0
  #target = 0
  #scheduled = false
  #lost = 0
  #looked = Date.now()
  #closed = false
  readonly #waiting: (() => void)[] = []

  /**
   * Opens the file, and makes it if need be; not the directory it is in.
   *
   * @throws the system's error
   */
  constructor(path: string) {
    this.path = path
    this.#fd = openSync(path, 'a', mode)
    process.on('exit', this.#atExit)
  }

  /** Appends lines. */
  write(line: string): void {
    if (this.#closed) return
    if (this.#pending.length > maxPending) {
      this.#lost++
      return
    }
    this.#pending += line
    if (this.#scheduled || this.#writing > 0) return
    this.#scheduled = true
    setImmediate(this.#flush)
  }

  /** Opens the path anew, for one that was renamed. A path that cannot be opened leaves the old file in use. */
  reopen(): void {
    if (this.#closed) return
    let fd: number
    try {
      fd = openSync(this.path, 'a', mode)
    } catch {
      return
    }
    const old = this.#fd
    this.#fd = fd
    // A write under way has the old descriptor until it is done.
    if (this.#writing === 0) closeSync(old)
    else {
      this.#waiting.push(() => {
        closeSync(old)
      })
    }
  }

  /** Writes what is pending and closes the file. Lines written later are lost. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    process.off('exit', this.#atExit)
    if (this.#writing > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#writeAll()
    closeSync(this.#fd)
  }

  readonly #flush = (): void => {
    this.#scheduled = false
    if (this.#closed || this.#pending === '') return
    this.#look()
    const bytes = Buffer.from(this.#take())
    this.#writing = bytes.length
    this.#target = fstatSync(this.#fd).size + bytes.length
    this.#append(this.#fd, bytes)
  }

  #append(fd: number, bytes: Buffer): void {
    write(fd, bytes, (error, written) => {
      // On a full disk the lines are lost; the next ones may find room.
      const rest = error === null ? bytes.subarray(written) : nothing
      this.#writing = rest.length
      if (rest.length > 0) {
        this.#append(fd, rest)
        return
      }
      for (const done of this.#waiting.splice(0)) done()
      this.#flush()
    })
  }

  #take(): string {
    const text = this.#pending
    this.#pending = ''
    if (this.#lost > 0) stderrSink.write(`${this.path}: ${this.#lost} log lines lost\n`)
    this.#lost = 0
    return text
  }

  /** Follows a rename or removal of the file. */
  #look(): void {
    const now = Date.now()
    if (now - this.#looked < lookInterval) return
    this.#looked = now
    try {
      const there = statSync(this.path, { throwIfNoEntry: false })
      const open = fstatSync(this.#fd)
      if (there?.ino !== open.ino || there.dev !== open.dev) this.reopen()
    } catch {
      // A path that cannot be looked at is no reason to lose the file that is open.
    }
  }

  readonly #atExit = (): void => {
    this.#closed = true
    if (this.#writing > 0) awaitSize(this.#fd, this.#target)
    this.#writeAll()
  }

  #writeAll(): void {
    let rest: Uint8Array = Buffer.from(this.#take())
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(this.#fd, rest))
    } catch {
      // As when it is full: the lines are lost.
    }
  }
}

// --- Internal ---

const nothing = Buffer.alloc(0)

/**
 * Waits until the write under way has reached the file, so that what is written behind it stays behind it: at exit no
 * callback comes any more that could tell.
 */
function awaitSize(fd: number, target: number): void {
  const clock = new Int32Array(new SharedArrayBuffer(4))
  for (let waited = 0; waited < exitWait; waited++) {
    const stats = fstatSync(fd)
    if (!stats.isFile() || stats.size >= target) return
    Atomics.wait(clock, 0, 0, 1)
  }
}
