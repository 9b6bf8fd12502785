import { open, unlink, type FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { scratchName } from './scratch.ts'

/**
 * A request's content in a file, for a script's standard input: it has a length, can be read again from its start and
 * opened again as `/dev/stdin`, none of which a socket can.
 */
export interface Spool {
  readonly path: string
  readonly descriptor: number
  readonly length: number
  /** Closes and removes the file; what has it open keeps it. */
  remove(): Promise<void>
}

/** What became of a request's content. */
export type SpoolOutcome =
  | { readonly kind: 'spooled'; readonly spool: Spool }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'aborted' }

/** How content is spooled. */
export interface SpoolOptions {
  /** Most octets accepted. */
  readonly maxSize: number
  /** Whether processes of other users have to be able to open the file. */
  readonly shared: boolean
}

/**
 * Writes a request's content to a file as it arrives; each part is written before more is read.
 *
 * Rejects with the system's error if it cannot be written.
 */
export async function spool(content: Readable, options: SpoolOptions): Promise<SpoolOutcome> {
  const path = scratchName()
  const writer = await open(path, 'wx', 0o600)
  try {
    if (options.shared) await writer.chmod(0o644)
    const length = await writeAll(content, writer, options.maxSize)
    if (typeof length === 'string') {
      await unlink(path)
      return { kind: length }
    }
    // A descriptor of its own, that can only read and stands at the start.
    const reader = await open(path, 'r')
    const remove = async (): Promise<void> => {
      await reader.close()
      await unlink(path).catch(() => undefined)
    }
    return { kind: 'spooled', spool: { path, descriptor: reader.fd, length, remove } }
  } catch (error) {
    await unlink(path).catch(() => undefined)
    throw error
  } finally {
    await writer.close()
  }
}

async function writeAll(
  content: Readable,
  file: FileHandle,
  maxSize: number,
): Promise<number | 'tooLarge' | 'aborted'> {
  let length = 0
  try {
    // The stream outlives this: its connection carries the answer.
    for await (const chunk of content.iterator({ destroyOnReturn: false })) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array)
      if (length + bytes.length > maxSize) return 'tooLarge'
      await file.writeFile(bytes)
      length += bytes.length
    }
    return length
  } catch (error) {
    if (content.errored !== null || content.destroyed) return 'aborted'
    throw error
  }
}
