import { connect as connectSocket, type Socket } from 'node:net'
import { PATIENCE } from './wait.ts'

/** How a raw connection is made. */
export interface ConnectOptions {
  /** Where to connect to; `127.0.0.1` by default. */
  readonly host?: string
  /** The address to connect from; any of `127.0.0.0/8` works on Linux and tells clients apart in a log. */
  readonly localAddress?: string
  /** Milliseconds that each wait may take before it fails; {@link PATIENCE} by default. */
  readonly timeout?: number
}

/** How {@link exchange} sends and when it has enough. */
export interface ExchangeOptions extends ConnectOptions {
  /** Sends FIN after the last byte and goes on reading. */
  readonly halfClose?: boolean
  /** Ends the exchange before the server closes, as soon as this holds for what has arrived. */
  readonly until?: (received: Buffer) => boolean
}

/** One response as it stood on the wire. */
export interface RawResponse {
  readonly statusLine: string
  readonly version: string
  readonly status: number
  readonly reason: string
  /** Names and values in order, case kept. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
  /** Head and content exactly as received. */
  readonly raw: Buffer
  /** The first value of a field, its name in any case. */
  get(name: string): string | undefined
}

interface Waiter {
  /** Absent for one that waits for the end: joining what has come at every piece of it would take long. */
  readonly done: ((received: Buffer) => boolean) | undefined
  readonly resolve: (received: Buffer) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
  readonly what: string
}

/** A client connection on which every byte is the test's own. Strings are latin-1. */
export class RawConnection {
  readonly socket: Socket
  /** Whether the server reset the connection instead of closing it. */
  reset = false
  #chunks: Buffer[] = []
  #closed = false
  #waiters = new Set<Waiter>()
  readonly #timeout: number

  constructor(socket: Socket, timeout: number = PATIENCE) {
    this.socket = socket
    this.#timeout = timeout
    socket.on('data', (chunk) => {
      this.#chunks.push(chunk)
      this.#wake()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.reset ||= error.code === 'ECONNRESET' || error.code === 'EPIPE'
    })
    socket.on('close', () => {
      this.#closed = true
      this.#wake()
    })
    // the socket is half open by choice: the server's FIN does not end what this side still sends
    socket.on('end', () => {
      socket.end()
    })
  }

  /** Everything received so far. */
  get received(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0] ?? Buffer.alloc(0)
  }

  /** Whether both directions are over. */
  get closed(): boolean {
    return this.#closed
  }

  /** Writes bytes; resolves when they are handed to the kernel, also when the server is gone by then. */
  send(bytes: string | Buffer): Promise<void> {
    const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
    return new Promise((resolve) => {
      if (this.socket.writable) {
        this.socket.write(data, () => {
          resolve()
        })
      } else {
        resolve()
      }
    })
  }

  /** Writes each piece in a segment of its own. */
  async sendPieces(pieces: Iterable<string | Buffer>): Promise<void> {
    for (const piece of pieces) {
      await this.send(piece)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Sends FIN; the other direction stays open. */
  halfClose(): void {
    this.socket.end()
  }

  /** Resolves with all that was received once `done` holds for it; `what` names it in the error. */
  waitFor(done: (received: Buffer) => boolean, what: string): Promise<Buffer> {
    return this.#wait(done, what)
  }

  /** Resolves with everything received when the server has closed the connection. */
  waitForClose(what = 'the server to close the connection'): Promise<Buffer> {
    return this.#wait(undefined, what)
  }

  /** Ends the connection at once, with a reset if asked. */
  destroy(options: { reset?: boolean } = {}): void {
    if (options.reset === true) this.socket.resetAndDestroy()
    else this.socket.destroy()
  }

  #wait(done: Waiter['done'], what: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter)
        this.socket.destroy()
        reject(new Error(`no ${what} within ${this.#timeout} ms; received ${this.#describe()}`))
      }, this.#timeout)
      const waiter: Waiter = { done, resolve, reject, timer, what }
      this.#waiters.add(waiter)
      this.#wake()
    })
  }

  #wake(): void {
    for (const waiter of this.#waiters) {
      const done = waiter.done === undefined ? this.#closed : waiter.done(this.received)
      if (!done && !this.#closed) continue
      this.#waiters.delete(waiter)
      clearTimeout(waiter.timer)
      if (done) waiter.resolve(this.received)
      else waiter.reject(new Error(`closed before ${waiter.what}; received ${this.#describe()}`))
    }
  }

  #describe(): string {
    const text = this.received.toString('latin1')
    return `${text.length} bytes: ${JSON.stringify(text.slice(0, 300))}`
  }
}

/** Connects to a port; rejects when nothing listens there. */
export function connect(port: number, options: ConnectOptions = {}): Promise<RawConnection> {
  const timeout = options.timeout ?? PATIENCE
  return new Promise((resolve, reject) => {
    const socket = connectSocket({
      port,
      host: options.host ?? '127.0.0.1',
      allowHalfOpen: true,
      noDelay: true,
      ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
    })
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`no connection to port ${port} within ${timeout} ms`))
    }, timeout)
    const fail = (error: Error): void => {
      clearTimeout(timer)
      reject(error)
    }
    socket.once('error', fail)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', fail)
      resolve(new RawConnection(socket, timeout))
    })
  })
}

/**
 * Sends bytes on a connection of its own and resolves with all that comes back, at the server's close or when
 * `until` holds. An array is sent in pieces.
 */
export async function exchange(
  port: number,
  bytes: string | Buffer | readonly (string | Buffer)[],
  options: ExchangeOptions = {},
): Promise<Buffer> {
  const connection = await connect(port, options)
  try {
    // not awaited before reading: a server may answer and close while it is still being written to
    const sent =
      typeof bytes === 'string' || Buffer.isBuffer(bytes)
        ? connection.send(bytes)
        : connection.sendPieces(bytes)
    const received =
      options.until === undefined
        ? connection.waitForClose()
        : connection.waitFor(options.until, 'complete answer')
    if (options.halfClose === true) {
      await sent
      connection.halfClose()
    }
    return await received
  } finally {
    connection.destroy()
  }
}

/** A predicate for `until`: at least `count` complete responses, to these methods (`GET` where absent). */
export function responses(count: number, methods: readonly string[] = []) {
  return (received: Buffer): boolean => {
    try {
      const parsed = parseResponses(received, { methods, partial: true })
      return parsed.filter((response) => response.status >= 200).length >= count
    } catch {
      return false
    }
  }
}

/** How {@link parseResponses} reads. */
export interface ParseOptions {
  /** The methods of the requests answered, in order: a response to `HEAD` has no content. */
  readonly methods?: readonly string[]
  /** Whether a last response that has not ended is left out instead of read up to the end of the bytes. */
  readonly partial?: boolean
}

/**
 * Splits what was received into responses. Content ends by its length, its chunked coding or the end of the bytes.
 *
 * @throws Error when the bytes are not a sequence of HTTP/1.x responses.
 */
export function parseResponses(bytes: Buffer, options: ParseOptions = {}): RawResponse[] {
  const found: RawResponse[] = []
  let at = 0
  let answered = 0
  while (at < bytes.length) {
    const end = bytes.indexOf('\r\n\r\n', at)
    if (end < 0) {
      if (options.partial === true) break
      throw new Error(`no end of head in ${JSON.stringify(bytes.toString('latin1', at, at + 200))}`)
    }
    const head = parseHead(bytes.toString('latin1', at, end))
    const bodyless =
      head.status < 200 ||
      head.status === 204 ||
      head.status === 304 ||
      options.methods?.[answered] === 'HEAD'
    const content = bodyless
      ? { body: Buffer.alloc(0), end: end + 4, ended: true }
      : readContent(bytes, end + 4, head)
    if (!content.ended && options.partial === true) break
    found.push({ ...head, body: content.body, raw: bytes.subarray(at, content.end) })
    at = content.end
    if (head.status >= 200) answered++
  }
  return found
}

// --- Internal ---

type Head = Omit<RawResponse, 'body' | 'raw'>

function parseHead(text: string): Head {
  const [statusLine = '', ...lines] = text.split('\r\n')
  const match = /^(HTTP\/\d\.\d) (\d{3}) (.*)$/.exec(statusLine)
  if (match === null) throw new Error(`not a status line: ${JSON.stringify(statusLine)}`)
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    if (colon < 1) throw new Error(`not a field line: ${JSON.stringify(line)}`)
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const
  })
  return {
    statusLine,
    version: match[1] ?? '',
    status: Number(match[2]),
    reason: match[3] ?? '',
    headers,
    get: (name) =>
      headers.find(([field]) => field.toLowerCase() === name.toLowerCase())?.[1] ?? undefined,
  }
}

function readContent(
  bytes: Buffer,
  start: number,
  head: Head,
): { body: Buffer; end: number; ended: boolean } {
  if (head.get('transfer-encoding')?.toLowerCase() === 'chunked') return readChunks(bytes, start)
  const length = head.get('content-length')
  const end = length === undefined ? bytes.length : Math.min(bytes.length, start + Number(length))
  const ended = length !== undefined && end === start + Number(length)
  return { body: bytes.subarray(start, end), end, ended }
}

function readChunks(bytes: Buffer, start: number): { body: Buffer; end: number; ended: boolean } {
  const parts: Buffer[] = []
  let at = start
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return { body: Buffer.concat(parts), end: bytes.length, ended: false }
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (Number.isNaN(size)) throw new Error('not a chunk size')
    at = lineEnd + 2
    if (size === 0) {
      const end = bytes.indexOf('\r\n', at)
      return { body: Buffer.concat(parts), end: end < 0 ? bytes.length : end + 2, ended: end >= 0 }
    }
    if (at + size + 2 > bytes.length) {
      return { body: Buffer.concat(parts), end: bytes.length, ended: false }
    }
    parts.push(bytes.subarray(at, at + size))
    at += size + 2
  }
}
