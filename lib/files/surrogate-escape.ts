import { fsEncode } from '../http/quote.ts'

const surrogate = /\p{Surrogate}/u
/** Halves of pairs, too; text of latin-1 is known not to have any at once. */
const anySurrogate = /[\ud800-\udfff]/

/** Characters that no byte stands behind: a NUL is text here, and a surrogate beyond U+DC80–DCFF is none. */
const unencodable = /[\ud800-\udc7f\udd00-\udfff]/gu

/** Whether each character is one, or stands for a byte. */
export function isEncodable(text: string): boolean {
  return text.search(unencodable) < 0
}

/**
 * Encodes a string as Python has them for a page: UTF-8, and the very bytes that were not UTF-8 in a file's name.
 *
 * Python: `str.encode('utf-8', 'surrogateescape')`, which raises for surrogates that stand for no byte; here they
 * become `?`.
 */
export function encodeText(text: string): Buffer {
  if (!anySurrogate.test(text) || !surrogate.test(text)) return Buffer.from(text)
  const parts = text.replace(unencodable, '?').split('\0')
  const bytes = parts.map((part) => Buffer.from(fsEncode(part) ?? ''))
  return Buffer.concat(bytes.flatMap((part, i) => (i === 0 ? [part] : [Buffer.of(0), part])))
}
