import { writeSync } from 'node:fs'
import type { LogOption, LogSink } from '../../types/logger.ts'
import { errorCode } from '../http/error.ts'
import { isThenable } from '../http/thenable.ts'

// A burst longer than this is written without waiting for the end of the tick.
const maxPending = 65_536
const stderrDescriptor = 2
const maxAttempts = 1000

let pending = ''
let scheduled: NodeJS.Immediate | undefined
let listensToExit = false
const guarded = new WeakSet<object>()

/**
 * Writes lines to standard error, all of one tick in one write. What is pending when the process exits is written
 * then. A standard error that is closed or full loses lines, and never ends the process.
 */
export const stderrSink: LogSink = Object.freeze({
  write(line: string): void {
    pending += line
    if (pending.length >= maxPending) flushStderr()
    else schedule()
  },
})

/** Writes what {@link stderrSink} has pending at once, for instance before something else goes to standard error. */
export function flushStderr(): void {
  if (scheduled !== undefined) clearImmediate(scheduled)
  scheduled = undefined
  if (pending === '') return
  const text = pending
  pending = ''
  // Looked up now, not at start: whoever replaces process.stderr.write means the log too.
  const { stderr } = process
  if (!guarded.has(stderr)) {
    guarded.add(stderr)
    // Without a listener, a reader that has gone (EPIPE) would end the process.
    stderr.on('error', ignore)
  }
  try {
    stderr.write(text)
  } catch {
    // A log that cannot be written is no reason to fail the request that is logged.
  }
}

/**
 * Makes a sink of the option `log`.
 *
 * @param option - `false` or `undefined`: none. `true`: {@link stderrSink}. A function is called with each line. An
 * object with a method `write`, as a stream, is taken as it is.
 * @param name - the option's, for the error
 * @throws TypeError for anything else.
 */
export function toSink(option: LogOption | undefined, name = 'log'): LogSink | undefined {
  if (option === undefined || option === false) return undefined
  if (option === true) return stderrSink
  if (typeof option === 'function')
    return {
      // An async function's rejection is not lost on writeLine().
      write: (line) => option(line),
    }
  // Callers in JavaScript can pass what the types forbid.
  const sink = option as Partial<LogSink> | null
  if (typeof sink?.write === 'function') return option
  throw new TypeError(
    `option ${name} must be a boolean, a function or an object with a method write`,
  )
}

/** Writes a line. What a sink of the caller's throws, or rejects with, is no reason to fail the request that is logged. */
export function writeLine(sink: LogSink, line: string): void {
  try {
    const written: unknown = sink.write(line)
    if (isThenable(written)) written.then(undefined, ignore)
  } catch {
    // As with a standard error that is closed: the line is lost.
  }
}

// --- Internal ---

function schedule(): void {
  if (scheduled !== undefined) return
  scheduled = setImmediate(flushStderr)
  if (listensToExit) return
  listensToExit = true
  process.on('exit', flushAtExit)
}

/** At exit streams may not get to write any more: the descriptor itself does. */
function flushAtExit(): void {
  let rest: Uint8Array = Buffer.from(pending)
  pending = ''
  for (let attempt = 0; rest.length > 0 && attempt < maxAttempts; attempt++) {
    try {
      rest = rest.subarray(writeSync(stderrDescriptor, rest))
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN') return
    }
  }
}

function ignore(): void {
  // Lines are lost; see stderrSink.
}
