import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Program } from '../cgi/command.ts'
import type { Exit } from '../cgi/process.ts'
import { RunQueue, type Release } from '../cgi/queue.ts'
import type { ComingInput, RelayOutcome } from '../cgi/relay.ts'
import { runScript, type Job } from '../cgi/run-script.ts'
import type { Script } from '../cgi/script.ts'
import type { Input } from '../cgi/spool.ts'
import type { HelperMode } from '../cgi/spawner.ts'
import { Uploads } from '../cgi/uploads.ts'
import { resolveUser, type Credentials } from '../cgi/user.ts'
import { exchangeOf } from '../http/exchange-of.ts'
import { isBegun } from './begun.ts'
import { takeContent, type ScriptContent } from './cgi-content.ts'
import { requestFacts, type FactsHandler } from './cgi-facts.ts'
import { HandlerPort, type HeadSender, type PortHandler } from './cgi-port.ts'
import { makeProgram, type ProgramHandler } from './cgi-program.ts'
import { dispatcherOf, MAX_REDIRECTS, redirectedRequest, redirectOf } from './cgi-redirect.ts'
import { StrictPort } from './cgi-strict.ts'

/** What of a handler runs a script for its request; see `CGIHTTPRequestHandler` for the fields. */
export interface RunningHandler extends FactsHandler, ProgramHandler, PortHandler {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly strict: boolean
  readonly user: string | number | false | undefined
  readonly cgiTimeout: number
  readonly totalTimeout: number
  readonly closeDelay: number
  readonly maxConcurrent: number
  readonly maxQueue: number | undefined
  readonly maxHeaderSize: number
  readonly maxBodySize: number
  readonly acceptStatusLine: boolean
  readonly spawnHelper: HelperMode
}

/** How a handler answers and logs on behalf of a script. */
export interface ScriptAnswer extends HeadSender {
  /** Answers with an error in place of the script's response. */
  refuse(status: number): void
  /** Has the client ask for what the script has redirected to. */
  redirect(location: string): void
  /** Logs what the script says on standard error, or why it fails. */
  log(message: string, pid: number | undefined): void
  /** Logs that the script has not ended well. */
  logExit(exit: Exit, pid: number): void
  /** Has the request fail for what was thrown where nobody waits for it. */
  fail(error: unknown): void
  /** Status line, `Server` and `Date`, which CPython sends before it starts a script. */
  strictHead(): string
}

/** A script that is to answer a request. */
export interface ScriptRun {
  readonly handler: RunningHandler
  readonly script: Script
  /** Undecoded. */
  readonly query: string
  readonly answer: ScriptAnswer
}

/** Runs a script and answers the request with its response. Resolves when the response is over. */
export async function answerByScript(run: ScriptRun): Promise<void> {
  const { handler, answer } = run
  const port = new HandlerPort(handler, answer)
  const { queue, uploads } = placesOf(handler)
  if (queue.full) {
    answer.refuse(503)
    return
  }
  const content = await takeContentFor(run, { queue, uploads })
  if (content === undefined) return
  const input = 'input' in content ? content.input : undefined
  const early = content.kind === 'stream' ? content.release : undefined
  const release = early ?? (await enter(queue, port))
  const job = await prepare(run, content, release)
  if (release === undefined || job === undefined || port.over) {
    await input?.remove()
    release?.()
    if (port.over) throw departure()
    if (release === undefined) answer.refuse(503)
    return
  }
  const used = handler.strict ? beginStrict(run) : port
  const { outcome, pid } = await runScript(job, used, release)
  // What CPython sends on, whatever it is, is nothing to complain about.
  const expected =
    handler.strict && outcome.kind === 'failed' && pid !== undefined && outcome.status === 500
  const cause = 'cause' in outcome ? outcome.cause : undefined
  if (cause !== undefined && !expected) answer.log(cause, pid)
  await conclude(run, outcome, used)
}

// --- Internal ---

/** Content that a script can be given. */
type Taken = Exclude<ScriptContent, { kind: 'refused' | 'gone' }>

/** Failures after which a response that has begun without the script's doing is not complete. */
const cutOff: ReadonlySet<number> = new Set([408, 504])
const places = new WeakMap<object, Places>()
const users = new Map<string | number | false | undefined, Credentials | undefined>()

/** What all handlers of a class share. */
interface Places {
  readonly queue: RunQueue
  readonly uploads: Uploads
}

function placesOf(handler: RunningHandler): Places {
  const { constructor, maxConcurrent, maxQueue = 8 * maxConcurrent, cgiTimeout: timeout } = handler
  let found = places.get(constructor)
  if (found === undefined) {
    found = {
      queue: new RunQueue({ maxConcurrent, maxQueue, timeout }),
      // What is taken is to be run or to wait.
      uploads: new Uploads({ most: maxConcurrent + maxQueue, timeout }),
    }
    places.set(constructor, found)
  }
  return found
}

function credentialsFor(user: string | number | false | undefined): Credentials | undefined {
  if (!users.has(user)) users.set(user, resolveUser(user))
  return users.get(user)
}

function enter(queue: RunQueue, port: HandlerPort): Promise<Release | undefined> {
  return queue.enter((gone) => {
    port.onGone(gone)
  })
}

/** @returns `undefined` if the request has been answered with an error */
async function takeContentFor(
  { handler, answer }: ScriptRun,
  { queue, uploads }: Places,
): Promise<Taken | undefined> {
  const content = await takeContent(handler.request, {
    maxBodySize: handler.maxBodySize,
    shared: credentialsFor(handler.user) !== undefined,
    proceed: () => {
      sendContinue(handler)
    },
    enterUpload: () => uploads.enter(),
    enterEarly: () => queue.enterEarly(),
    response: handler.response,
  })
  if (content.kind === 'gone') throw departure()
  if (content.kind !== 'refused') return content
  if (content.cause !== undefined) answer.log(content.cause, undefined)
  answer.refuse(content.status)
  return undefined
}

/** @returns `undefined` if there is no place for it, or the request has been answered with an error */
async function prepare(
  run: ScriptRun,
  content: Taken,
  release: Release | undefined,
): Promise<Job | undefined> {
  if (release === undefined) return undefined
  const { handler, script, query, answer } = run
  const input = 'input' in content ? content.input : undefined
  try {
    const facts = requestFacts(handler, {
      query,
      contentLength: content.kind === 'none' ? content.length : content.input.length,
      contentDecoded: content.kind !== 'none' && content.decoded,
    })
    const program = await makeProgram(handler, script, facts)
    if (program !== undefined) {
      const user = credentialsFor(handler.user)
      const coming = content.kind === 'stream' ? content.coming : undefined
      return toJob(run, program, { user, input, coming })
    }
    answer.refuse(403)
    return undefined
  } catch (error) {
    await input?.remove()
    release()
    throw error
  }
}

function toJob(
  { handler, script, answer }: ScriptRun,
  program: Program,
  given: {
    readonly user: Credentials | undefined
    readonly input: Input | undefined
    readonly coming: ComingInput | undefined
  },
): Job {
  const { user, input, coming } = given
  const { cgiTimeout, totalTimeout, closeDelay, maxHeaderSize, acceptStatusLine } = handler
  // Called by streams: nobody else would see what an override throws.
  const log = (write: () => void): void => {
    try {
      write()
    } catch (error) {
      answer.fail(error)
    }
  }
  const unparsed = /(?:^|\/)nph-[^/]*$/.test(script.name)
  return {
    program,
    user,
    content: input,
    helper: handler.spawnHelper,
    relay: {
      timeout: cgiTimeout,
      totalTimeout,
      closeDelay,
      maxHeaderSize,
      acceptStatusLine,
      raw: handler.strict || unparsed,
      ...(coming === undefined ? {} : { input: coming }),
    },
    logError: (line, pid) => {
      log(() => {
        answer.log(line, pid)
      })
    },
    logExit: (exit, pid) => {
      log(() => {
        answer.logExit(exit, pid)
      })
    },
  }
}

function beginStrict({ handler, answer }: ScriptRun): HandlerPort {
  return new StrictPort(handler, answer, answer.strictHead(), handler.command === 'HEAD')
}

/** Tells the client that its content is wanted, if it waits for that. */
function sendContinue(handler: RunningHandler): void {
  const { request, response } = handler
  const exchange = exchangeOf(response)
  if (exchange !== undefined) {
    // http.server has sent it already, or does not at all.
    if (handler.strict) return
    exchange.sendInterim('HTTP/1.1 100 Continue\r\n\r\n')
    return
  }
  // Node notes here that it has done so itself, as it does unless somebody listens to checkContinue.
  const { _sent100: sent } = response as ServerResponse & { _sent100?: boolean }
  const expected = request.headers.expect?.toLowerCase() === '100-continue'
  if (expected && sent !== true && request.httpVersionMajor === 1) response.writeContinue()
}

async function conclude(run: ScriptRun, outcome: RelayOutcome, port: HandlerPort): Promise<void> {
  switch (outcome.kind) {
    case 'sent':
      return
    case 'gone':
      throw departure()
    case 'failed':
      if (!isBegun(run.handler.response)) run.answer.refuse(outcome.status)
      else if (cutOff.has(outcome.status)) port.abort()
      else port.end()
      return
    case 'redirect':
      port.detach()
      await redirect(run, outcome.location)
  }
}

async function redirect({ handler, answer }: ScriptRun, location: string): Promise<void> {
  const { request, response } = handler
  const dispatch = dispatcherOf(request, response)
  if (dispatch === undefined) {
    answer.redirect(location)
    return
  }
  const next = redirectedRequest(request, location)
  if ((redirectOf(next)?.hops ?? 0) > MAX_REDIRECTS) {
    answer.log(`redirects more than ${MAX_REDIRECTS} times`, undefined)
    answer.refuse(500)
    return
  }
  const over = endOf(response)
  dispatch(next)
  await over
}

const ends = new WeakMap<ServerResponse, Promise<void>>()

/** Resolves when a response is over; one listener does for all redirects. */
function endOf(response: ServerResponse): Promise<void> {
  let end = ends.get(response)
  if (end === undefined) {
    end = new Promise((resolve) => {
      response.once('close', resolve)
    })
    ends.set(response, end)
  }
  return end
}

/** What a handler throws when its client has gone: nobody is to be told. */
function departure(): Error {
  return Object.assign(new Error('The client has gone'), { code: 'ECONNRESET' })
}
