import { open, type FileHandle } from 'node:fs/promises'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { spawner } from './spawner.ts'
import type { Input } from './spool.ts'

/** Content that is written to a file while a script reads it. */
export interface GrowingContent {
  readonly path: string
  /** How much there is. */
  size(): number
  /** Whether no more comes. */
  complete(): boolean
  /** Resolves when there is more, or no more comes. */
  change(): Promise<void>
}

const portion = 65_536

/**
 * Makes a pipe that a script reads content from while that still arrives. The content goes by way of its file, so that
 * a script which does not read keeps no client from sending, nor one that sends slowly a script from answering.
 *
 * @param content - the file; it may be removed at once
 * @param length - how much it will be
 * @returns `undefined` where there are no named pipes
 */
export async function feed(content: GrowingContent, length: number): Promise<Input | undefined> {
  const pipe = await spawner.inputPipe()
  if (pipe === undefined) return undefined
  let file: FileHandle
  try {
    file = await open(content.path, 'r')
  } catch (error) {
    pipe.writer.destroy()
    pipe.remove()
    throw error
  }
  // A script need not read any of it: what cannot be written then is nobody's.
  pipe.writer.on('error', () => undefined)
  void copy(content, file, pipe.writer).finally(() => void file.close())
  const { path, descriptor } = pipe
  const remove = (): Promise<void> => {
    pipe.remove()
    return Promise.resolve()
  }
  return { path, descriptor, length, remove }
}

// --- Internal ---

async function copy(content: GrowingContent, file: FileHandle, pipe: Writable): Promise<void> {
  let at = 0
  try {
    while (!pipe.destroyed) {
      if (at < content.size()) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(portion), 0, portion, at)
        at += bytesRead
        if (!pipe.write(buffer.subarray(0, bytesRead))) await once(pipe, 'drain')
      } else if (content.complete()) {
        break
      } else await content.change()
    }
    pipe.end()
  } catch {
    pipe.destroy()
  }
}
