import type { Writable } from 'node:stream'
import { serve } from '../server/serve.ts'
import type { SignalSource } from '../server/signals.ts'
import { CliExit, parseArguments, type CliArguments } from './args.ts'
import { checkDirectory, explain } from './errors.ts'
import { toHandler } from './handler.ts'
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
 * @returns the exit code: 0 after a signal, 1 if it cannot serve, 2 for a wrong command line
 */
export async function main(argv: readonly string[], streams: CliStreams): Promise<number> {
  try {
    const args = parseArguments(argv)
    if (args.version) streams.stdout.write(`basehttp ${packageVersion()}\n`)
    else await run(args, streams)
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

async function run(args: CliArguments, streams: CliStreams): Promise<void> {
  await checkDirectory(args.directory)
  const browser = args.open ? await import('./browser.ts') : undefined
  await serve(await toHandler(args), {
    protocol: args.protocol,
    port: args.port,
    bind: args.bind,
    options: {
      strict: args.strict,
      trustProxy: args.trust_proxy ?? false,
      proxyProtocol: args.proxy_protocol,
    },
    stdout: streams.stdout,
    signals: streams.signals,
    onListening: (url) => {
      browser?.openBrowser(url)
    },
  })
}
