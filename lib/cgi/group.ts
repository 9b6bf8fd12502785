import { setTimeout } from 'node:timers/promises'
import { errorCode } from '../http/error.ts'
import type { ScriptProcess } from './spawner.ts'

/** Milliseconds between asking a script to end and killing it. */
const KILL_DELAY = 3000

const POLL_DELAY = 20

const fatalSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const live = new Set<ScriptProcess>()
const terminating = new WeakMap<ScriptProcess, Promise<void>>()

/**
 * Sees to it that a script does not outlive this process: it is killed when this process exits, and ended first when a
 * signal that nobody else listens to ends this process.
 */
export function watchScript(script: ScriptProcess): void {
  if (live.size === 0) listen()
  live.add(script)
  const closed = new Promise((resolve) => script.stdout.once('close', resolve))
  void Promise.all([script.exited, closed]).then(() => {
    live.delete(script)
    if (live.size === 0) unlisten()
  })
}

/**
 * Ends a script and the processes it has started, as far as they are in its group: SIGTERM, and SIGKILL after
 * {@link KILL_DELAY}. Its output is dropped from here on.
 *
 * @returns when the group has ended or was killed
 */
export function terminate(script: ScriptProcess): Promise<void> {
  let ending = terminating.get(script)
  if (ending === undefined) {
    ending = end(script)
    terminating.set(script, ending)
  }
  return ending
}

/** Whether {@link terminate} was called for a script. */
export function isTerminated(script: ScriptProcess): boolean {
  return terminating.has(script)
}

/** Ends all scripts of this process, as {@link terminate} does. */
async function terminateAll(): Promise<void> {
  await Promise.all([...live].map(terminate))
}

// --- Internal ---

async function end(script: ScriptProcess): Promise<void> {
  if (!signalGroup(script, 'SIGTERM')) return
  // What it still says is read, so that it is not kept from ending by a full pipe.
  script.stdout.resume()
  const deadline = performance.now() + KILL_DELAY
  await Promise.race([script.exited, setTimeout(KILL_DELAY, undefined, { ref: false })])
  // The leader has ended in most cases; others in its group may take longer.
  while (groupExists(script) && performance.now() < deadline) await setTimeout(POLL_DELAY)
  if (script.running || groupExists(script)) signalGroup(script, 'SIGKILL')
  // A process that has left the group may hold the pipe still: it gets SIGPIPE.
  script.stdout.destroy()
}

/** Sends a signal to the script's group; `false` if there is none any more. */
function signalGroup(script: ScriptProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(process.platform === 'win32' ? script.pid : -script.pid, signal)
    return true
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

function groupExists(script: ScriptProcess): boolean {
  return process.platform !== 'win32' && signalGroup(script, 0)
}

function listen(): void {
  process.on('exit', killAll)
  for (const signal of fatalSignals) process.on(signal, endBySignal)
}

function unlisten(): void {
  process.off('exit', killAll)
  for (const signal of fatalSignals) process.off(signal, endBySignal)
}

function killAll(): void {
  for (const script of live) signalGroup(script, 'SIGKILL')
}

/** Does for a signal what would have been done without a listener, after the scripts. */
function endBySignal(signal: NodeJS.Signals): void {
  // Somebody else decides what the signal means; if that is to exit, killAll() runs.
  if (process.listenerCount(signal) > 1) return
  const die = (): void => {
    unlisten()
    killAll()
    process.kill(process.pid, signal)
  }
  process.off(signal, endBySignal)
  process.once(signal, die)
  void terminateAll().then(die)
}
