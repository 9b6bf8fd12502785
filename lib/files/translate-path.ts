import { unquote } from '../http/quote.ts'

/** What `str.rstrip()` removes from a latin-1 text. */
const trailingBlanks = /[\t-\r\x1c-\x20\x85\xa0]+$/ // eslint-disable-line no-control-regex -- it is about blanks

/** The path of a request target: what stands before the first `?` or `#`, not decoded. */
export function pathOf(target: string): string {
  const query = target.indexOf('?')
  const path = query < 0 ? target : target.slice(0, query)
  const fragment = path.indexOf('#')
  return fragment < 0 ? path : path.slice(0, fragment)
}

/** Whether a raw path ends with a slash that counts. */
export function endsWithSlash(path: string): boolean {
  return path.endsWith('/') || path.replace(trailingBlanks, '').endsWith('/')
}

/** Percent-decodes a path; bytes that are not UTF-8, nor an encoded surrogate, become U+FFFD. */
export function decodePath(path: string): string {
  return unquote(path, 'surrogatepass') ?? unquote(path, 'replace')
}

/**
 * The segments that a decoded path comes to: `.` and empty ones dropped, `..` taking the one before it with it, but
 * never more than there are.
 *
 * Python: `posixpath.normpath` and the words that `translate_path` keeps of it
 */
export function normalSegments(path: string): string[] {
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment === '..') kept.pop()
    else kept.push(segment)
  }
  return kept
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
  let path = directory
  for (const segment of normalSegments(decodePath(raw))) {
    path += path === '' || path.endsWith('/') ? segment : `/${segment}`
  }
  return endsWithSlash(raw) ? `${path}/` : path
}
