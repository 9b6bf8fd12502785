import { constants } from 'node:os'
import type { Writable } from 'node:stream'
import { serve } from '../server/serve.ts'
import type { SignalSource } from '../server/signals.ts'
import { takeSockets } from './activation.ts'
import { CliExit, parseArguments, type CliArguments } from './args.ts'
import { checkDirectory, explain } from './errors.ts'
import { toHandler } from './handler.ts'
import { toAddress, toServerOptions, toTlsOptions } from './server-options.ts'
import { packageVersion } from './version.ts'

/** The streams and signals of a process. */
export interface CliStreams {
  stdout: Pick<Writable, 'write'>
  stderr: Pick<Writable, 'write'>
  signals: SignalSource
}

/**
 * Runs the command.
 *
 * @param argv - the arguments after the program's name
 * @param streams - where to write, and what stops it
 * @returns the exit code: 0 after a signal, 130 or 143 after a second one, 1 if it cannot serve, 2 for a wrong command
 * line
 */
export async function main(argv: readonly string[], streams: CliStreams): Promise<number> {
  try {
    const args = parseArguments(argv)
    if (!args.version) return await run(args, streams)
    streams.stdout.write(`basehttp ${packageVersion()}\n`)
    return 0
  } catch (error) {
    if (error instanceof CliExit) {
      const stream = error.exitCode === 0 ? streams.stdout : streams.stderr
      stream.write(error.message)
      return error.exitCode
    }
    const explained = explain(error)
    if (explained === undefined) throw error
    streams.stderr.write(`basehttp: ${explained}\n`)
    return 1
  }
}

async function run(args: CliArguments, streams: CliStreams): Promise<number> {
  await checkDirectory(args.directory)
  const browser = args.open ? await import('./browser.ts') : undefined
  const { signal, forced } = await serve(await toHandler(args), {
    protocol: args.protocol,
    port: args.port,
    bind: args.bind,
    address: toAddress(args, takeSockets(process.env, process.pid)),
    options: toServerOptions(args),
    tls: toTlsOptions(args),
    workers: args.workers,
    pidFile: args.pid_file,
    stdout: streams.stdout,
    signals: streams.signals,
    onListening: (url) => {
      browser?.openBrowser(url)
    },
  })
  return forced
    ? 128 + (signal === 'SIGINT' ? constants.signals.SIGINT : constants.signals.SIGTERM)
    : 0
}
