import { createHash } from 'node:crypto'
import { exchange } from '../helpers/raw.ts'
import type { CorpusEntry } from './entry.ts'

/** What came back for one entry. */
export interface Transcript {
  /** The masked response, one latin-1 character a byte. */
  readonly response: string
  /** The masked log lines, without address. */
  readonly log: readonly string[]
}

/** The ports of one implementation, one a protocol. */
export interface Ports {
  readonly 'HTTP/1.0': number
  readonly 'HTTP/1.1': number
}

/** Whether clients can have addresses of their own, by which the log is told apart (Linux). */
export const separable: boolean = process.platform === 'linux'

/** How a transcript begins that could not be made. */
export const failed = 'no transcript: '

const batch = 24

/**
 * Sends every entry from an address of its own in `127.1.0.0/16`, so that a server's log lines can be told apart.
 * Resolves with the masked responses by name.
 */
export async function runCorpus(
  entries: readonly CorpusEntry[],
  ports: Ports,
): Promise<Map<string, string>> {
  const results = new Map<string, string>()
  const queue = entries.map((entry, index) => ({ entry, index }))
  const work = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const { entry, index } = job
      results.set(entry.name, await runEntry(entry, addressOf(index), ports))
    }
  }
  await Promise.all(Array.from({ length: batch }, work))
  return results
}

/** The address an entry is sent from. */
export function addressOf(index: number): string {
  return `127.1.${Math.floor(index / 200)}.${(index % 200) + 1}`
}

/** Splits a server's log by entry; what does not start with an address of the corpus is under `''`. */
export function splitLog(
  entries: readonly CorpusEntry[],
  text: string,
): { byName: Map<string, string[]>; other: string[] } {
  const names = new Map(entries.map((entry, index) => [addressOf(index), entry.name]))
  const byName = new Map<string, string[]>(entries.map((entry) => [entry.name, []]))
  const other: string[] = []
  for (const line of text.split('\n').filter((line) => line !== '')) {
    const match =
      /(127\.1\.\d+\.\d+) - - \[\d{2}\/[A-Z][a-z]{2}\/\d{4} \d{2}:\d{2}:\d{2}\] (.*)$/s.exec(line)
    // behind what another thread's traceback has begun to write
    const lines = byName.get(names.get(match?.[1] ?? '') ?? '')
    if (match === null || lines === undefined) other.push(line)
    else lines.push(match[2] ?? '')
  }
  return { byName, other }
}

/** The entries whose requests ended in a traceback, from the lines of the log that are no log lines. */
export function raisedIn(entries: readonly CorpusEntry[], lines: readonly string[]): Set<string> {
  const names = new Map(entries.map((entry, index) => [addressOf(index), entry.name]))
  const found = lines.map((line) => / processing of request from \('([^']+)'/.exec(line)?.[1])
  return new Set(
    found.map((address) => names.get(address ?? '')).filter((name) => name !== undefined),
  )
}

/** Replaces what differs from run to run and between the two: the date and the system behind `Server`. */
export function mask(response: string): string {
  return response
    .replace(
      /^Date: [A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT\r$/gm,
      'Date: <date>\r',
    )
    .replace(/^(Server: \S+) (?:Python|Node)\/[\w.+-]+\r$/gm, '$1 <system>\r')
}

/** Shortens what is long to its beginning, length and digest: equal before, equal after. */
export function fold(text: string): string {
  if (text.length <= 8192) return text
  const digest = createHash('sha256').update(text, 'latin1').digest('hex')
  return `${text.slice(0, 512)}… ${text.length} bytes, SHA-256 ${digest}`
}

async function runEntry(entry: CorpusEntry, localAddress: string, ports: Ports): Promise<string> {
  try {
    const received = await exchange(
      ports[entry.protocol ?? 'HTTP/1.0'],
      Buffer.from(entry.bytes, 'latin1'),
      {
        ...(separable ? { localAddress } : {}),
        halfClose: entry.halfClose ?? entry.protocol !== undefined,
      },
    )
    return mask(received.toString('latin1'))
  } catch (error) {
    return `${failed}${error instanceof Error ? error.message : String(error)}`
  }
}
