import { unquote } from '../http/quote.ts'
import { normalSegments, pathOf } from '../http/target.ts'
import { join } from './join.ts'

/** What `str.rstrip()` removes from a latin-1 text. */
const blank = /[\t-\r\x1c-\x20\x85\xa0]/ // eslint-disable-line no-control-regex -- it is about blanks

/** Whether a raw path ends with a slash that counts. */
export function endsWithSlash(path: string): boolean {
  // From the end: a pattern would look for the end from every blank.
  let end = path.length
  while (end > 0 && blank.test(path.charAt(end - 1))) end--
  return path.charAt(end - 1) === '/'
}

/** Percent-decodes a path; bytes that are not UTF-8, nor an encoded surrogate, become U+FFFD. */
export function decodePath(path: string): string {
  return unquote(path, 'surrogatepass') ?? unquote(path, 'replace')
}

/**
 * Maps a request target to a path below a directory. Nothing leads out of the directory.
 *
 * @param target - a request target, query and fragment ignored
 * @param directory - the root
 * @returns a string as Python has them (see `lib/http/quote.ts`); a slash at the target's end is kept
 *
 * Python: `SimpleHTTPRequestHandler.translate_path`
 */
export function translatePath(target: string, directory: string): string {
  const raw = pathOf(target)
  const below = normalSegments(decodePath(raw)).join('/')
  const path = below === '' || directory === '' ? directory + below : join(directory, below)
  return endsWithSlash(raw) ? `${path}/` : path
}
