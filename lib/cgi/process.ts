import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import type { Command } from './command.ts'
import type { Credentials } from './user.ts'

/** How a process ended; both `null` when nobody could tell. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** What a process is started with besides its command. */
export interface StartOptions {
  /** Whom to run as; the server's own user when absent. */
  readonly user: Credentials | undefined
  readonly stdio: StdioOptions
}

/**
 * Starts a command as the leader of a process group of its own. Rejects with the system's error if it cannot run.
 */
export function startProcess(command: Command, options: StartOptions): Promise<ChildProcess> {
  const { user, stdio } = options
  return new Promise((resolve, reject) => {
    const child = spawn(command.file, command.args, {
      cwd: command.cwd,
      env: command.env,
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio,
      ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
    })
    child.on('error', reject)
    if (child.pid !== undefined) resolve(child)
  })
}

/** Resolves when a process that was just started has ended. */
export function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      resolve({ code, signal })
    })
  })
}

/** Starts another Node that runs a program from its source and talks to this one by messages. */
export function startNode(source: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--max-semi-space-size=1', '-e', source, ...args], {
    // Nothing of NODE_OPTIONS: what is preloaded into the server has no business there.
    env: { PATH: process.env['PATH'] },
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
}

/** The writing end of a pipe as a stream. */
export function writePipe(descriptor: number): Writable {
  return new Socket({ fd: descriptor, readable: false, writable: true })
}

/** The reading end of a pipe as a stream that stops reading when nobody takes what it has. */
export function readPipe(descriptor: number): Readable {
  return new Socket({ fd: descriptor, readable: true, writable: false })
}
