import { makeCommand, type Program } from './command.ts'
import { diagnose } from './diagnose.ts'
import { watchScript } from './group.ts'
import { relay, type RelayOptions, type RelayOutcome, type ResponsePort } from './relay.ts'
import { spawner, type HelperMode, type ScriptProcess } from './spawner.ts'
import type { Spool } from './spool.ts'
import { readErrors } from './stderr.ts'
import type { Credentials } from './user.ts'

/** A script to run for a request. */
export interface Job {
  readonly program: Program
  readonly user: Credentials | undefined
  /** The request's content; removed as soon as the script has it. */
  readonly content: Spool | undefined
  readonly helper: HelperMode
  /** How its output becomes a response. */
  readonly relay: RelayOptions
  /** Takes lines for the log: what the script says on standard error, and how it failed. */
  readonly log: (message: string, pid: number | undefined) => void
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
): Promise<RelayOutcome> {
  let script: ScriptProcess
  try {
    const command = makeCommand(job.program)
    if (command === undefined) {
      return fail(job, release, 400, 'cannot be started: the request has an encoded NUL')
    }
    script = await spawner.spawn({ command, user: job.user, stdin: job.content }, job.helper)
  } catch (error) {
    const { status, cause } = await diagnose(error, job.program.file)
    return fail(job, release, status, cause)
  } finally {
    await job.content?.remove()
  }
  return follow(job, script, port, release)
}

function fail(job: Job, release: () => void, status: number, cause: string): RelayOutcome {
  release()
  job.log(cause, undefined)
  return { kind: 'failed', status, cause }
}

async function follow(
  job: Job,
  script: ScriptProcess,
  port: ResponsePort,
  release: () => void,
): Promise<RelayOutcome> {
  watchScript(script)
  const log = (message: string): void => {
    job.log(message, script.pid)
  }
  readErrors(script.stderr, log)
  script.stdout.once('close', release)
  void script.exited.then(({ code, signal }) => {
    if (code !== null && code !== 0) log(`CGI script exit code ${code}`)
    else if (signal !== null) log(`CGI script ended by ${signal}`)
  })
  const outcome = await relay(script, port, job.relay)
  void script.exited.then(release)
  if ('cause' in outcome) log(outcome.cause)
  return outcome
}
