import { trimWhitespace } from '../http/token.ts'

/** A field of a script's response: name and value, latin-1. */
export type ScriptField = readonly [name: string, value: string]

/** What a script's head asks for (RFC 3875 section 6.2). */
export type ScriptHead =
  /** A document, or a redirect that the client follows: it has a status and perhaps a `Location` among its fields. */
  | {
      readonly kind: 'document'
      readonly status: number
      /** Reason phrase; `undefined` for the status's own. */
      readonly reason: string | undefined
      /** In the script's order, duplicates kept; without `Status` and fields that concern a connection. */
      readonly fields: readonly ScriptField[]
      /** The script's `Content-Length`. */
      readonly length: number | undefined
    }
  /** 103: fields to send ahead; another head follows. */
  | { readonly kind: 'hints'; readonly fields: readonly ScriptField[] }
  /** The response is that of a request for this path and query. */
  | { readonly kind: 'localRedirect'; readonly location: string }

/** What is known after some more of a script's output. */
export type HeadProgress =
  | { readonly kind: 'more' }
  | { readonly kind: 'malformed'; readonly cause: string }
  | { readonly kind: 'head'; readonly head: ScriptHead; readonly rest: Buffer }

/** How heads are read. */
export interface HeadOptions {
  /** Most octets of a head. */
  readonly maxHeaderSize: number
  /** Takes a first line like `HTTP/1.1 404 Not Found` for a `Status`, which no script but an `nph-` one should send. */
  readonly acceptStatusLine: boolean
}

const maxLineSize = 16 * 1024
const maxFields = 1000
const lineFeed = 0x0a
const more: HeadProgress = { kind: 'more' }
const nothing: Buffer = Buffer.alloc(0)

/**
 * Reads the head of a script's output as it arrives.
 *
 * Lines end in LF or CRLF, and an empty one ends the head. What is no field (RFC 3875 section 6.3 has no continuation
 * lines and no blanks before the colon) is malformed: guessing would let a script's data become fields.
 */
export class HeadParser {
  readonly #options: HeadOptions
  #bytes: Buffer = nothing
  /** How far the bytes were searched for the end of a line. */
  #searched = 0
  #size = 0
  #lines: string[] = []

  constructor(options: HeadOptions) {
    this.#options = options
  }

  /** Takes more output. Once it has returned a head, `rest` begins the content; after hints, it goes on with the next head. */
  push(chunk: Buffer): HeadProgress {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    for (;;) {
      const end = this.#bytes.indexOf(lineFeed, this.#searched)
      const size = end < 0 ? this.#bytes.length : end + 1
      if (size > maxLineSize) return malformed('a line of its head is too long')
      if (this.#size + size > this.#options.maxHeaderSize) return malformed('its head is too large')
      if (end < 0) {
        this.#searched = this.#bytes.length
        return more
      }
      const crlf = end > 0 && this.#bytes[end - 1] === 0x0d
      const line = this.#bytes.toString('latin1', 0, crlf ? end - 1 : end)
      this.#bytes = this.#bytes.subarray(end + 1)
      this.#searched = 0
      this.#size += size
      if (line === '') return this.#finish()
      if (this.#lines.length >= maxFields) return malformed('its head has too many fields')
      this.#lines.push(line)
    }
  }

  /** The output is over. @returns why there is no head */
  end(): string {
    if (this.#size === 0 && this.#bytes.length === 0) return 'it ended without any output'
    return 'its output ended before an empty line ended its head'
  }

  #finish(): HeadProgress {
    const lines = this.#lines
    const rest = this.#bytes
    this.#lines = []
    this.#bytes = nothing
    const head = readHead(lines, this.#options.acceptStatusLine)
    return typeof head === 'string' ? malformed(head) : { kind: 'head', head, rest }
  }
}

// --- Internal ---

const fieldName = /^([!#$%&'*+.^_`|~\dA-Za-z-]+):/
const control = /[\0-\x08\x0a-\x1f\x7f]/ // eslint-disable-line no-control-regex -- controls are meant
const statusValue = /^([1-9]\d\d)(?:[ \t]+(.*))?$/
const statusLine = /^HTTP\/\d\.\d ([1-9]\d\d(?: .*)?)$/

/** What concerns the connection, not the response (RFC 9110 section 7.6.1); the server alone decides on it. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

function malformed(cause: string): HeadProgress {
  return { kind: 'malformed', cause }
}

/** A piece of output for the log, which escapes control characters. */
function excerpt(text: string): string {
  return `'${text.slice(0, 80)}'`
}

/** @returns the head, or why it is malformed */
function readHead(lines: readonly string[], acceptStatusLine: boolean): ScriptHead | string {
  const fields: [string, string][] = []
  let status: string | undefined
  for (const [index, line] of lines.entries()) {
    const shown = excerpt(line)
    if (control.test(line)) return `a line of its head has a control character: ${shown}`
    const first = index === 0 && acceptStatusLine ? statusLine.exec(line)?.[1] : undefined
    if (first !== undefined) {
      status = first
      continue
    }
    const name = fieldName.exec(line)?.[1]
    if (name === undefined) return `a line of its head is no field: ${shown}`
    const value = trimWhitespace(line.slice(name.length + 1))
    if (name.toLowerCase() === 'status') status = value === '' ? status : value
    else fields.push([name, value])
  }
  if (status === undefined && fields.length === 0) return 'its head has no fields'
  return interpret(status, fields)
}

function interpret(status: string | undefined, all: readonly ScriptField[]): ScriptHead | string {
  // A field with an empty value is one that was not sent (RFC 3875 section 6.3).
  const sent = all.filter(([, value]) => value !== '')
  const location = last(sent, 'location')
  if (location !== undefined && sent.length === 1 && status === undefined && isLocal(location)) {
    return { kind: 'localRedirect', location }
  }
  const fields = endToEnd(sent)
  if (fields === undefined) return 'it sends Content-Length twice'
  if (status === undefined) return toDocument(location === undefined ? 200 : 302, undefined, fields)
  const [, code, reason] = statusValue.exec(status) ?? []
  if (code === undefined) return `its Status is no status: ${excerpt(status)}`
  if (code === '103') return { kind: 'hints', fields }
  if (code.startsWith('1')) return `it sends the status ${code}, which is not its to send`
  return toDocument(Number(code), reason === '' ? undefined : reason, fields)
}

function toDocument(
  status: number,
  reason: string | undefined,
  fields: readonly ScriptField[],
): ScriptHead | string {
  const length = last(fields, 'content-length')
  if (length === undefined) return { kind: 'document', status, reason, fields, length }
  if (!/^\d{1,15}$/.test(length)) return `its Content-Length is no length: ${excerpt(length)}`
  return { kind: 'document', status, reason, fields, length: Number(length) }
}

/** `/path`, but not `//host/path`, which a client takes for another origin. */
function isLocal(location: string): boolean {
  return /^\/(?!\/)/.test(location)
}

function last(fields: readonly ScriptField[], name: string): string | undefined {
  return fields.findLast(([field]) => field.toLowerCase() === name)?.[1]
}

/** Fields that must not come twice (RFC 3875 section 6.3): the last one counts. */
const once: ReadonlySet<string> = new Set(['content-type', 'location', 'date', 'server'])

function endToEnd(fields: readonly ScriptField[]): readonly ScriptField[] | undefined {
  const named = new Set(hopByHop)
  for (const [name, value] of fields) {
    if (name.toLowerCase() !== 'connection') continue
    for (const option of value.split(',')) named.add(option.trim().toLowerCase())
  }
  const kept = fields.filter(([name]) => !named.has(name.toLowerCase()))
  const lengths = kept.filter(([name]) => name.toLowerCase() === 'content-length')
  if (lengths.length > 1) return undefined
  return kept.filter(
    ([name], index) =>
      !once.has(name.toLowerCase()) ||
      !kept.some(([other], later) => later > index && other.toLowerCase() === name.toLowerCase()),
  )
}
