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
