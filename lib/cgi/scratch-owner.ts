import { readFileSync, readlinkSync } from 'node:fs'
import { lstat, readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { errorCode } from '../http/error.ts'

const prefix = 'basehttp-cgi-'
const named = /^basehttp-cgi-([\w.]+)-(\d+)-(\d+)-/

/**
 * The start of the name of this process's directory: it tells whose it is for as long as it lies there. A process number
 * is not enough for that: it is given again, and other containers, or machines that share the place, count for
 * themselves.
 */
export function ownName(): string {
  return `${prefix}${namespace()}-${process.pid}-${startOf(process.pid)}-`
}

/**
 * Removes the directories of processes that have ended without doing so: killed, or by a crash. Those of other users, of
 * other machines and containers and of processes that may still run are left.
 *
 * @param parent - where they lie
 */
export async function removeStale(parent: string): Promise<void> {
  const own = namespace()
  for (const name of await readdir(parent).catch(() => [])) {
    const [, space, pid, start] = named.exec(name) ?? []
    if (space !== own || pid === undefined || !hasEnded(Number(pid), start ?? '')) continue
    const path = join(parent, name)
    try {
      const stats = await lstat(path)
      if (stats.isDirectory() && stats.uid === process.getuid?.()) {
        await rm(path, { recursive: true, force: true })
      }
    } catch {
      // Another process does the same at the same time.
    }
  }
}

// --- Internal ---

/** A name for those who see the same processes. The first namespace of a machine has the same number on all of them. */
function namespace(): string {
  const host = hostname().replace(/[^\w.]/g, '_')
  try {
    return `${host}.${/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0'}`
  } catch {
    return `${host}.0`
  }
}

/** When a process was started, in whatever unit; `0` where it cannot be told. */
function startOf(pid: number): string {
  try {
    // The name of the program, in parentheses, may hold anything.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0'
  } catch {
    return '0'
  }
}

function hasEnded(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return errorCode(error) === 'ESRCH'
  }
  const current = startOf(pid)
  return start !== '0' && current !== '0' && start !== current
}
