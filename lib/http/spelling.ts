import { pathOf, splitTarget, withoutOrigin } from './target.ts'

/**
 * How a raw path stands to its one canonical form.
 *
 * - `canonical`: it is that form;
 * - `misspelt`: `path` says the same in that form: from the root, no slash doubled and no letter percent-encoded;
 * - `refused`: it walks (`.`, `..`), hides a separator in a segment, or different readers would see different paths in
 *   it; nothing is served for it.
 */
export type Spelling =
  | { readonly kind: 'canonical' }
  | { readonly kind: 'misspelt'; readonly path: string }
  | { readonly kind: 'refused'; readonly status: 400 | 403 | 404 }

/** Paths of which every segment is plainly itself. */
const plain = /^\/(?:(?!\.{1,2}(?:\/|$))[^/%\\\0#]+(?:\/|$))*$/

/** A `%` that is no escape, and a NUL. */
const malformed = /%(?![\da-f]{2})|%00|\0/i

/** A segment that goes up, also to those who take an encoded separator or a backslash for a slash. */
const upward = /(?:^|[/\\]|%2f|%5c)(?:\.|%2e){2}(?:$|[/\\]|%2f|%5c)/i

/** A separator that is not a plain slash, to some; and a segment that stays where it is. */
const hidden = /%2f|%5c|\\|(?:^|\/)(?:\.|%2e)(?:\/|$)/i

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
  if (plain.test(path)) return { kind: 'canonical' }
  // Readers differ on what has no slash at its start, and on where a path with a `#` ends.
  if (!path.startsWith('/') || path.includes('#') || malformed.test(path)) {
    return { kind: 'refused', status: 400 }
  }
  if (upward.test(path)) return { kind: 'refused', status: 403 }
  if (hidden.test(path)) return { kind: 'refused', status: 404 }
  const canonical = path.replace(/\/{2,}/g, '/').replace(needlessEscape, decodeURIComponent)
  return canonical === path ? { kind: 'canonical' } : { kind: 'misspelt', path: canonical }
}

/** An origin that ends at the same place for every reader: a plain name or address, and a port in digits. */
const plainOrigin = /^https?:\/\/(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?(?=[/?]|$)/i

/** A path that readers of URLs neither cut nor escape. */
const plainPath = /^[\w.~!$&()*+,;=:@%[\]/\x80-\xff-]*(?<!\xa0)$/

const urlCharacters = /[\s#\ufeff]/

/** Whether a target is one that Express and Connect read as a URL, though it looks like a path. */
export function isReadAsUrl(target: string): boolean {
  return urlCharacters.test(target)
}

/**
 * Compares a request target with the canonical form of its path.
 *
 * In an absolute-form target (RFC 9112 section 3.2.2) readers end the host at different places, and routers that match
 * `req.url` as it is find no path at all: `http://h;x/admin/y` is `/admin/y` to some and `/;x/admin/y` to others. Such a
 * target is served only if its origin is one that all cut alike, and if the router before has cut it; where none is
 * known to have, it is another spelling of its path. The same holds for a fragment, which no client sends.
 *
 * @param target - the target as it was sent, or what a router has left of it
 * @param cuts - whether the router before is known to match the path of a URL
 */
export function targetSpelling(target: string, cuts: () => boolean): Spelling {
  const absolute = !target.startsWith('/')
  if (absolute && !plainOrigin.test(target)) return { kind: 'refused', status: 400 }
  const path = pathOf(withoutOrigin(target))
  if ((absolute || isReadAsUrl(target)) && !plainPath.test(path)) {
    return { kind: 'refused', status: 400 }
  }
  const spelling = spellingOf(path)
  const whole = !absolute && splitTarget(target).path === path
  if (spelling.kind !== 'canonical' || whole || cuts()) return spelling
  return { kind: 'misspelt', path }
}
