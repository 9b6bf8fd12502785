import { readFileSync } from 'node:fs'
import type { HTTPServerOptions, ListenAddress, TlsOptions } from '../../types/server.ts'
import { LogFile } from '../log/file-sink.ts'
import { CliExit, type CliArguments } from './args.ts'
import { limits } from './server-arguments.ts'

/** The server's options that the command line describes. Opens the log file. */
export function toServerOptions(args: CliArguments): HTTPServerOptions {
  const options: Record<string, unknown> = {
    strict: args.strict,
    logFormat: args.log_format,
    healthPath: args.health_path,
    drainTimeout: args.drain_timeout,
    drainDelay: args.drain_delay,
    trustProxy: args.trust_proxy ?? false,
    proxyProtocol: args.proxy_protocol,
  }
  for (const { option } of limits) options[option] = args[option]
  if (args.log_file !== undefined) options['log'] = new LogFile(args.log_file)
  // The command line's values were checked one by one.
  return onlyGiven(options)
}

/** The options of TLS that the command line describes; `undefined` for plain HTTP. */
export function toTlsOptions(args: CliArguments): TlsOptions | undefined {
  const { tls_cert: certfile, tls_password_file: passwordFile } = args
  if (certfile === undefined && !args.tls_self_signed) return undefined
  return onlyGiven({
    certfile,
    keyfile: args.tls_key,
    password: passwordFile === undefined ? undefined : passwordIn(passwordFile),
    selfSigned: args.tls_self_signed ? true : undefined,
    redirectHttp: args.tls_redirect,
    minVersion: args.tls_min_version,
    handshakeTimeout: args.tls_handshake_timeout,
    http2: args.http2,
  })
}

/** The Unix socket or the inherited sockets to listen on; `undefined` for host and port. */
export function toAddress(
  args: CliArguments,
  sockets: readonly number[] | undefined,
): ListenAddress | undefined {
  if (sockets !== undefined) return { fds: sockets }
  if (args.bind?.startsWith('unix:') !== true) return undefined
  const path = args.bind.slice('unix:'.length)
  return args.socket_mode === undefined ? { path } : { path, mode: args.socket_mode }
}

// --- Internal ---

/** Leaves out what is undefined; the values were checked when they were parsed. */
function onlyGiven(options: Readonly<Record<string, unknown>>): Record<string, never> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given) as Record<string, never>
}

/** Reads a password at each use, so that a renewed key may have another one. As in Python, blanks around it go. */
function passwordIn(file: string): () => string {
  const read = (): string => readFileSync(file, 'utf8').trim()
  try {
    read()
  } catch (error) {
    const reason = error instanceof Error ? error.message : ''
    throw new CliExit(2, `basehttp: error: Failed to read TLS password file: ${reason}\n`)
  }
  return read
}
