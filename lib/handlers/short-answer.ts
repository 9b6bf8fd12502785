import type { ServerResponse } from 'node:http'
import type { Exchange } from '../../types/wire.ts'
import type { CacheEntry, LoadedFile } from '../files/cache.ts'
import { formatHttpDate } from '../http/date.ts'

/** Content up to this size goes out in one piece with its head. */
const JOINED = 16_384

/** For bytes that hold a head of their own. */
const noHead = { bytes: '', hasBody: true, length: 'self-delimited' } as const

/** A handler's answer, ready to be given again at another time. */
export class ShortAnswer implements CacheEntry {
  readonly file: LoadedFile
  used = false
  readonly #reason: string
  /** Names and values in turn. */
  readonly #fields: string[]
  /** Where the value of `Date` stands in the fields; 0 if it is the host's to write. */
  readonly #dateAt: number
  #bytes: Buffer | undefined
  #bytesDate = ''
  #bytesDateAt = 0

  /**
   * @param file - the content
   * @param reason - the reason phrase
   * @param fields - names and values in turn
   */
  constructor(file: LoadedFile, reason: string, fields: readonly string[]) {
    this.file = file
    this.#reason = reason
    this.#fields = [...fields]
    let at = 0
    for (let i = 0; i < fields.length; i += 2) if (fields[i]?.toLowerCase() === 'date') at = i + 1
    this.#dateAt = at
  }

  /**
   * Answers on the standalone server.
   *
   * @param protocol - the version of the status line
   * @param now - milliseconds since the epoch
   */
  send(exchange: Exchange, protocol: string, now: number): void {
    const { bytes } = this.file
    // A close that the client cannot foresee is announced in the head, which has to be a head then.
    const foreseen = !exchange.persist || exchange.mayPersist
    if (bytes.length <= JOINED && foreseen) exchange.reply(noHead, this.#joined(protocol, now))
    else
      exchange.reply(
        { bytes: this.#head(protocol, now), hasBody: true, length: bytes.length },
        bytes,
      )
  }

  /** Bytes of memory it takes. */
  get weight(): number {
    const { length } = this.file.bytes
    return length <= JOINED ? 2 * length : length
  }

  /**
   * The whole response of the standalone server. The same bytes serve for a second; they are never changed, for they
   * may still be on their way to a client.
   */
  #joined(protocol: string, now: number): Buffer {
    const date = formatHttpDate(now)
    if (this.#bytes !== undefined && date === this.#bytesDate) return this.#bytes
    let bytes: Buffer
    if (this.#bytes === undefined) {
      const head = Buffer.from(this.#head(protocol, now), 'latin1')
      bytes = Buffer.concat([head, this.file.bytes])
    } else {
      bytes = Buffer.from(this.#bytes)
      if (this.#bytesDateAt > 0) bytes.write(date, this.#bytesDateAt, 'latin1')
    }
    this.#bytesDate = date
    this.#bytes = bytes
    return bytes
  }

  /** Answers by Node's own response: its framing, and what others have set before, stay. */
  sendByNode(response: ServerResponse, now: number): void {
    let fields = this.#fields
    if (this.#dateAt > 0) {
      fields = [...fields]
      fields[this.#dateAt] = formatHttpDate(now)
    }
    if (isObserved(response)) {
      for (let i = 0; i + 1 < fields.length; i += 2) {
        response.setHeader(fields[i] ?? '', fields[i + 1] ?? '')
      }
      response.writeHead(200, this.#reason)
    } else {
      // Half the work, but fields given so cannot be asked for afterwards.
      response.writeHead(200, this.#reason, fields)
    }
    response.end(this.file.bytes)
  }

  #head(protocol: string, now: number): string {
    const fields = this.#fields
    let head = `${protocol} 200 ${this.#reason}\r\n`
    for (let i = 0; i + 1 < fields.length; i += 2) {
      const isDate = i + 1 === this.#dateAt
      if (isDate) this.#bytesDateAt = head.length + 'Date: '.length
      const value = isDate ? formatHttpDate(now) : (fields[i + 1] ?? '')
      head += `${fields[i] ?? ''}: ${value}\r\n`
    }
    return `${head}\r\n`
  }
}

// --- Internal ---

/** Whether others have a part in a response, or may look at it when it is sent: Node itself listens once. */
function isObserved(response: ServerResponse): boolean {
  return (
    response.listenerCount('finish') > 1 ||
    response.listenerCount('close') > 0 ||
    response.getHeaderNames().length > 0
  )
}
