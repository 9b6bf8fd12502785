import { makeCommand, type Program } from './command.ts'
import { diagnose, type StartFailure } from './diagnose.ts'
import { isTerminated, watchScript } from './group.ts'
import type { Exit } from './process.ts'
import { relay, type RelayOptions, type RelayOutcome, type ResponsePort } from './relay.ts'
import { spawner, type HelperMode, type ScriptProcess } from './spawner.ts'
import type { Input } from './spool.ts'
import { readErrors } from './stderr.ts'
import type { Credentials } from './user.ts'

/** A script to run for a request. */
export interface Job {
  readonly program: Program
  readonly user: Credentials | undefined
  /** The request's content; removed as soon as the script has it and is watched. */
  readonly content: Input | undefined
  readonly helper: HelperMode
  /** How its output becomes a response. */
  readonly relay: RelayOptions
  /** Takes a line that the script has written to standard error. */
  logError(line: string, pid: number): void
  /** Told when the script has ended otherwise than with code 0, unless it was made to. */
  logExit(exit: Exit, pid: number): void
}

/** What came of a script. */
export interface RunOutcome {
  readonly outcome: RelayOutcome
  /** Its process; `undefined` if it could not be started. */
  readonly pid: number | undefined
}

/**
 * Starts a script and relays its response.
 *
 * @param job - what to run
 * @param port - where the response goes
 * @param release - called when the script does not count any more as one that runs: it has closed its output
 */
export async function runScript(
  job: Job,
  port: ResponsePort,
  release: () => void,
): Promise<RunOutcome> {
  const started = await start(job)
  const running = 'pid' in started ? follow(job, started, port, release) : fail(release, started)
  // Not before the script is followed: if there will never be all of its content, it has been ended by now.
  const [outcome] = await Promise.all([running, job.content?.remove()])
  return outcome
}

// --- Internal ---

async function start(job: Job): Promise<ScriptProcess | StartFailure> {
  try {
    const command = makeCommand(job.program)
    if (command === undefined) {
      return { status: 400, cause: 'cannot be started: the request has a NUL' }
    }
    return await spawner.spawn({ command, user: job.user, stdin: job.content }, job.helper)
  } catch (error) {
    return diagnose(error, job.program.file)
  }
}

function fail(release: () => void, failure: StartFailure): RunOutcome {
  release()
  return { outcome: { kind: 'failed', ...failure }, pid: undefined }
}

async function follow(
  job: Job,
  script: ScriptProcess,
  port: ResponsePort,
  release: () => void,
): Promise<RunOutcome> {
  watchScript(script)
  readErrors(script.stderr, (line) => {
    job.logError(line, script.pid)
  })
  script.stdout.once('close', release)
  void script.exited.then((exit) => {
    // What made us end it is logged, if it is worth a line: a client's leaving is not.
    if (isTerminated(script)) return
    if (exit.signal !== null || (exit.code ?? 0) !== 0) job.logExit(exit, script.pid)
  })
  try {
    return { outcome: await relay(script, port, job.relay), pid: script.pid }
  } finally {
    void script.exited.then(release)
  }
}
