import type { ServerResponse } from 'node:http'
import type { Exchange } from '../../types/wire.ts'
import type { CacheEntry, LoadedFile } from '../files/cache.ts'
import { formatHttpDate } from '../http/date.ts'
import { additive } from './response-head.ts'

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
  /** The same for Node's own response: values of one name together, where the first of them stands. */
  readonly #grouped: (string | string[])[]
  readonly #groupedDateAt: number
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
    this.#dateAt = dateAt(fields)
    this.#grouped = group(fields)
    this.#groupedDateAt = dateAt(this.#grouped)
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
    const mayAnnounce = protocol === 'HTTP/1.1' && !exchange.mayPersist
    if (bytes.length <= JOINED && !mayAnnounce) exchange.reply(noHead, this.#joined(protocol, now))
    else
      exchange.reply(
        { bytes: this.#head(protocol, now), hasBody: true, length: bytes.length },
        bytes,
      )
  }

  /** Bytes of memory it takes. */
  get weight(): number {
    const { bytes, path } = this.file
    const head = this.#fields.reduce((sum, field) => sum + field.length, 0)
    const joined = bytes.length <= JOINED ? bytes.length + head : 0
    return bytes.length + joined + head + path.length
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
      const head = this.#head(protocol, now)
      bytes = Buffer.allocUnsafeSlow(head.length + this.file.bytes.length)
      bytes.write(head, 'latin1')
      bytes.set(this.file.bytes, head.length)
    } else {
      // Not of Node's pool: what is kept would keep a piece of the pool with it.
      bytes = Buffer.allocUnsafeSlow(this.#bytes.length)
      bytes.set(this.#bytes)
      if (this.#bytesDateAt > 0) bytes.write(date, this.#bytesDateAt, 'latin1')
    }
    this.#bytesDate = date
    this.#bytes = bytes
    return bytes
  }

  /** Answers by Node's own response: its framing, and what others have set before, stay. */
  sendByNode(response: ServerResponse, now: number, shared: boolean): void {
    let fields = this.#grouped
    if (this.#groupedDateAt > 0) {
      fields = [...fields]
      fields[this.#groupedDateAt] = formatHttpDate(now)
    }
    if (shared || isObserved(response)) {
      for (let i = 0; i + 1 < fields.length; i += 2) {
        const name = String(fields[i])
        const value = fields[i + 1] ?? ''
        if (additive.has(name.toLowerCase())) response.appendHeader(name, value)
        else response.setHeader(name, value)
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

/** Where the value of `Date` stands; 0 for nowhere. */
function dateAt(fields: readonly (string | string[])[]): number {
  for (let i = 0; i < fields.length; i += 2)
    if (String(fields[i]).toLowerCase() === 'date') return i + 1
  return 0
}

/** Puts the values of a name that comes again where the first stands, as `appendHeader()` does. */
function group(fields: readonly string[]): (string | string[])[] {
  const grouped: (string | string[])[] = []
  const places = new Map<string, number>()
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] ?? ''
    const value = fields[i + 1] ?? ''
    const place = places.get(name.toLowerCase())
    if (place === undefined) places.set(name.toLowerCase(), grouped.push(name, value) - 1)
    else grouped[place] = [grouped[place] ?? '', value].flat()
  }
  return grouped
}

/** Whether others have a part in a response, or may look at it when it is sent: Node itself listens once. */
function isObserved(response: ServerResponse): boolean {
  return (
    response.listenerCount('finish') > 1 ||
    response.listenerCount('close') > 0 ||
    response.getHeaderNames().length > 0
  )
}
