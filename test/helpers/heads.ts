import { HeadReader, type Refusal } from '../../lib/wire/head.ts'
import { defaultWireOptions } from '../../lib/wire/limits.ts'
import type { RequestHead, WireOptions } from '../../types/wire.ts'

/** What became of bytes given to a {@link HeadReader}. */
export interface HeadOutcome {
  readonly head: RequestHead | undefined
  readonly refusal: Refusal | undefined
  /** How many bytes were read; for a refusal, what is left is of no account. */
  readonly read: number
}

/** Options of the wire, the defaults but for those given. */
export function wireOptions(options: Partial<WireOptions> = {}): WireOptions {
  return { ...defaultWireOptions, ...options }
}

/** Reads one head from bytes (latin-1 if text), cut into pieces at the given positions. */
export function readHead(
  bytes: string | Buffer,
  options: Partial<WireOptions> & { readonly routes?: boolean } = {},
  cuts: readonly number[] = [],
): HeadOutcome {
  const { routes, ...limits } = options
  const reader = new HeadReader(wireOptions(limits), routes)
  const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
  let read = 0
  for (const piece of cut(data, cuts)) {
    const taken = reader.read(piece, 0)
    read += taken
    if (reader.head !== undefined || reader.refusal !== undefined) break
  }
  const { head, refusal } = reader
  return { head, refusal, read }
}

/** Cuts bytes at the given positions; pieces are copies, as a socket's are. */
export function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const sorted = [...new Set(cuts)].filter((at) => at > 0 && at < bytes.length)
  sorted.sort((a, b) => a - b)
  const edges = [0, ...sorted, bytes.length]
  return edges.slice(1).map((end, i) => Buffer.from(bytes.subarray(edges[i] ?? 0, end)))
}

/** Every position in bytes: cut there, they come one at a time. */
export function everywhere(length: number): number[] {
  return Array.from({ length }, (_, i) => i)
}
