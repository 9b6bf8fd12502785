import { stat } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { configure } from '../handlers/configure.ts'
import { checkField } from '../handlers/response-head.ts'
import { SimpleHTTPRequestHandler } from '../handlers/simple.ts'
import { serve } from '../server/serve.ts'
import type { SignalSource } from '../server/signals.ts'
import { CliExit, parseArguments, type CliArguments } from './args.ts'
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
    if (args.version) {
      streams.stdout.write(`basehttp ${packageVersion()}\n`)
      return 0
    }
    await run(args, streams)
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
  for (const [name, value] of args.header) checkHeader(name, value)
  await checkDirectory(args.directory)
  const Handler = configure(SimpleHTTPRequestHandler, {
    directory: args.directory,
    extraResponseHeaders: args.header,
    ...(args.contentType === undefined ? {} : { defaultContentType: args.contentType }),
  })
  await serve(Handler, {
    protocol: args.protocol,
    port: args.port,
    bind: args.bind,
    options: { strict: args.strict },
    stdout: streams.stdout,
    signals: streams.signals,
  })
}

function checkHeader(name: string, value: string): void {
  try {
    checkField(name, value)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new CliExit(2, `basehttp: error: argument -H/--header: ${error.message}\n`)
  }
}

async function checkDirectory(directory: string): Promise<void> {
  if (!(await stat(directory)).isDirectory()) {
    throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR', path: directory })
  }
}

const causes: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EACCES: 'Permission denied',
  ENOTFOUND: 'Name or service not known',
  EAI_AGAIN: 'Name or service not known',
  ENOENT: 'No such directory',
  ENOTDIR: 'Not a directory',
}

/** One line for what can go wrong before serving; `undefined` for what is a defect. */
function explain(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  const cause = causes[String(error.code)]
  if (cause === undefined) return undefined
  if ('path' in error) return `${cause}: ${String(error.path)}`
  const host = 'address' in error ? error.address : 'hostname' in error ? error.hostname : ''
  const port = 'port' in error ? ` port ${String(error.port)}` : ''
  return `${cause}: ${String(host)}${port}`
}
