import type { Dirent } from 'node:fs'
import type { DotfilesPolicy, SymlinkPolicy } from '../../types/files.ts'
import { readDirectory } from './directory.ts'
import { isDotfile } from './dotfiles.ts'
import { lstat, realpath, stat } from './fs.ts'
import { join } from './join.ts'
import { isTurnOver, nextTurn, sortInTurns } from './turns.ts'

/** What an entry of a directory is, behind any link; `broken` when its link leads nowhere or it cannot be asked. */
export type EntryKind = 'directory' | 'file' | 'other' | 'broken'

/** An entry of a directory. */
export interface Entry {
  /** A string as Python has them. */
  readonly name: string
  kind: EntryKind
  /** Whether it is a symbolic link. */
  readonly link: boolean
  /** Of what it is behind any link, once it was asked for. */
  stats: EntryStats | undefined
}

/** What a listing tells of an entry. A whole `fs.Stats` is many times as large, and ten thousand of them are kept. */
export interface EntryStats {
  readonly size: number
  readonly mtimeMs: number
}

/** What decides which entries are shown: the same that decides which are served. */
export interface EntryPolicy {
  readonly directory: string
  readonly dotfiles: DotfilesPolicy
  readonly symlinks: SymlinkPolicy
}

/** Columns to sort by. */
export type SortKey = 'name' | 'size' | 'mtime'

/** An order of entries. */
export interface SortOrder {
  readonly key: SortKey
  readonly descending: boolean
}

/** Calls to the file system that a listing has under way at a time, so that others get their turn. */
const CONCURRENCY = 16

/**
 * Reads the entries of a directory that are to be shown, in no order. No single one makes it fail.
 *
 * @param path - the directory
 * @param top - whether it is the root
 * @param policy - which entries are shown
 * @throws NodeJS.ErrnoException if the directory cannot be read
 */
export async function readEntries(
  path: string,
  top: boolean,
  policy: EntryPolicy,
): Promise<Entry[]> {
  const entries: Entry[] = []
  let read = 0
  for (const { name, dirent } of await readDirectory(path)) {
    if (isTurnOver(++read)) await nextTurn()
    if (policy.dotfiles !== 'allow' && isDotfile(name, top)) continue
    const link = dirent.isSymbolicLink()
    if (link && policy.symlinks === 'deny') continue
    entries.push({ name, kind: kindOf(dirent) ?? 'broken', link, stats: undefined })
  }
  const unsure = entries.filter(({ kind }) => kind === 'broken')
  await forEach(unsure, (entry) => loadStats(path, entry))
  if (policy.symlinks !== 'inside') return entries
  const hidden = new Set<Entry>()
  const root = await realpath(policy.directory)
  await forEach(unsure, async (entry) => {
    if (entry.link && (await leaves(root, join(path, entry.name)))) hidden.add(entry)
  })
  return hidden.size === 0 ? entries : entries.filter((entry) => !hidden.has(entry))
}

/** Asks for what is not known yet of each entry. */
export async function loadAllStats(path: string, entries: readonly Entry[]): Promise<void> {
  await forEach(
    entries.filter(({ stats }) => stats === undefined),
    (entry) => loadStats(path, entry),
  )
}

/** Sorts in place: directories first, then by the key, then by name. */
export async function sortEntries(entries: Entry[], { key, descending }: SortOrder): Promise<void> {
  const direction = descending ? -1 : 1
  const keyed = entries.map((entry) => ({ entry, lower: entry.name.toLowerCase() }))
  await sortInTurns(keyed, (a, b) => {
    const group = Number(b.entry.kind === 'directory') - Number(a.entry.kind === 'directory')
    if (group !== 0) return group
    const measured = measure(a.entry, key) - measure(b.entry, key)
    const ordered = measured === 0 ? compareText(a.lower, b.lower) : measured
    // Names that differ in case alone have an order, too: a page's tag is the same each time.
    return (ordered === 0 ? compareText(a.entry.name, b.entry.name) : ordered) * direction
  })
  keyed.forEach(({ entry }, i) => (entries[i] = entry))
}

/** Compares by code points, as Python does; JavaScript compares UTF-16 units. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  let i = 0
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i++
  if (i === length) return a.length - b.length
  // Within a pair, the characters are told apart by the whole of it.
  if (i > 0 && isHigh(a.charCodeAt(i - 1)) && (isLow(a.charCodeAt(i)) || isLow(b.charCodeAt(i))))
    i--
  return (a.codePointAt(i) ?? 0) - (b.codePointAt(i) ?? 0)
}

// --- Internal ---

/** What the directory itself says; `undefined` where it does not, or where there is a link to follow. */
function kindOf(dirent: Dirent): EntryKind | undefined {
  if (dirent.isFile()) return 'file'
  if (dirent.isDirectory()) return 'directory'
  if (dirent.isFIFO() || dirent.isSocket()) return 'other'
  if (dirent.isBlockDevice() || dirent.isCharacterDevice()) return 'other'
  return undefined
}

async function loadStats(directory: string, entry: Entry): Promise<void> {
  const path = join(directory, entry.name)
  try {
    const stats = await stat(path)
    entry.stats = { size: stats.size, mtimeMs: stats.mtimeMs }
    entry.kind = stats.isDirectory() ? 'directory' : stats.isFile() ? 'file' : 'other'
  } catch {
    if (!entry.link) return
    // What can still be told of a link that leads nowhere is its own time.
    const stats = await lstat(path).catch(() => undefined)
    if (stats !== undefined) entry.stats = { size: stats.size, mtimeMs: stats.mtimeMs }
    entry.kind = 'broken'
  }
}

/** Whether a link leads out of the root; one that leads nowhere does not. */
async function leaves(root: Buffer, path: string): Promise<boolean> {
  try {
    const real = await realpath(path)
    const inside = real.subarray(0, root.length).equals(root)
    return (
      !inside || (real.length > root.length && root.at(-1) !== 0x2f && real[root.length] !== 0x2f)
    )
  } catch {
    return false
  }
}

function measure(entry: Entry, key: SortKey): number {
  if (key === 'name' || (key === 'size' && entry.kind !== 'file')) return 0
  return (key === 'size' ? entry.stats?.size : entry.stats?.mtimeMs) ?? 0
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff
}

/** Runs a task for each item, a few at a time. */
async function forEach<T>(items: readonly T[], task: (item: T) => Promise<void>): Promise<void> {
  let next = 0
  const work = async (): Promise<void> => {
    for (;;) {
      const item = items[next++]
      if (item === undefined) return
      await task(item)
    }
  }
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, items.length) }, work))
}
