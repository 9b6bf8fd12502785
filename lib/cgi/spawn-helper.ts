import type { ChildProcess } from 'node:child_process'
import type { Command } from './command.ts'
import type { Exit } from './process.ts'
import type { Credentials } from './user.ts'

/** What the helper is told: to start a command. Streams are paths to open; `null` is `/dev/null`. */
export interface SpawnOrder {
  readonly id: number
  readonly command: Command
  readonly user: Credentials | undefined
  readonly streams: readonly [stdin: string | null, stdout: string | null, stderr: string | null]
}

/** What the helper says: that it takes orders; whether an order's process was started, and later how it ended. */
export type SpawnReport =
  | { readonly kind: 'ready' }
  | { readonly id: number; readonly kind: 'started'; readonly pid: number }
  | {
      readonly id: number
      readonly kind: 'failed'
      readonly code: string
      readonly message: string
    }
  | ({ readonly id: number; readonly kind: 'ended' } & Exit)

/**
 * The program of the helper process: starts what the server orders, since a small process forks in half a
 * millisecond what a large one needs thirty for. When the server is gone it ends what is left of the scripts.
 *
 * It runs from its source text in a Node of its own, so it uses nothing of this module.
 */
export function spawnHelper(): void {
  const { spawn } = process.getBuiltinModule('node:child_process')
  const { closeSync, constants, openSync, rmSync } = process.getBuiltinModule('node:fs')
  const grace = 3000
  const running = new Set<ChildProcess>()

  const report = (message: SpawnReport): void => {
    if (process.connected) process.send?.(message)
  }

  // To open one end of a named pipe waits for somebody at the other: for ever, if the server has died meanwhile.
  const openStream = (path: string, input: boolean): number => {
    const held = [openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)]
    try {
      if (!input) return openSync(path, constants.O_WRONLY)
      held.push(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK))
      return openSync(path, constants.O_RDONLY)
    } finally {
      for (const descriptor of held) closeSync(descriptor)
    }
  }

  const start = (order: SpawnOrder): void => {
    const { id, command, user, streams } = order
    const opened: number[] = []
    const fail = (error: unknown): void => {
      const { code = 'UNKNOWN', message } = error as NodeJS.ErrnoException
      report({ id, kind: 'failed', code, message })
    }
    try {
      const stdio = streams.map((path, index) => {
        if (path === null) return 'ignore' as const
        const descriptor = openStream(path, index === 0)
        opened.push(descriptor)
        return descriptor
      })
      const child = spawn(command.file, command.args, {
        cwd: command.cwd,
        env: command.env,
        detached: true,
        stdio,
        ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
      })
      child.on('error', fail)
      if (child.pid === undefined) return
      running.add(child)
      child.on('exit', (code, signal) => {
        running.delete(child)
        report({ id, kind: 'ended', code, signal })
      })
      report({ id, kind: 'started', pid: child.pid })
    } catch (error) {
      fail(error)
    } finally {
      for (const descriptor of opened) closeSync(descriptor)
    }
  }

  const signalAll = (signal: NodeJS.Signals): void => {
    for (const { pid } of running) {
      try {
        if (pid !== undefined) process.kill(-pid, signal)
      } catch {
        // The group has ended.
      }
    }
  }

  const end = (): void => {
    signalAll('SIGKILL')
    process.exit()
  }

  process.on('message', start)
  report({ kind: 'ready' })
  process.on('disconnect', () => {
    const scratch = process.argv[1]
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true })
    signalAll('SIGTERM')
    if (running.size === 0) process.exit()
    setTimeout(end, grace)
    setInterval(() => {
      if (running.size === 0) process.exit()
    }, 50)
  })
}
