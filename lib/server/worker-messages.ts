import type { Address } from '../../types/handler.ts'

/** What a worker is to use in place of what its program says. */
export interface WorkerStart {
  /** The port that is listened on already, where its program leaves it to the system. */
  readonly port?: number
  /** Sockets that the first process has inherited, by its descriptors. */
  readonly fds?: readonly number[]
  /** A certificate made for all workers, in PEM, and its key. */
  readonly cert?: string
  readonly key?: string
  /** Keys of TLS session tickets, in base64. */
  readonly ticketKeys?: string
}

/**
 * What the first process tells a worker.
 *
 * - `start`: serve
 * - `drain`: stop, as at SIGTERM
 * - `retire`: stop, another one is in its place
 * - `force`: cut off what is under way
 * - `reopen`: open log files again
 * - `handed`: no further connection comes
 */
export type ToWorker =
  | { readonly basehttp: 'start'; readonly settings: WorkerStart }
  | { readonly basehttp: 'drain' | 'retire' | 'force' | 'reopen' | 'handed' }

/**
 * What a worker tells the first process.
 *
 * - `hello`: it has come to where it serves; awaits `start`
 * - `listening`: clients can connect
 * - `failed`: it cannot listen
 * - `closed`: it takes no further connections, but for those on their way to it; awaits `handed`
 */
export type FromWorker =
  | { readonly basehttp: 'listening'; readonly address: Address }
  | { readonly basehttp: 'failed'; readonly error: SentError }
  | { readonly basehttp: 'hello' | 'closed' }

/** An error that goes to another process. */
export interface SentError {
  readonly message: string
  /** Own properties of a system's error: `code`, `path`, `address`, `port` and the like. */
  readonly properties: Readonly<Record<string, string | number>>
}

/** Whether a message is one of these: a program may send others of its own. */
export function isOurs(message: unknown): message is { readonly basehttp: unknown } {
  return typeof message === 'object' && message !== null && 'basehttp' in message
}

/** Makes of an error what can be sent. */
export function packError(error: unknown): SentError {
  if (!(error instanceof Error)) return { message: String(error), properties: {} }
  const properties: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(error)) {
    if (typeof value === 'string' || typeof value === 'number') properties[name] = value
  }
  return { message: error.message, properties }
}

/** Makes an error of what was sent. */
export function unpackError({ message, properties }: SentError): Error {
  return Object.assign(new Error(message), properties)
}
