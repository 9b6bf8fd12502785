import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'

/** Milliseconds for which a file is taken to be what it was; to start one that has gone fails by itself. */
const lifetime = 1000
const maxEntries = 512

interface Entry {
  readonly stats: Stats
  readonly until: number
}

const known = new Map<string, Entry>()

/**
 * What a file is, asked for once a second: under load that takes as long as much of the rest of a request. What is not
 * there is asked for each time.
 *
 * @param key - the file, octets
 * @param file - the same as `node:fs` takes it
 * @returns `undefined` if it is not there, or cannot be looked at
 */
export async function statRecently(key: string, file: string | Buffer): Promise<Stats | undefined> {
  const entry = known.get(key)
  if (entry !== undefined && entry.until > performance.now()) return entry.stats
  return statNow(key, file)
}

/** The same, asked for in any case. */
export async function statNow(key: string, file: string | Buffer): Promise<Stats | undefined> {
  known.delete(key)
  try {
    const stats = await stat(file)
    if (known.size >= maxEntries) known.clear()
    known.set(key, { stats, until: performance.now() + lifetime })
    return stats
  } catch {
    // Whatever keeps a file from being looked at, there is no script to run.
    return undefined
  }
}
