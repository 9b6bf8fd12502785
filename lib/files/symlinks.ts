import type { Stats } from 'node:fs'
import type { SymlinkPolicy } from '../../types/files.ts'
import { fsDecode } from '../http/quote.ts'
import { realpath, stat } from './fs.ts'
import { join } from './join.ts'

/** What a path led to. */
export interface Destination {
  readonly stats: Stats
  /** Where it lies now, if it is open and the system says so. */
  realPath?(): Promise<string | undefined>
}

/**
 * Whether a policy lets a path pass. Every component counts, not the last alone, and what was found by the path is
 * judged, not what the path leads to by now.
 *
 * Where the system does not say what is open (all but Linux), and for directories, the path is followed a second time
 * and has to lead to the same file. Somebody who may write below the root and exchanges a directory for a link and back
 * at the right moments could get by that.
 *
 * @param policy - which links are followed
 * @param root - the directory that is served; may itself be behind links
 * @param path - a path below the root
 * @param found - what was found by the path
 * @throws NodeJS.ErrnoException if the path is gone
 */
export async function isPermitted(
  policy: SymlinkPolicy,
  root: string,
  path: string,
  found: Destination,
): Promise<boolean> {
  if (policy === 'follow') return true
  const [realRoot, open] = await Promise.all([realName(root), found.realPath?.()])
  const real = open ?? (await realName(path))
  const inside = real === realRoot || real.startsWith(join(realRoot, ''))
  if (!inside) return false
  if (policy === 'deny' && real !== extend(realRoot, path.slice(root.length))) return false
  if (open !== undefined) return true
  // A link put there between opening and now would have led elsewhere.
  const now = await stat(real)
  return now.ino === found.stats.ino && now.dev === found.stats.dev
}

// --- Internal ---

async function realName(path: string): Promise<string> {
  return fsDecode(await realpath(path))
}

/** A root without links, and what a path adds to it. */
function extend(root: string, rest: string): string {
  let start = 0
  let end = rest.length
  while (start < end && rest[start] === '/') start++
  while (end > start && rest[end - 1] === '/') end--
  return start === end ? root : join(root, rest.slice(start, end))
}
