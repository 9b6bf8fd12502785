import type { DotfilesPolicy } from '../../types/files.ts'

/** The one dotfile that is public by its purpose (RFC 8615), if it stands at the top. */
const wellKnown = '.well-known'

/**
 * Whether a path has a segment that starts with a dot. `/.well-known/` at the top does not count.
 *
 * @param segments - decoded segments of the URL's path, relative to the root
 */
export function hasDotfile(segments: readonly string[]): boolean {
  for (let i = 0; i < segments.length; i++) {
    if (isDotfile(segments[i] ?? '', i === 0)) return true
  }
  return false
}

/**
 * Whether a name is a dotfile.
 *
 * @param name - a name in a directory
 * @param top - whether the directory is the root
 */
export function isDotfile(name: string, top: boolean): boolean {
  return name.length > 1 && name.startsWith('.') && !(top && name === wellKnown)
}

/** Status for a path with a dotfile in it; `undefined` where the policy lets it pass. */
export function dotfileStatus(
  policy: DotfilesPolicy,
  segments: readonly string[],
): 403 | 404 | undefined {
  if (policy === 'allow' || !hasDotfile(segments)) return undefined
  return policy === 'deny' ? 403 : 404
}
