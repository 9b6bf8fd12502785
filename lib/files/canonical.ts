import { fsDecode, fsEncode, unquote } from '../http/quote.ts'

/**
 * How a raw path stands to its one canonical form.
 *
 * - `canonical`: it is that form, and its decoded segments are the ones a guard mounted before it has seen;
 * - `misspelt`: `path` says the same with no slash doubled and no letter percent-encoded;
 * - `refused`: it walks (`.`, `..`), or hides a separator in a segment; nothing is served for it.
 */
export type Spelling =
  | { readonly kind: 'canonical'; readonly segments: readonly string[] }
  | { readonly kind: 'misspelt'; readonly path: string; readonly segments: readonly string[] }
  | { readonly kind: 'refused'; readonly status: 400 | 403 | 404 }

/** Paths of which every segment is plainly itself. */
const plain = /^(?:\/(?!\.{1,2}(?:\/|$))[^/%\\\0]+)*\/?$/

/** A `%` that is no escape. */
const strayPercent = /%(?![\da-f]{2})/i

/** Escapes of characters that never need one (RFC 3986 section 2.3). */
const needlessEscape = /%(?:4[1-9a-f]|5[\daf]|6[1-9a-f]|7[\dae]|3\d|2[de])/gi

/**
 * Compares a raw path with its canonical form.
 *
 * A guard such as `app.use('/admin', guard)` is matched against the raw path. A path that is not canonical has passed
 * it unseen, so it must not be served as it stands: `/admin%2fx`, `/%61dmin/x`, `//admin/x`, `/./admin/x`, `/x/../admin/x`.
 *
 * What it cannot enforce: a character that may stand both raw and escaped (`! $ & ' ( ) * + , ; = : @` and all beyond
 * ASCII) is served in both spellings, and a guard mounted on a name with one of them has to know both.
 *
 * @param path - the path of a request target, not decoded, without query
 */
export function spellingOf(path: string): Spelling {
  if (plain.test(path)) return { kind: 'canonical', segments: path.split('/').filter(Boolean) }
  // A NUL and malformed escapes come first, as in send.
  if (strayPercent.test(path)) return { kind: 'refused', status: 400 }
  const segments: string[] = []
  let status: 403 | 404 | undefined
  for (const raw of path.split('/')) {
    if (raw === '') continue
    const segment = unquote(raw, 'surrogatepass')
    if (segment === undefined || segment.includes('\0')) return { kind: 'refused', status: 400 }
    status = worse(status, refusalOf(segment))
    segments.push(segment)
  }
  if (status !== undefined) return { kind: 'refused', status }
  const canonical = path.replace(/\/{2,}/g, '/').replace(needlessEscape, decodeURIComponent)
  if (canonical !== path) return { kind: 'misspelt', path: canonical, segments }
  return { kind: 'canonical', segments }
}

/** Status for a segment that must not be served: 403 where the path goes up, as in send. */
function refusalOf(segment: string): 403 | 404 | undefined {
  if (segment === '..' || /(?:^|[\\/])\.\.(?:[\\/]|$)/.test(segment)) return 403
  if (segment === '.' || segment.includes('/') || segment.includes('\\')) return 404
  return isAlias(segment) ? 404 : undefined
}

/** Escaped bytes that spell a character which has a spelling of its own: `%ED%B3%83%ED%B2%A9` is another `%C3%A9`. */
function isAlias(segment: string): boolean {
  const bytes = fsEncode(segment)
  return bytes === undefined || (typeof bytes !== 'string' && fsDecode(bytes) !== segment)
}

function worse(a: 403 | 404 | undefined, b: 403 | 404 | undefined): 403 | 404 | undefined {
  return a === 403 || b === undefined ? a : b
}
