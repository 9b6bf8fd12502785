import type { Writable } from 'node:stream'
import { isatty } from 'node:tty'
import type { Address } from '../../types/handler.ts'
import type { LogSink } from '../../types/logger.ts'
import { reasonOf } from '../http/error.ts'
import { toUrl } from './address.ts'
import { removePidFile, writePidFile } from './pid-file.ts'
import { onSignals, type SignalSource } from './signals.ts'

/** What serves in the foreground: a server, or workers. */
export interface Runnable {
  readonly scheme: 'http' | 'https'
  /** Resolves when clients can connect, with what is listened on. */
  start(): Promise<Address>
  /** Resolves when it has stopped without being told to. */
  readonly ended: Promise<void>
  /** Takes up renewed certificates and starts anew what can be; absent when there is nothing to. */
  readonly reload: (() => Promise<void>) | undefined
  /** Opens its log files again. */
  reopen(): void
  /** Finishes what is under way, then stops. */
  stop(): Promise<void>
  /** Cuts off what {@link Runnable.stop} waits for. */
  force(): void
}

/** The surroundings of a {@link Runnable}. */
export interface RunOptions {
  readonly stdout: Pick<Writable, 'write'>
  /** Gets lines on what is no request. */
  readonly stderr: LogSink
  readonly signals: SignalSource
  readonly pidFile: string | undefined
  readonly onListening: ((url: string) => void) | undefined
}

/** How serving came to its end. */
export interface ServeResult {
  /** The signal that has stopped it; `undefined` if the server was stopped otherwise. */
  readonly signal: 'SIGINT' | 'SIGTERM' | undefined
  /** Whether a second signal has cut off responses. */
  readonly forced: boolean
}

/** Serves until a signal, as `serve()` describes. */
export async function runInForeground(
  runnable: Runnable,
  options: RunOptions,
): Promise<ServeResult> {
  const { stdout, pidFile } = options
  outliveReader(stdout)
  let forced = false
  let stop: (signal: 'SIGINT' | 'SIGTERM') => void = () => undefined
  const signalled = new Promise<'SIGINT' | 'SIGTERM'>((resolve) => (stop = resolve))
  // Before the first line: whoever reads it may already stop the server.
  const release = onSignals(options.signals, {
    stop,
    force: () => {
      forced = true
      runnable.force()
    },
    reload: reloader(runnable, options) ?? withoutTerminal(),
    reopen: () => {
      runnable.reopen()
    },
  })
  try {
    const address = await runnable.start()
    if (pidFile !== undefined) await writePidFile(pidFile)
    announce(runnable.scheme, address, options)
    const signal = await Promise.race([signalled, runnable.ended.then(() => undefined)])
    if (signal === 'SIGINT') stdout.write('\nKeyboard interrupt received, exiting.\n')
    await runnable.stop()
    return { signal, forced }
  } catch (error) {
    // It may have come as far as serving.
    runnable.force()
    await runnable.stop()
    throw error
  } finally {
    release()
    if (pidFile !== undefined) await removePidFile(pidFile)
  }
}

/** Tells of what is no request. */
export function warn({ stderr }: RunOptions, message: string): void {
  stderr.write(`basehttp: ${message}\n`)
}

// --- Internal ---

/** One reload at a time; a signal that comes meanwhile asks for one more. */
function reloader({ reload }: Runnable, options: RunOptions): (() => void) | undefined {
  if (reload === undefined) return undefined
  let running = false
  let again = false
  const work = async (): Promise<void> => {
    running = true
    do {
      again = false
      try {
        await reload()
      } catch (error) {
        warn(options, `not reloaded: ${reasonOf(error)}`)
      }
    } while (wanted())
    running = false
  }
  // A function, for to the compiler nothing has changed it since the loop began.
  const wanted = (): boolean => again
  return () => {
    again = true
    if (!running) void work()
  }
}

/**
 * With no terminal there is none that could be closed: `nohup` has taken it away. That it has told the system to ignore
 * `SIGHUP` is lost, since Node puts every signal back to its default when it starts.
 */
function withoutTerminal(): (() => void) | undefined {
  return [0, 1, 2].some(isatty) ? undefined : () => undefined
}

function announce(
  scheme: 'http' | 'https',
  [host, port]: Address,
  { stdout, onListening }: RunOptions,
): void {
  const name = scheme.toUpperCase()
  // A Unix socket has no port.
  const url = port === 0 ? `unix:${host}` : toUrl(scheme, host, port)
  if (port === 0) stdout.write(`Serving ${name} on ${url} ...\n`)
  else stdout.write(`Serving ${name} on ${host} port ${port} (${url}) ...\n`)
  onListening?.(url)
}

const outlived = new WeakSet<object>()

/** Whoever reads the first line (`| head -1`) may be gone before the last: that is no reason to end. */
function outliveReader(stream: Pick<Writable, 'write'> | Writable): void {
  if (!('on' in stream) || outlived.has(stream)) return
  outlived.add(stream)
  stream.on('error', () => {
    // The line is lost.
  })
}
