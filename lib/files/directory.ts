import type { Dir, Dirent, OpenDirOptions } from 'node:fs'
import { opendir } from 'node:fs/promises'
import { fsDecode } from '../http/quote.ts'
import { toNative } from './fs.ts'
import { callInLane } from './lanes.ts'

/** An entry as its directory tells of it. */
export interface Child {
  /** A string as Python has them. */
  readonly name: string
  readonly dirent: Dirent
}

/** Entries that are read at a time; others get their turn between. */
const PORTION = 512

/**
 * Reads a directory, in its own order as `os.listdir()` does.
 *
 * @throws NodeJS.ErrnoException if it cannot be read
 */
export function readDirectory(path: string): Promise<Child[]> {
  return callInLane('list', path, async () => {
    const directory = await openDirectory(path, 'latin1')
    try {
      return await readChildren(directory)
    } catch {
      // Where the file system does not tell what entries are, Node asks for each by its name, as it was decoded.
      return readChildren(await openDirectory(path, 'buffer'))
    }
  })
}

// --- Internal ---

function openDirectory(path: string, encoding: 'latin1' | 'buffer'): Promise<Dir> {
  // Node takes any encoding, its types know of a few.
  return opendir(toNative(path), { encoding, bufferSize: PORTION } as OpenDirOptions)
}

/** Reads all there is, and closes the directory. */
async function readChildren(directory: Dir): Promise<Child[]> {
  const children: Child[] = []
  for await (const dirent of directory) {
    // By its types, a name is always a string.
    const name = dirent.name as string | Buffer
    children.push({ name: typeof name === 'string' ? fromOctets(name) : fsDecode(name), dirent })
  }
  return children
}

const ascii = /^[\0-\x7f]*$/

/** Names come as strings of their bytes, for to make a buffer of each costs as much as to read the directory. */
function fromOctets(name: string): string {
  return ascii.test(name) ? name : fsDecode(Buffer.from(name, 'latin1'))
}
