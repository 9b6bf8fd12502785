import { normalSegments, pathOf, splitTarget, withoutOrigin } from '../http/target.ts'
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
  const relative = options.strict === true ? target : withoutOrigin(target)
  const { query = '' } = splitTarget(relative)
  const decoded = percentDecode(pathOf(relative))
  if (decoded.includes('\0')) return undefined
  return { segments: normalSegments(decoded), slash: endsInSlash.test(decoded), query }
}

/** A slash, or a dot segment, at the end of a path; an empty path is its root. */
const endsInSlash = /(?:^|\/)\.{0,2}$/

/** The path as text again: absolute, decoded, without a slash at its end. */
export function joinPath(segments: readonly string[]): string {
  return `/${segments.join('/')}`
}
