/** A request target taken apart, nothing decoded. */
export interface SplitTarget {
  /** What stands before the first `?`. */
  readonly path: string
  /** What follows it; `undefined` without a `?`, `''` when nothing follows. */
  readonly query: string | undefined
}

/** Splits a request target at its first `?`; a `#` is left where it is. */
export function splitTarget(target: string): SplitTarget {
  const mark = target.indexOf('?')
  if (mark < 0) return { path: target, query: undefined }
  return { path: target.slice(0, mark), query: target.slice(mark + 1) }
}

/** The path of a request target: what stands before the first `?` or `#`, not decoded. */
export function pathOf(target: string): string {
  const { path } = splitTarget(target)
  const fragment = path.indexOf('#')
  return fragment < 0 ? path : path.slice(0, fragment)
}

/** A request target taken apart as a URL is. */
export interface SplitUrl {
  readonly path: string
  /** What follows the `?`; `''` for none. */
  readonly query: string
  /** With its `#`; `''` for none, or an empty one. */
  readonly fragment: string
}

/** Splits a request target into path, query and fragment. */
export function splitUrl(target: string): SplitUrl {
  const path = pathOf(target)
  const rest = target.slice(path.length)
  const hash = rest.indexOf('#')
  const query = hash < 0 ? rest : rest.slice(0, hash)
  return {
    path,
    query: query.slice(1),
    fragment: hash < 0 || hash === rest.length - 1 ? '' : rest.slice(hash),
  }
}

const absoluteForm = /^https?:\/\/([^/?#]*)/i

/** The authority of an absolute-form target (RFC 9112 section 3.2.2); `undefined` for a target of another form. */
export function authorityOf(target: string): string | undefined {
  return absoluteForm.exec(target)?.[1]
}

/**
 * A target without the scheme and authority it may begin with. Routers may cut at another place: what a guard has seen
 * is for `targetSpelling()` to say.
 */
export function withoutOrigin(target: string): string {
  if (target.startsWith('/')) return target
  const match = absoluteForm.exec(target)
  if (match === null) return target
  const rest = target.slice(match[0].length)
  return rest.startsWith('/') ? rest : `/${rest}`
}

/**
 * Leaves one of several slashes at the start, so that a redirect to the path cannot be read as `//host`. A path that
 * starts with one slash or none is returned as it is.
 *
 * Python: what `parse_request` does to `path` (python/cpython#87389)
 */
export function collapseLeadingSlashes(path: string): string {
  if (!path.startsWith('//')) return path
  let end = 2
  while (path.charCodeAt(end) === 0x2f) end++
  return path.slice(end - 1)
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
