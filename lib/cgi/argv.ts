import { percentDecode } from './octets.ts'

const maxWords = 1024
const badEscape = /%(?![\dA-Fa-f]{2})/
// The characters that are active in the Bourne shell, which RFC 3875 section 7.2 wants escaped.
const shellActive = /[&;`'"|*?~<>^()[\]{}$\\]/g
const control = /[\0-\x1f\x7f]/ // eslint-disable-line no-control-regex -- controls are meant

/**
 * Words for a script's command line out of an "indexed" query, one without an unencoded `=`.
 *
 * It is all of them or none: a query that is not a list of words, or that holds a word which starts with `-` (a script
 * would take it for an option) or has a control character, gives none.
 *
 * @param method - only GET and HEAD give words
 * @param query - the raw query
 * @returns octets, shell-active characters escaped with a backslash; RFC 3875 sections 4.4 and 7.2
 */
export function searchWords(method: string, query: string): readonly string[] {
  if ((method !== 'GET' && method !== 'HEAD') || query === '') return []
  if (query.includes('=') || badEscape.test(query)) return []
  const words = query.split('+')
  if (words.length > maxWords) return []
  const decoded = words.map(percentDecode)
  const good = decoded.every((word) => word !== '' && !word.startsWith('-') && !control.test(word))
  return good ? decoded.map((word) => word.replace(shellActive, '\\$&')) : []
}

/**
 * The one word that CPython's http.server passes: the query as it is with `+` read as a space, `''` without a query,
 * none when it holds a `=`. The guard of {@link searchWords} holds for it, too.
 */
export function strictWords(query: string): readonly string[] {
  const word = query.replaceAll('+', ' ')
  return word.includes('=') || word.startsWith('-') || control.test(word) ? [] : [word]
}
