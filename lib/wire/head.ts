import type { RequestFailure, RequestHead, WireOptions } from '../../types/wire.ts'
import {
  badField,
  badSyntax,
  headTooLarge,
  lineTooLong,
  targetTooLong,
  timedOut,
  tooManyHeaders,
  unsupportedConnect,
} from './failure.ts'
import { dropField, dropFields, scanField, scannedFields, takeFields } from './fields.ts'
import { completeHead } from './head-fields.ts'
import { BARE_CR, findLineEnd, INCOMPLETE, PartialLine, TOO_LONG } from './lines.ts'
import { maxEmptyLines } from './limits.ts'
import { CR, LF, octets, TOKEN, VALUE } from './octets.ts'
import type { RequestLine } from './request-line.ts'
import { parseRequestLine } from './request-line.ts'
import { scanRequestLine } from './request-line-scan.ts'

/** Bytes that were refused, and what was known of the request by then. */
export interface Refusal {
  readonly failure: RequestFailure
  readonly requestline: string
  /** `''` unless the request line was good. */
  readonly method: string
  /** The version if it was understood: only HTTP/0.9 matters, whose answers carry no head. */
  readonly version: string | undefined
}

type Phase = 'start' | 'line' | 'fields' | 'done'

/**
 * Reads the head of a request from however many pieces it comes in; where they are cut changes nothing.
 *
 * Every verdict is given at the byte that decides it: nothing waits for the end of a head that is already wrong.
 */
export class HeadReader {
  /** The head, once it is complete. */
  head: RequestHead | undefined
  /** Why the bytes are no head, once that is certain. */
  refusal: Refusal | undefined

  readonly #options: WireOptions
  readonly #routes: boolean
  readonly #partial = new PartialLine()
  #phase: Phase = 'start'
  #empty = 0
  #afterCR = false
  #size = 0
  #line: RequestLine | undefined
  #requestline = ''
  #fields: string[] = []

  /** @param routes - whether what it reads goes to a middleware or an app: see `ConnectionHost` */
  constructor(options: WireOptions, routes = false) {
    this.#options = options
    this.#routes = routes
  }

  /** Whether a byte of a request has come, be it of an empty line before it. */
  get begun(): boolean {
    return this.#phase !== 'start' || this.#afterCR || this.#empty > 0
  }

  /**
   * Reads bytes from `position` on.
   *
   * @returns the position of the first byte that was not read: the end, unless {@link head} or {@link refusal} is set
   */
  read(buffer: Buffer, position: number): number {
    let at = position
    const end = buffer.length
    while (at < end && this.#phase !== 'done') {
      if (this.#phase === 'start') at = this.#readStart(buffer, at)
      else if (this.#partial.length > 0) at = this.#continueLine(buffer, at)
      else if (this.#phase === 'line') at = this.#readLine(buffer, at)
      else at = this.#readFields(buffer, at)
    }
    return at
  }

  /** The client has ended its side: what there is of a head is refused; `undefined` when there is nothing. */
  truncate(): Refusal | undefined {
    if (this.#phase === 'start') return undefined
    const text = this.#partial.text()
    if (this.#phase === 'fields') return this.#refuse(badField(text))
    this.#requestline = text
    return this.#refuse(badSyntax(text))
  }

  /** The head did not arrive in time. */
  expire(): Refusal {
    return this.#refuse(timedOut)
  }

  /** Empty lines before the request line, and the first byte that decides whether it can be one at all. */
  #readStart(buffer: Buffer, at: number): number {
    const octet = buffer[at] ?? 0
    if (this.#afterCR) {
      if (octet !== LF) this.#refuse(badSyntax('\r'))
      else if (++this.#empty > maxEmptyLines) this.#refuse(badSyntax(''))
      this.#afterCR = false
      return at + 1
    }
    if (octet === CR) {
      this.#afterCR = true
      return at + 1
    }
    if (octet === LF) this.#refuse(badSyntax('\n'))
    else if (canBegin(octet, this.#options.strict)) this.#phase = 'line'
    else {
      this.#requestline = String.fromCharCode(octet)
      this.#refuse(badSyntax(this.#requestline))
    }
    return at
  }

  #readLine(buffer: Buffer, at: number): number {
    const line = scanRequestLine(buffer, at, Math.min(buffer.length, at + this.#lineLimit()))
    if (line === undefined) return this.#slowLine(buffer, at)
    this.#line = line
    this.#requestline = `${line.method} ${line.target} ${line.version}`
    this.#phase = 'fields'
    const size = this.#requestline.length + 2
    this.#size = size
    return at + size
  }

  /** Reads field lines as long as they are whole and good; the first that is not leaves this path. */
  #readFields(buffer: Buffer, start: number): number {
    const { maxHeaders } = this.#options
    const end = buffer.length
    const room = maxHeaders - this.#fields.length / 2
    let at = start
    while (at + 1 < end) {
      const limit = at + Math.min(this.#options.maxLineSize, this.#headLeft(at - start))
      if (buffer[at] === CR && buffer[at + 1] === LF && at + 2 <= limit) {
        this.#takeFields(buffer, start, at)
        this.#complete()
        return at + 2
      }
      const next = scannedFields() < room ? scanField(buffer, at, end) : -1
      if (next < 0) break
      if (next + 2 > end || buffer[next] !== CR || buffer[next + 1] !== LF || next + 2 > limit) {
        dropField()
        break
      }
      at = next + 2
    }
    this.#takeFields(buffer, start, at)
    return this.#slowLine(buffer, at)
  }

  #takeFields(buffer: Buffer, start: number, at: number): void {
    takeFields(buffer.toString('latin1', start, at), start, this.#fields)
    this.#size += at - start
  }

  /** A line that is cut by the end of the buffer, or unusual, or wrong. */
  #slowLine(buffer: Buffer, at: number): number {
    const limit = this.#lineLimit()
    const end = findLineEnd(buffer, at, at, buffer.length, limit)
    if (end === INCOMPLETE) {
      this.#partial.append(buffer, at, buffer.length)
      return buffer.length
    }
    this.#endLine(buffer, at, end, buffer.length)
    return end < 0 ? buffer.length : end + 1
  }

  #continueLine(buffer: Buffer, at: number): number {
    const partial = this.#partial
    const scanned = Math.max(0, partial.length - 1)
    const limit = this.#lineLimit()
    const feed = buffer.indexOf(LF, at)
    const stop = Math.min(feed < 0 ? buffer.length : feed + 1, at + limit + 1 - partial.length)
    partial.append(buffer, at, stop)
    const line = partial.bytes()
    const end = findLineEnd(line, 0, scanned, line.length, limit)
    if (end !== INCOMPLETE) {
      this.#endLine(line, 0, end, line.length)
      partial.clear()
    }
    return stop
  }

  /** Judges a line that has come to its end, `end` being the index of its LF or why it has none. */
  #endLine(buffer: Buffer, start: number, end: number, stop: number): void {
    const inFields = this.#phase === 'fields'
    if (end === TOO_LONG) {
      this.#refuse(this.#tooLong(inFields))
      return
    }
    const bareCR = end === BARE_CR
    const crlf = !bareCR && end > start && buffer[end - 1] === CR
    const lineEnd = bareCR ? buffer.indexOf(CR, start) : crlf ? end - 1 : end
    if (bareCR || (!crlf && !this.#options.strict)) {
      const text = buffer.toString('latin1', start, Math.min(lineEnd + 1, stop))
      if (!inFields) this.#requestline = buffer.toString('latin1', start, lineEnd)
      this.#refuse(inFields ? badField(text) : badSyntax(text))
      return
    }
    this.#size += end + 1 - start
    if (inFields) this.#judgeField(buffer, start, lineEnd)
    else this.#judgeRequestLine(buffer.toString('latin1', start, lineEnd))
  }

  #judgeRequestLine(text: string): void {
    this.#requestline = text
    const line = parseRequestLine(text, this.#options.strict && !this.#routes)
    if ('failure' in line) {
      this.#refuse(line.failure, line.version)
      return
    }
    this.#line = line
    this.#phase = 'fields'
    if (line.simple) this.#complete()
  }

  #judgeField(buffer: Buffer, start: number, end: number): void {
    if (end === start) {
      this.#complete()
      return
    }
    const { maxHeaders } = this.#options
    if (this.#fields.length / 2 >= maxHeaders) {
      this.#refuse(tooManyHeaders(maxHeaders))
      return
    }
    dropFields()
    const next = scanField(buffer, start, end)
    const text = buffer.toString('latin1', start, end)
    if (next === end) takeFields(text, start, this.#fields)
    else {
      dropFields()
      this.#refuse(badField(text))
    }
  }

  #complete(): void {
    if (this.#line === undefined) return
    const head = completeHead(this.#line, this.#requestline, this.#fields, this.#options)
    if ('code' in head) this.#refuse(head)
    else if (head.method === 'CONNECT' && this.#routes) this.#refuse(unsupportedConnect)
    else this.head = head
    this.#phase = 'done'
  }

  #refuse(failure: RequestFailure, version = this.#line?.version): Refusal {
    const method = this.#line?.method ?? ''
    this.#phase = 'done'
    return (this.refusal = { failure, requestline: this.#requestline, method, version })
  }

  #tooLong(inFields: boolean): RequestFailure {
    const { maxLineSize, maxHeadSize } = this.#options
    if (!inFields) return targetTooLong
    return this.#headLeft(0) < maxLineSize ? headTooLarge(maxHeadSize) : lineTooLong(maxLineSize)
  }

  #headLeft(pending: number): number {
    return this.#options.maxHeadSize - this.#size - pending
  }

  #lineLimit(): number {
    return Math.min(this.#options.maxLineSize, this.#headLeft(0))
  }
}

// --- Internal ---

/**
 * Whether a request line may begin so. Under `strict` any text waits for the end of its line, for http.server quotes
 * all of it; what is no text (a TLS handshake, say) never does.
 */
function canBegin(octet: number, strict: boolean): boolean {
  return ((octets[octet] ?? 0) & (strict ? VALUE : TOKEN)) !== 0
}
