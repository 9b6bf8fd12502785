import type { Stats } from 'node:fs'
import type { OpenedFile } from '../../types/files.ts'
import { fsDecode } from '../http/quote.ts'
import { close, fstat, open, pathOfDescriptor, readFully } from './fs.ts'
import { callInLane } from './lanes.ts'

/** A regular file that is open, until it is closed or its descriptor given away. */
export class OpenFile implements OpenedFile {
  readonly path: string
  readonly stats: Stats
  #fd: number

  constructor(path: string, stats: Stats, fd: number) {
    this.path = path
    this.stats = stats
    this.#fd = fd
  }

  async read(position: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length)
    const read = () => readFully(this.#fd, buffer, position)
    const filled = await callInLane('read', this.path, read)
    return filled === length ? buffer : buffer.subarray(0, filled)
  }

  async realPath(): Promise<string | undefined> {
    const path = await pathOfDescriptor(this.#fd)
    return path && fsDecode(path)
  }

  release(): number {
    const fd = this.#fd
    this.#fd = -1
    return fd
  }

  async close(): Promise<void> {
    // Never twice: the number may be another file's by then.
    const fd = this.release()
    if (fd >= 0) await close(fd)
  }
}

/**
 * Opens a path and looks at what was opened, not at what the path named before.
 *
 * @returns `undefined` if it is no regular file
 * @throws NodeJS.ErrnoException if it cannot be opened
 */
export async function openRegular(path: string): Promise<OpenFile | undefined> {
  const fd = await open(path)
  let stats: Stats
  try {
    stats = await fstat(fd)
  } catch (error) {
    await close(fd)
    throw error
  }
  if (stats.isFile()) return new OpenFile(path, stats, fd)
  await close(fd)
  return undefined
}
