import type { BigIntStats, Stats } from 'node:fs'
import fs from 'node:fs'
import { promisify } from 'node:util'
import type { CacheOptions } from '../../types/files.ts'
import { close, open, readFully } from './fs.ts'

/** What of the cache is not set. */
const defaultCache: Required<CacheOptions> = {
  maxEntries: 10_000,
  maxFileSize: 256 * 1024,
  maxBytes: 64 * 1024 * 1024,
}

/** What a file was when its content was read. Whatever is written to it, or put in its place, changes one of them. */
export type FileVersion = Pick<BigIntStats, 'size' | 'mtimeNs' | 'ctimeNs' | 'ino' | 'dev'>

/** Content of a file in memory. */
export interface LoadedFile {
  /** The path it was read from, by which it is looked at again before each use. */
  readonly path: string
  readonly version: FileVersion
  /** The same of `node:fs`'s usual kind: what the file was found by. */
  readonly stats: Stats
  readonly bytes: Buffer
}

/** Whether a path still leads to what was read from it. */
export function isCurrent(version: FileVersion, now: FileVersion): boolean {
  return (
    version.mtimeNs === now.mtimeNs &&
    version.ctimeNs === now.ctimeNs &&
    version.size === now.size &&
    version.ino === now.ino &&
    version.dev === now.dev
  )
}

/**
 * Milliseconds for which a file must have been left alone before its content is kept. Clocks of file systems tick, some
 * every two seconds: a file read and then written within one tick looks as if nothing had happened.
 */
const SETTLED = 2500

const fstat = promisify(fs.fstat)

/**
 * Reads a file to be kept.
 *
 * @param path - a path that `node:fs` takes as it is
 * @param expected - what was found at the path before
 * @param now - milliseconds since the epoch
 * @returns `undefined` if the path leads elsewhere by now, or the file may change without a trace
 * @throws NodeJS.ErrnoException if it cannot be read
 */
export async function load(
  path: string,
  expected: Stats,
  now: number = Date.now(),
): Promise<LoadedFile | undefined> {
  const fd = await open(path)
  try {
    const version = await fstat(fd, { bigint: true })
    if (!version.isFile() || !isSame(version, expected)) return undefined
    if (now - Math.max(Number(version.mtimeMs), Number(version.ctimeMs)) < SETTLED) return undefined
    const bytes = Buffer.allocUnsafeSlow(expected.size)
    const filled = await readFully(fd, bytes, 0)
    const unchanged = isCurrent(version, await fstat(fd, { bigint: true }))
    const { size, mtimeNs, ctimeNs, ino, dev } = version
    const kept = { size, mtimeNs, ctimeNs, ino, dev }
    return unchanged && filled === bytes.length
      ? { path, version: kept, stats: expected, bytes }
      : undefined
  } finally {
    await close(fd)
  }
}

/** An entry of {@link HotCache}. */
export interface CacheEntry {
  readonly file: LoadedFile
  /** Bytes of memory it takes, but for a little. */
  readonly weight: number
  /** Whether it was used since it was last considered for removal. */
  used: boolean
}

/**
 * Entries by key, within bounds of number and size. What was used since the last look is spared once, so that a sweep
 * over many files leaves the much used ones in place.
 */
export class HotCache<T extends CacheEntry> {
  readonly #limits: Required<CacheOptions>
  readonly #entries = new Map<string, T>()
  /** An entry that holds the content of each path. */
  readonly #byPath = new Map<string, T>()
  /** Keys asked for once: only what is asked for again is worth its memory. */
  readonly #seen = new Set<string>()
  #seenBytes = 0
  #bytes = 0

  constructor(limits: CacheOptions) {
    this.#limits = { ...defaultCache, ...limits }
  }

  /** Entries there are. */
  get size(): number {
    return this.#entries.size
  }

  /** Bytes of content and keys there are, and an allowance for what an entry costs. */
  get bytes(): number {
    return this.#bytes
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key)
    if (entry !== undefined) entry.used = true
    return entry
  }

  /** Content of a path, under whatever key. */
  contentOf(path: string): LoadedFile | undefined {
    const entry = this.#byPath.get(path)
    if (entry !== undefined) entry.used = true
    return entry?.file
  }

  /** Whether a file may be kept under a key: it is small enough, and this is not the first time it is asked for. */
  admits(key: string, size: number): boolean {
    const { maxFileSize, maxBytes, maxEntries } = this.#limits
    if (size > maxFileSize || size > maxBytes || maxEntries === 0) return false
    const bytes = key.length + KEY_OVERHEAD
    if (this.#seen.delete(key)) {
      this.#seenBytes -= bytes
      return true
    }
    if (this.#seen.size >= maxEntries || this.#seenBytes + bytes > maxBytes / SEEN_SHARE) {
      this.#seen.clear()
      this.#seenBytes = 0
    }
    this.#seen.add(detached(key))
    this.#seenBytes += bytes
    return false
  }

  set(key: string, entry: T): void {
    this.delete(key)
    this.#entries.set(detached(key), entry)
    this.#byPath.set(entry.file.path, entry)
    this.#bytes += weigh(key, entry)
    this.#shrink()
  }

  clear(): void {
    this.#entries.clear()
    this.#seen.clear()
    this.#bytes = 0
    this.#seenBytes = 0
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    const { path } = entry.file
    if (this.#byPath.get(path) === entry) this.#byPath.delete(path)
    this.#bytes -= weigh(key, entry)
  }

  #shrink(): void {
    const { maxEntries, maxBytes } = this.#limits
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= maxEntries && this.#bytes <= maxBytes) return
      if (entry.used) {
        entry.used = false
        this.#entries.delete(key)
        this.#entries.set(key, entry)
      } else this.delete(key)
    }
  }
}

// --- Internal ---

/** What an entry takes besides its content, roughly. */
const overhead = 1024

/** What a key in a set takes besides its characters, roughly. */
const KEY_OVERHEAD = 64

/** What part of the memory for content the keys asked for once may take besides. */
const SEEN_SHARE = 16

/** A copy of its own: a part of a string keeps all of that string in memory, here a request's head. */
function detached(key: string): string {
  return Buffer.from(key, 'utf8').toString('utf8')
}

function weigh(key: string, { weight }: CacheEntry): number {
  return weight + key.length + overhead
}

/** Whether both were asked of the same file; numbers hold as much as they can of the exact values. */
function isSame(exact: BigIntStats, { size, mtimeMs, ctimeMs, ino, dev }: Stats): boolean {
  return (
    Number(exact.size) === size &&
    Math.abs(Number(exact.mtimeNs) / 1e6 - mtimeMs) < 0.01 &&
    Math.abs(Number(exact.ctimeNs) / 1e6 - ctimeMs) < 0.01 &&
    Number(exact.ino) === ino &&
    Number(exact.dev) === dev
  )
}
