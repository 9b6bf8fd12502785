import { isUtf8 } from 'node:buffer'

// Everything a script is given is octets: header fields, decoded paths, names of files. This layer keeps them as
// text with one latin-1 character an octet, as Node's `rawHeaders` and `url` have them, and turns them into ordinary
// text in one place, where a process is started.

const percentByte = /%([\dA-Fa-f]{2})/g
const beyondLatin1 = /[^\0-\xff]/
const nonAscii = /[^\0-\x7f]/

/** The UTF-8 octets of ordinary text. */
export function toOctets(text: string): string {
  return nonAscii.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text
}

/** Octets as ordinary text; `undefined` when they are not UTF-8. */
export function toText(octets: string): string | undefined {
  if (!nonAscii.test(octets)) return octets
  const bytes = Buffer.from(octets, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined
}

/**
 * Replaces each `%XX` by its octet, once. What is not hexadecimal stays; characters beyond latin-1, which no parser of
 * HTTP delivers, become their UTF-8 octets.
 */
export function percentDecode(text: string): string {
  const raw = beyondLatin1.test(text) ? toOctets(text) : text
  if (!raw.includes('%')) return raw
  return raw.replace(percentByte, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
}
