import { open, type FileHandle } from 'node:fs/promises'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { errorCode } from '../http/error.ts'
import { spawner } from './spawner.ts'
import type { Input } from './spool.ts'

/** Content that is written to a file while a script reads it. */
export interface GrowingContent {
  readonly path: string
  /** How much there is. */
  size(): number
  /** Whether no more comes. */
  complete(): boolean
  /** Whether no more comes, though it is not all there. */
  failed(): boolean
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
 * @returns `undefined` where there are no named pipes, or not even the file any more: the content has been given up
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
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
  // A script need not read any of it: what cannot be written then is nobody's.
  pipe.writer.on('error', () => undefined)
  const { path, descriptor } = pipe
  let remove = (): Promise<void> => Promise.resolve()
  const removed = new Promise<void>((resolve) => {
    remove = () => {
      pipe.remove()
      resolve()
      return removed
    }
  })
  void copy(content, file, { writer: pipe.writer, removed }).finally(() => void file.close())
  return { path, descriptor, length, remove }
}

// --- Internal ---

async function copy(
  content: GrowingContent,
  file: FileHandle,
  { writer: pipe, removed }: { readonly writer: Writable; readonly removed: Promise<void> },
): Promise<void> {
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
    // No script is to take what has come for all of it: whoever starts one has it ended by then.
    if (content.failed()) await removed
    pipe.end()
  } catch {
    pipe.destroy()
  }
}
