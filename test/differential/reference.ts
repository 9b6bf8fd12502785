import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCli } from '../helpers/cli.ts'
import type { RunningServer } from '../helpers/process.ts'
import { startPython, type Python } from '../helpers/python.ts'
import type { CorpusEntry } from './entry.ts'
import { fold, raisedIn, runCorpus, splitLog, type Transcript } from './run.ts'

/** An implementation's answers to the corpus. */
export interface Answers {
  readonly transcripts: ReadonlyMap<string, Transcript>
  /** The names of entries that ended in a traceback. */
  readonly raised: ReadonlySet<string>
  /** What was on standard error besides log lines. */
  readonly other: readonly string[]
}

/** Runs entries against `python -m http.server`. */
export async function runPython(
  python: Python,
  entries: readonly CorpusEntry[],
  directory: string,
  systemTypes: boolean,
): Promise<Answers> {
  const folder = mkdtempSync(join(tmpdir(), 'basehttp-log-'))
  try {
    const logFile = join(folder, 'log')
    const servers = await Promise.all([
      startPython(python, { directory, systemTypes, logFile }),
      startPython(python, { directory, systemTypes, logFile, protocol: 'HTTP/1.1' }),
    ])
    return await collect(entries, servers, 'SIGKILL', () => readFileSync(logFile, 'utf8'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Runs entries against our command under `--strict`. */
export async function runOurs(
  entries: readonly CorpusEntry[],
  directory: string,
): Promise<Answers> {
  const args = ['0', '-b', '127.0.0.1', '-d', directory, '--strict']
  const servers = await Promise.all([startCli(args), startCli([...args, '-p', 'HTTP/1.1'])])
  return collect(entries, servers, 'SIGTERM', () => servers.map((one) => one.stderr).join(''))
}

/** Runs entries against an HTTP/1.0 and an HTTP/1.1 server, stops both and sorts what they logged. */
async function collect(
  entries: readonly CorpusEntry[],
  servers: readonly [RunningServer, RunningServer],
  signal: NodeJS.Signals,
  log: () => string,
): Promise<Answers> {
  const [old, current] = servers
  try {
    const ports = { 'HTTP/1.0': old.port, 'HTTP/1.1': current.port }
    const responses = await runCorpus(entries, ports)
    await Promise.all(servers.map((server) => server.stop(signal)))
    const { byName, other } = splitLog(entries, log())
    const transcripts = new Map(
      entries.map(({ name }) => [
        name,
        { response: fold(responses.get(name) ?? ''), log: (byName.get(name) ?? []).map(fold) },
      ]),
    )
    return { transcripts, raised: raisedIn(entries, other), other }
  } finally {
    await Promise.all(servers.map((server) => server.stop('SIGKILL')))
  }
}
