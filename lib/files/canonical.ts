import { fsDecode, fsEncode, unquote } from '../http/quote.ts'
import type { Spelling } from '../http/spelling.ts'

/** How a path that may lead to a file is spelt, with its decoded segments, which a guard before has seen as they are. */
export type FileSpelling =
  | (Exclude<Spelling, { kind: 'refused' }> & { readonly segments: readonly string[] })
  | Extract<Spelling, { kind: 'refused' }>

/**
 * Adds to a path's spelling what its segments come to as names of files; refused are those that are not text, and those
 * that spell a name which has a spelling of its own.
 *
 * @param path - the path of a request target, not decoded, without query
 * @param spelling - how it is spelt
 */
export function fileSpelling(path: string, spelling: Spelling): FileSpelling {
  if (spelling.kind === 'refused' && spelling.status === 400) return spelling
  const segments: string[] = []
  for (const raw of path.split('/')) {
    if (raw === '') continue
    const segment = unquote(raw, 'surrogatepass')
    // Malformed escapes come before what else is wrong, as in send.
    if (segment === undefined) return { kind: 'refused', status: 400 }
    segments.push(segment)
  }
  if (spelling.kind === 'refused') return spelling
  if (segments.some(isAlias)) return { kind: 'refused', status: 404 }
  if (spelling.kind === 'misspelt') return { kind: 'misspelt', path: spelling.path, segments }
  return { kind: 'canonical', segments }
}

/** Escaped bytes that spell a character which has a spelling of its own: `%ED%B3%83%ED%B2%A9` is another `%C3%A9`. */
function isAlias(segment: string): boolean {
  const bytes = fsEncode(segment)
  return bytes === undefined || (typeof bytes !== 'string' && fsDecode(bytes) !== segment)
}
