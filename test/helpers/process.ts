import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { PATIENCE } from './wait.ts'

/** What a program is started with. */
export interface StartOptions {
  readonly cwd?: string
  /** Variables added to the environment; `undefined` removes one. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** A file for standard error, which {@link RunningProgram.stderr} then does not hold. */
  readonly stderrFile?: string
  /** Milliseconds that each wait may take before it fails; {@link PATIENCE} by default. */
  readonly timeout?: number
}

/** How a program ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A program under test: its output as it comes, and its end. */
export class RunningProgram {
  readonly child: ChildProcess
  stdout = ''
  stderr = ''
  /** Resolves when the program has ended and all its output has been read. */
  readonly exited: Promise<Exit>
  readonly #timeout: number
  readonly #name: string
  readonly #listeners = new Set<() => void>()
  #ended = false

  constructor(command: string, args: readonly string[], options: StartOptions = {}) {
    this.#timeout = options.timeout ?? PATIENCE
    this.#name = [command, ...args].join(' ')
    const stderr = options.stderrFile === undefined ? 'pipe' : openSync(options.stderrFile, 'a')
    this.child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', stderr],
    })
    if (stderr !== 'pipe') closeSync(stderr)
    running.add(this.child)
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
      this.#notify()
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
      this.#notify()
    })
    this.child.on('error', (error) => {
      this.stderr += `${error.message}\n`
    })
    this.exited = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        running.delete(this.child)
        this.#ended = true
        this.#notify()
        resolve({ code, signal })
      })
    })
  }

  /** Resolves once `done` holds, which is asked whenever output arrives; `what` names it in the error. */
  waitUntil(done: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => {
        clearTimeout(timer)
        this.#listeners.delete(check)
        if (error === undefined) resolve()
        else reject(error)
      }
      const fail = (why: string): void => {
        const output = `stdout ${JSON.stringify(this.stdout)}, stderr ${JSON.stringify(this.stderr)}`
        settle(new Error(`${this.#name}: ${why} ${what}; ${output}`))
      }
      const timer = setTimeout(() => {
        fail(`${this.#timeout} ms went by without`)
      }, this.#timeout)
      const check = (): void => {
        if (done()) settle()
        else if (this.#ended) fail('ended before')
      }
      this.#listeners.add(check)
      check()
    })
  }

  /** Sends a signal and resolves with how the program ended; kills it when it does not end in time. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    if (!this.#ended) this.child.kill(signal)
    const timer = setTimeout(() => this.child.kill('SIGKILL'), this.#timeout)
    const exit = await this.exited
    clearTimeout(timer)
    return exit
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }
}

/** A server program that has said where it listens. */
export class RunningServer extends RunningProgram {
  port = 0
  /** The first line of standard output, without its line end. */
  firstLine = ''

  /** Resolves when the first line is there and names a port. */
  async ready(): Promise<this> {
    await this.waitUntil(() => this.stdout.includes('\n'), 'a first line on standard output')
    this.firstLine = this.stdout.slice(0, this.stdout.indexOf('\n'))
    const port = / port (\d+) /.exec(this.firstLine)?.[1]
    if (port === undefined) throw new Error(`no port in ${JSON.stringify(this.firstLine)}`)
    this.port = Number(port)
    return this
  }
}
