import { isUtf8 } from 'node:buffer'
import { sequenceLength } from './utf8.ts'

// Paths here are strings as Python has them: a byte of a file name that is not UTF-8 stands as a lone surrogate
// U+DC80–DCFF ("surrogateescape", PEP 383), and travels in URLs as the three bytes that UTF-8 would have for it.

const asciiRun = /[\0-\x7f]+/g
const safe = /^[\w./~-]*$/
const loneSurrogate = /\p{Surrogate}/u
const loneSurrogates = /\p{Surrogate}/gu
const leftByEncodeURI = /[!'()*]|%2F/g

/**
 * Replaces `%xx` by the bytes they stand for, decoded as UTF-8. Escapes that are not hexadecimal stay as they are, as
 * do characters beyond ASCII.
 *
 * @param text - The text.
 * @param errors - For bytes that are not UTF-8: `replace` puts U+FFFD for them; `surrogatepass` lets encoded surrogates
 * pass and gives up on all else. It also gives up when two surrogates would join to one character, which Python's
 * strings keep apart and JavaScript's cannot.
 * @returns `undefined` when it gave up.
 *
 * Python: `urllib.parse.unquote`
 */
export function unquote(text: string, errors: 'replace'): string
export function unquote(text: string, errors: 'surrogatepass' | 'replace'): string | undefined
export function unquote(text: string, errors: 'surrogatepass' | 'replace'): string | undefined {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    // A stray `%` or bytes that are not UTF-8: the long way.
  }
  let result = ''
  let start = 0
  for (const run of text.matchAll(asciiRun)) {
    const decoded = decode(unquoteToBytes(run[0]), errors)
    if (decoded === undefined) return undefined
    result += text.slice(start, run.index) + decoded
    start = run.index + run[0].length
  }
  return result + text.slice(start)
}

/**
 * Writes all characters but letters, digits and `_.-~/` as the `%XX` of their UTF-8 bytes; a lone surrogate as the
 * three bytes that UTF-8 would have for it.
 *
 * Python: `urllib.parse.quote(text, safe='/', errors='surrogatepass')`
 */
export function quote(text: string): string {
  if (safe.test(text)) return text
  if (!loneSurrogate.test(text)) return quoteWellFormed(text)
  let result = ''
  let start = 0
  for (const match of text.matchAll(loneSurrogates)) {
    const code = match[0].charCodeAt(0)
    const bytes = [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]
    result += quoteWellFormed(text.slice(start, match.index))
    result += bytes.map(toPercent).join('')
    start = match.index + 1
  }
  return result + quoteWellFormed(text.slice(start))
}

/**
 * Makes of a path what `node:fs` takes: the string itself when it is well formed, its bytes when it holds
 * U+DC80–DCFF.
 *
 * Bytes given this way can spell a character that the string could also hold as itself; callers that compare names
 * see it by {@link fsDecode} not giving the same string back.
 *
 * @returns `undefined` when it holds a NUL or another surrogate, and so cannot name a file.
 *
 * Python: `os.fsencode`
 */
export function fsEncode(path: string): string | Buffer | undefined {
  if (path.includes('\0')) return undefined
  if (!loneSurrogate.test(path)) return path
  // A lone surrogate's byte takes less room than the three that UTF-8 would have for it.
  const bytes = Buffer.allocUnsafe(Buffer.byteLength(path))
  let size = 0
  let start = 0
  for (const match of path.matchAll(loneSurrogates)) {
    const code = match[0].charCodeAt(0)
    if (code < 0xdc80 || code > 0xdcff) return undefined
    size += bytes.write(path.slice(start, match.index), size)
    bytes[size++] = code & 0xff
    start = match.index + 1
  }
  size += bytes.write(path.slice(start), size)
  return bytes.subarray(0, size)
}

/**
 * Makes a string of the bytes of a file's name: UTF-8 decoded, each byte that is none as U+DC80–DCFF.
 *
 * Python: `os.fsdecode`
 */
export function fsDecode(name: Buffer): string {
  if (isUtf8(name)) return name.toString('utf8')
  let result = ''
  for (let start = 0; start < name.length;) {
    const end = wellFormedEnd(name, start, false)
    result += name.toString('utf8', start, end)
    start = end
    if (start < name.length) result += String.fromCharCode(0xdc00 | (name[start++] ?? 0))
  }
  return result
}

// --- Internal ---

function toPercent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
}

function quoteWellFormed(text: string): string {
  return encodeURIComponent(text).replace(leftByEncodeURI, (found) =>
    found === '%2F' ? '/' : toPercent(found.charCodeAt(0)),
  )
}

function unquoteToBytes(ascii: string): Buffer {
  const bytes = Buffer.from(ascii, 'latin1')
  let size = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    const escaped = byte === 0x25 ? hexByte(bytes, at + 1) : -1
    if (escaped !== -1) at += 2
    bytes[size++] = escaped === -1 ? byte : escaped
  }
  return bytes.subarray(0, size)
}

/** The byte that two hexadecimal digits stand for; -1 if they are none. */
function hexByte(bytes: Buffer, at: number): number {
  const high = hexDigit(bytes[at])
  const low = hexDigit(bytes[at + 1])
  return high === -1 || low === -1 ? -1 : (high << 4) | low
}

function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

function decode(bytes: Buffer, errors: 'surrogatepass' | 'replace'): string | undefined {
  if (errors === 'replace' || isUtf8(bytes)) return bytes.toString('utf8')
  return decodeSurrogates(bytes)
}

function decodeSurrogates(bytes: Buffer): string | undefined {
  if (wellFormedEnd(bytes, 0, true) < bytes.length) return undefined
  let result = ''
  let afterHigh = false
  for (let start = 0; start < bytes.length;) {
    const end = wellFormedEnd(bytes, start, false)
    if (end > start) afterHigh = false
    result += bytes.toString('utf8', start, end)
    start = end
    if (start === bytes.length) break
    const code = 0xd000 | (((bytes[start + 1] ?? 0) & 0x3f) << 6) | ((bytes[start + 2] ?? 0) & 0x3f)
    if (afterHigh && code >= 0xdc00) return undefined
    afterHigh = code < 0xdc00
    result += String.fromCharCode(code)
    start += 3
  }
  return result
}

/** Where the well-formed bytes from `start` on end. */
function wellFormedEnd(bytes: Buffer, start: number, surrogates: boolean): number {
  let end = start
  while (end < bytes.length) {
    const length = sequenceLength(bytes, end, surrogates)
    if (length === 0) break
    end += length
  }
  return end
}
