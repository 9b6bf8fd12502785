import { open, unlink, type FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { scratchName } from './scratch.ts'

/** What a script has as its standard input: a file with all of the content, or a pipe for content that still comes. */
export interface Input {
  readonly path: string
  readonly descriptor: number
  readonly length: number
  /** Closes and removes it; what has it open keeps it. */
  remove(): Promise<void>
}

/**
 * A request's content in a file, for a script's standard input: it has a length, can be read again from its start and
 * opened again as `/dev/stdin`, none of which a socket can.
 */
export type Spool = Input

/** What became of a request's content. */
export type SpoolOutcome =
  | { readonly kind: 'spooled'; readonly spool: Spool }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'tooSlow' }
  | { readonly kind: 'aborted' }

/** How content is spooled. */
export interface SpoolOptions {
  /** Most octets accepted. */
  readonly maxSize: number
  /** Whether processes of other users have to be able to open the file. */
  readonly shared: boolean
  /** Gives it up. */
  readonly expelled?: AbortSignal
  /** Told whenever more has been written. */
  readonly grown?: (spooling: Spooling) => void
}

/** A file that grows. */
export interface Spooling {
  readonly path: string
  /** How much has been written to it. */
  readonly size: number
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
    options.grown?.({ path, size: 0 })
    const length = await writeAll(content, writer, path, options)
    if (typeof length === 'string') {
      await unlink(path).catch(() => undefined)
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
  path: string,
  options: SpoolOptions,
): Promise<number | 'tooLarge' | 'tooSlow' | 'aborted'> {
  let length = 0
  // The stream outlives this: its connection carries the answer.
  const chunks: Chunks = content.iterator({ destroyOnReturn: false })
  try {
    for (;;) {
      const next = await nextOf(chunks, options.expelled)
      if (next === undefined) return 'tooSlow'
      if (next.done === true) return length
      const bytes = typeof next.value === 'string' ? Buffer.from(next.value) : next.value
      if (length + bytes.length > options.maxSize) return 'tooLarge'
      await file.writeFile(bytes)
      length += bytes.length
      options.grown?.({ path, size: length })
    }
  } catch (error) {
    if (content.errored !== null || content.destroyed) return 'aborted'
    throw error
  } finally {
    // Not awaited: it waits for what comes next.
    chunks.return?.().catch(() => undefined)
  }
}

type Chunks = AsyncIterator<string | Uint8Array, undefined>

/** What comes next; `undefined` if it is given up before. */
function nextOf(
  chunks: Chunks,
  expelled: AbortSignal | undefined,
): Promise<IteratorResult<string | Uint8Array, undefined> | undefined> {
  if (expelled?.aborted === true) return Promise.resolve(undefined)
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      resolve(undefined)
    }
    expelled?.addEventListener('abort', onAbort)
    chunks
      .next()
      .then(resolve, reject)
      .finally(() => {
        expelled?.removeEventListener('abort', onAbort)
      })
  })
}
