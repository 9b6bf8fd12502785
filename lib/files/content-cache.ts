import type { Stats } from 'node:fs'
import type { CacheOptions, OpenedFile } from '../../types/files.ts'
import { HotCache, isCurrent, load, type CacheEntry, type LoadedFile } from './cache.ts'
import { sharedStat } from './shared-stat.ts'

const caches = new WeakMap<object, ContentCache>()

/**
 * The cache of all handlers of a class.
 *
 * @param Handler - the class
 * @param limits - its bounds, which count when the class is first asked for
 */
export function contentsOf(Handler: object, limits: CacheOptions): ContentCache {
  let cache = caches.get(Handler)
  if (cache === undefined) {
    cache = new ContentCache(limits)
    caches.set(Handler, cache)
  }
  return cache
}

/** Content of small files, by path. It saves opening and reading them, not looking at them. */
export class ContentCache {
  /** Content and, under keys of their own, whole answers: both within the same bounds. */
  readonly entries: HotCache<CacheEntry>
  readonly #loading = new Set<string>()

  constructor(limits: CacheOptions) {
    this.entries = new HotCache(limits)
  }

  /**
   * The file at a path, from memory, if it is still what was read; `undefined` says nothing of what is there.
   *
   * @param path - where it lies, a string as Python has them
   */
  find(path: string): undefined | Promise<OpenedFile | undefined> {
    const file = this.entries.contentOf(path)
    if (file === undefined) return undefined
    return new Promise((resolve) => {
      sharedStat(path, (now) => {
        const current = now !== undefined && isCurrent(file.version, now)
        // Should another have put new content there meanwhile, that is looked at before its use, too.
        if (!current) this.entries.delete(keyOf(path))
        resolve(current ? new MemoryFile(file) : undefined)
      })
    })
  }

  /**
   * Considers a file for the next time it is asked for; its content is read on the side.
   *
   * @param stats - what was found when it was opened
   */
  offer(path: string, stats: Stats): void {
    const key = keyOf(path)
    if (
      path.length > LONGEST ||
      lonely.test(path) ||
      this.#loading.has(key) ||
      !this.entries.admits(key, stats.size)
    )
      return
    this.#loading.add(key)
    void this.#keep(key, path, stats)
  }

  /** Keeps an answer; its content is not kept besides. */
  keep(key: string, answer: CacheEntry): void {
    this.entries.delete(keyOf(answer.file.path))
    this.entries.set(key, answer)
  }

  /** Reads a file to be kept, unless its content is here already. */
  async load(path: string, stats: Stats): Promise<LoadedFile | undefined> {
    const file = this.entries.contentOf(path)
    // The very same: it came from here.
    return file?.stats === stats ? file : load(path, stats)
  }

  async #keep(key: string, path: string, stats: Stats): Promise<void> {
    try {
      const file = await load(path, stats)
      if (file !== undefined) this.entries.set(key, new ContentEntry(file))
    } catch {
      // Whoever asks next finds out what is the matter.
    } finally {
      this.#loading.delete(key)
    }
  }
}

// --- Internal ---

/** What stands in a path for a byte that is not UTF-8; `node:fs` takes no such string. */
const lonely = /\p{Surrogate}/u

/** Characters of a path that is worth keeping. */
const LONGEST = 1024

/** No answer's key begins so: those are paths of URLs. */
function keyOf(path: string): string {
  return `file:${path}`
}

class ContentEntry implements CacheEntry {
  readonly file: LoadedFile
  used = false

  constructor(file: LoadedFile) {
    this.file = file
  }

  get weight(): number {
    return this.file.bytes.length
  }
}

/** A file whose content is in memory. What is read of it is a copy: readers may change what they got. */
class MemoryFile implements OpenedFile {
  readonly path: string
  readonly stats: Stats
  readonly bytes: Buffer

  constructor({ path, stats, bytes }: LoadedFile) {
    this.path = path
    this.stats = stats
    this.bytes = bytes
  }

  read(position: number, length: number): Promise<Buffer> {
    return Promise.resolve(Buffer.from(this.bytes.subarray(position, position + length)))
  }

  realPath(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  release(): number {
    return -1
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
