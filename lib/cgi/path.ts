import { splitTarget } from '../http/target.ts'
import { percentDecode } from './octets.ts'

/** A request's path, decoded once and with nothing left in it to resolve. */
export interface RequestPath {
  /** Its segments as octets; no empty, `.` or `..` one is among them. */
  readonly segments: readonly string[]
  /** Whether it ends in a slash, or in a dot segment, which means the same. */
  readonly slash: boolean
  /** What follows the first `?`, undecoded; `''` without one. */
  readonly query: string
}

const origin = /^https?:\/\/[^/?#]*/i

/**
 * Reads a request target the way the file handler's `translatePath` maps it, so that both mean the same file: what
 * follows `?` and `#` cut off, percent-decoded, split at slashes, dot segments resolved and stopped at the root.
 *
 * @param target - the target, or the part of it below a mount
 * @param options - `strict` takes the origin of an absolute-form target for a path, as CPython does
 * @returns `undefined` if it has a NUL, which can name nothing
 */
export function parsePath(
  target: string,
  options: { readonly strict?: boolean } = {},
): RequestPath | undefined {
  const relative = options.strict === true ? target : target.replace(origin, '')
  const { path, query = '' } = splitTarget(relative)
  const decoded = percentDecode(path.split('#', 1)[0] ?? '')
  if (decoded.includes('\0')) return undefined
  const segments: string[] = []
  let slash = false
  for (const segment of decoded.split('/')) {
    slash = segment === '' || segment === '.' || segment === '..'
    if (segment === '..') segments.pop()
    else if (!slash) segments.push(segment)
  }
  return { segments, slash, query }
}

/** The path as text again: absolute, decoded, without a slash at its end. */
export function joinPath(segments: readonly string[]): string {
  return `/${segments.join('/')}`
}

/** How a raw path stands to its one canonical form. */
export type PathSpelling =
  | { readonly kind: 'canonical' }
  /** `path` says the same with no slash doubled and no letter percent-encoded. */
  | { readonly kind: 'misspelt'; readonly path: string }
  /** It walks, or hides a separator in a segment. */
  | { readonly kind: 'refused' }

const strayPercent = /%(?![\dA-Fa-f]{2})/
/** A separator that is not a plain slash, to some. */
const hiddenSeparator = /%2f|%5c|\\/i
const dotSegment = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i
/** Escapes of characters that never need one (RFC 3986 section 2.3). */
const needlessEscape = /%(?:2[de]|3\d|4[1-9a-f]|5[\daf]|6[1-9a-f]|7[\dae])/gi

/**
 * Compares a raw path with its canonical form, all of it, PATH_INFO included: a guard mounted before the script
 * (`app.use('/git/private.git', guard)`) has seen the raw path only, so no other spelling may reach the same place.
 *
 * @param path - a path, neither decoded nor with its query
 */
export function spellingOf(path: string): PathSpelling {
  if (strayPercent.test(path) || hiddenSeparator.test(path) || dotSegment.test(path)) {
    return { kind: 'refused' }
  }
  const plain = path.replace(/\/{2,}/g, '/').replace(needlessEscape, decodeURIComponent)
  return plain === path ? { kind: 'canonical' } : { kind: 'misspelt', path: plain }
}
