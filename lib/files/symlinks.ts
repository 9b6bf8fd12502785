import type { Stats } from 'node:fs'
import type { SymlinkPolicy } from '../../types/files.ts'
import { fsDecode } from '../http/quote.ts'
import { realpath, stat } from './fs.ts'

/**
 * Whether a policy lets a path pass. Every component counts, not the last alone, and so does what the path leads to
 * now: it has to be what was opened before.
 *
 * @param policy - which links are followed
 * @param root - the directory that is served; may itself be behind links
 * @param path - a path below the root
 * @param opened - of what was opened by the path
 * @throws NodeJS.ErrnoException if the path is gone
 */
export async function isPermitted(
  policy: SymlinkPolicy,
  root: string,
  path: string,
  opened: Stats,
): Promise<boolean> {
  if (policy === 'follow') return true
  const [realRoot, real] = await Promise.all([realName(root), realName(path)])
  const inside = real === realRoot || real.startsWith(withSlash(realRoot))
  if (!inside) return false
  if (policy === 'deny' && real !== join(realRoot, path.slice(root.length))) return false
  // A link put there between opening and now would have led elsewhere.
  const now = await stat(real)
  return now.ino === opened.ino && now.dev === opened.dev
}

// --- Internal ---

async function realName(path: string): Promise<string> {
  return fsDecode(await realpath(path))
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`
}

/** A root without links, and what a path adds to it. */
function join(root: string, rest: string): string {
  const tail = rest.replace(/^\/+|\/+$/g, '')
  return tail === '' ? root : withSlash(root) + tail
}
