import type { ChildProcess } from 'node:child_process'
import { basename } from 'node:path'
import { constants, openSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { errorCode } from '../http/error.ts'
import type { Command } from './command.ts'
import { closeQuietly, FifoPool, unlinkQuietly, type Fifo } from './fifo.ts'
import { HelperPool } from './helper-pool.ts'
import { HELPER_LOST, type HelpedProcess, type SpawnHelper } from './helper.ts'
import { exitOf, readPipe, startProcess, writePipe, type Exit } from './process.ts'
import type { SpawnOrder } from './spawn-helper.ts'
import type { Credentials } from './user.ts'

/** Whether a helper process starts the scripts; see the option of that name. */
export type HelperMode = 'auto' | boolean

/** A running script. */
export interface ScriptProcess {
  readonly pid: number
  readonly stdout: Readable
  readonly stderr: Readable
  readonly exited: Promise<Exit>
  /** Whether the process itself has not ended yet; its children may live on. */
  running: boolean
}

/** A pipe for a script's standard input. */
export interface InputPipe {
  readonly path: string
  /** The end that a script reads from. */
  readonly descriptor: number
  readonly writer: Writable
  /** Closes the script's end and removes the name; what has it open keeps it. */
  remove(): void
}

/** What to start. */
export interface SpawnRequest {
  readonly command: Command
  readonly user: Credentials | undefined
  /** Path of the file for standard input; `/dev/null` when absent. */
  readonly stdin: { readonly path: string; readonly descriptor: number } | undefined
}

/** Above this much memory a fork costs more than a helper's 45 MB are worth. */
const largeMemory = 150 * 1024 * 1024
/** A spawn that blocks the event loop for longer than this many milliseconds is slow. */
const slowSpawn = 3
const window = 32
const slowInWindow = 2
/** So many spawns in so many milliseconds take more of the event loop's time than anything else. */
const busyWindow = 1000
// Known here alone.
const NO_MKFIFO = 'NO_MKFIFO'

/**
 * Starts scripts, in this process or by a helper.
 *
 * Starting a process blocks the event loop while the kernel copies the page tables of this one: 0.8 ms at 50 MB, 30 ms
 * at 2 GB. A helper of its own is small and pays from some 150 MB on.
 */
export class Spawner {
  readonly #fifos = new FifoPool((paths) => this.#makeFifos(paths))
  readonly #helpers = new HelperPool()
  #latencies: number[] = []
  /** When the first of the latencies was measured. */
  #since = 0
  #fifosFail = false

  /** Starts the helper ahead of need, while this process is as small as it will ever be. */
  prepare(mode: HelperMode): void {
    if (this.#wants(mode)) this.#helpers.prepare()
  }

  /**
   * Starts a script.
   *
   * Rejects with the system's error (`ENOENT`, `EACCES`, `E2BIG`, `EAGAIN`, …) if it cannot run.
   */
  async spawn(request: SpawnRequest, mode: HelperMode): Promise<ScriptProcess> {
    const pipes = await this.#pipes()
    if (pipes === undefined) return this.#spawnWithSockets(request)
    const [stdout, stderr] = pipes
    try {
      const { pid, exited } = await this.#start(request, stdout, stderr, mode)
      return track(pid, exited, readPipe(stdout.readEnd), readPipe(stderr.readEnd))
    } catch (error) {
      closeQuietly(stdout.readEnd, stderr.readEnd)
      throw error
    } finally {
      closeQuietly(stdout.writeEnd, stderr.writeEnd)
      unlinkQuietly(stdout.path)
      unlinkQuietly(stderr.path)
    }
  }

  /** A pipe for standard input, both ends open; `undefined` where there are no named ones. */
  async inputPipe(): Promise<InputPipe | undefined> {
    const pipe = await this.#pipe()
    if (pipe === undefined) return undefined
    const { path, readEnd, writeEnd } = pipe
    // A script's own end has to wait for content, the one that was opened first does not.
    const descriptor = openSync(path, constants.O_RDONLY)
    closeQuietly(readEnd)
    return {
      path,
      descriptor,
      writer: writePipe(writeEnd),
      remove: () => {
        closeQuietly(descriptor)
        unlinkQuietly(path)
      },
    }
  }

  /** Ends the helpers. */
  stop(): void {
    this.#helpers.stop()
  }

  async #pipes(): Promise<readonly [Fifo, Fifo] | undefined> {
    const stdout = await this.#pipe()
    if (stdout === undefined) return undefined
    try {
      const stderr = await this.#pipe()
      if (stderr !== undefined) return [stdout, stderr]
    } catch (error) {
      closeQuietly(stdout.readEnd, stdout.writeEnd)
      throw error
    }
    closeQuietly(stdout.readEnd, stdout.writeEnd)
    return undefined
  }

  async #pipe(): Promise<Fifo | undefined> {
    if (this.#fifosFail || process.platform === 'win32') return undefined
    try {
      return await this.#fifos.take()
    } catch (error) {
      if (errorCode(error) !== NO_MKFIFO) throw error
      // Scripts then cannot open /dev/stdout again, but run.
      this.#fifosFail = true
      return undefined
    }
  }

  async #start(
    request: SpawnRequest,
    stdout: Fifo,
    stderr: Fifo,
    mode: HelperMode,
  ): Promise<{ pid: number; exited: Promise<Exit> }> {
    const { command, user, stdin } = request
    const streams = [stdin?.path ?? null, stdout.path, stderr.path] as const
    const helped = await startBy(this.#helperFor(mode), { command, user, streams })
    if (helped !== undefined) return helped
    const stdio = [stdin?.descriptor ?? 'ignore', stdout.writeEnd, stderr.writeEnd] as const
    const child = await this.#startHere(request, [...stdio])
    // A child without a pid has rejected already.
    return { pid: child.pid ?? 0, exited: exitOf(child) }
  }

  async #spawnWithSockets(request: SpawnRequest): Promise<ScriptProcess> {
    const stdin = request.stdin?.descriptor ?? 'ignore'
    const child = await this.#startHere(request, [stdin, 'pipe', 'pipe'])
    const { pid = 0, stdout, stderr } = child
    if (stdout === null || stderr === null)
      throw new Error('A process was started without its pipes')
    return track(pid, exitOf(child), stdout, stderr)
  }

  async #startHere(
    request: SpawnRequest,
    stdio: (number | 'ignore' | 'pipe')[],
  ): Promise<ChildProcess> {
    const before = performance.now()
    const starting = startProcess(request.command, { user: request.user, stdio })
    this.#note(before, performance.now())
    return starting
  }

  /** The helper for the next script; `undefined` if there is none, or it has yet to begin and nobody has to wait for it. */
  #helperFor(mode: HelperMode): SpawnHelper | undefined {
    return this.#wants(mode) ? this.#helpers.choose({ wait: mode === true }) : undefined
  }

  #wants(mode: HelperMode): boolean {
    if (mode === false || !isNode()) return false
    return mode === true || this.#helpers.alive || this.#pays()
  }

  #pays(): boolean {
    if (process.memoryUsage.rss() > largeMemory) return true
    if (this.#latencies.filter((latency) => latency > slowSpawn).length > slowInWindow) return true
    return this.#latencies.length === window && performance.now() - this.#since < busyWindow
  }

  #note(before: number, after: number): void {
    if (this.#latencies.length >= window) this.#latencies = []
    if (this.#latencies.length === 0) this.#since = before
    this.#latencies.push(after - before)
  }

  async #makeFifos(paths: readonly string[]): Promise<void> {
    const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' }
    const command: Command = {
      file: 'mkfifo',
      args: ['-m', '0666', ...paths],
      env,
      cwd: '/',
    }
    const exit = await this.#run(command, paths).catch((error: unknown) => {
      const missing = errorCode(error) === 'ENOENT'
      throw missing ? Object.assign(new Error('There is no mkfifo'), { code: NO_MKFIFO }) : error
    })
    if (exit.code !== 0) throw new Error('mkfifo failed')
  }

  async #run(command: Command, paths: readonly string[]): Promise<Exit> {
    const helper = this.#helpers.alive ? this.#helpers.choose({ wait: false }) : undefined
    const helped = await startBy(helper, { command, user: undefined, streams: [null, null, null] })
    const exit = await helped?.exited
    // A helper that is lost meanwhile has left nobody to tell whether it was done.
    if (exit !== undefined && (exit.code !== null || exit.signal !== null)) return exit
    for (const path of paths) unlinkQuietly(path)
    const child = await startProcess(command, { user: undefined, stdio: 'ignore' })
    return exitOf(child)
  }
}

/** The spawner that all handlers of this process share. */
export const spawner: Spawner = new Spawner()

// --- Internal ---

/** Has a helper start something; `undefined` if there is none, or not any more: then it is to be started otherwise. */
async function startBy(
  helper: SpawnHelper | undefined,
  order: Omit<SpawnOrder, 'id'>,
): Promise<HelpedProcess | undefined> {
  try {
    return await helper?.start(order)
  } catch (error) {
    if (errorCode(error) !== HELPER_LOST) throw error
    return undefined
  }
}

function track(
  pid: number,
  exited: Promise<Exit>,
  stdout: Readable,
  stderr: Readable,
): ScriptProcess {
  const script: ScriptProcess = { pid, exited, stdout, stderr, running: true }
  void exited.then(() => {
    script.running = false
  })
  return script
}

/** Whether `process.execPath` is a Node that runs a program given to it, not an application with Node inside. */
function isNode(): boolean {
  return (
    /^node(js)?\d*(\.exe)?$/i.test(basename(process.execPath)) && !('electron' in process.versions)
  )
}
