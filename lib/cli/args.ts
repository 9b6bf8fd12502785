import { ArgumentParser } from 'argparse'
import type { Sendfile, SymlinkPolicy } from '../../types/files.ts'
import type { LogFormat } from '../../types/logger.ts'
import type { HTTPServerOptions } from '../../types/server.ts'
import { checkField } from '../handlers/response-head.ts'
import { compileTrust } from '../http/trust.ts'
import { isSocketPath } from '../server/address.ts'
import {
  addCommandArguments,
  addFileArguments,
  addProxyArguments,
  addPythonArguments,
} from './arguments.ts'
import {
  addLimitArguments,
  addLogArguments,
  addProcessArguments,
  addTlsArguments,
} from './server-arguments.ts'

/** Limits, by the names of the server's options. */
export type LimitArguments = Readonly<Partial<Record<keyof HTTPServerOptions, unknown>>>

/** What the command line asks for; an absent value is `undefined`. */
export interface CliArguments extends LimitArguments {
  readonly port: number
  readonly bind: string | undefined
  readonly directory: string
  readonly cgi: boolean
  readonly protocol: string
  /** Name and value of each additional response field. */
  readonly header: readonly (readonly [name: string, value: string])[] | undefined
  readonly content_type: string | undefined
  readonly strict: boolean
  readonly cors: boolean
  readonly cache_control: string | undefined
  readonly no_listing: boolean
  readonly no_dotfiles: boolean
  readonly symlinks: SymlinkPolicy
  readonly spa: boolean
  readonly precompressed: boolean
  readonly charset: string | undefined
  readonly trust_proxy: string | undefined
  readonly proxy_protocol: boolean
  readonly sendfile: Sendfile | undefined
  readonly sendfile_prefix: string | undefined
  readonly tls_cert: string | undefined
  readonly tls_key: string | undefined
  readonly tls_password_file: string | undefined
  readonly tls_self_signed: boolean
  readonly tls_redirect: boolean
  readonly tls_min_version: 'TLSv1.2' | 'TLSv1.3' | undefined
  /** Milliseconds, as all durations. */
  readonly tls_handshake_timeout: number | undefined
  readonly http2: boolean
  readonly workers: number | undefined
  readonly socket_mode: number | undefined
  readonly pid_file: string | undefined
  readonly health_path: string | undefined
  readonly drain_timeout: number | undefined
  readonly drain_delay: number | undefined
  readonly log_format: LogFormat | undefined
  readonly log_file: string | undefined
  readonly open: boolean
  readonly version: boolean
}

/** The command line is answered without serving: usage, help or an error of its. */
export class CliExit extends Error {
  /** The process's exit code. */
  readonly exitCode: number

  /**
   * @param exitCode - 0 for help, 2 for a wrong command line
   * @param text - what to print: to stdout for 0, else to stderr
   */
  constructor(exitCode: number, text: string) {
    super(text)
    this.exitCode = exitCode
  }
}

/** Parses as Python's argparse does, but neither prints nor exits. */
class Parser extends ArgumentParser {
  override print_help(): void {
    throw new CliExit(0, this.format_help())
  }

  override error(message: string): never {
    // One line, whatever was typed.
    const text = `${this.prog}: error: ${message.replace(/\p{Cc}/gu, '?')}${hint(message)}`
    throw new CliExit(2, `${this.format_usage()}${text}\n`)
  }
}

// What other servers' commands take, and how it is given here.
const hints: readonly (readonly [message: RegExp, hint: string])[] = [
  [/^argument port: invalid port value: '[\da-f]*[.:][\da-f.:]*'$/, 'an address is given with -b'],
  [/^argument port: invalid port value: '.*\D.*'$/s, 'a directory is given with -d'],
  [/^argument port: invalid port value: '\d+'$/, 'ports go up to 65535'],
  [/^unrecognized arguments: .*--port\b/, 'the port is given by itself, without a flag'],
  [/^argument -p\/--protocol: .*'\d+'/, 'the port is given by itself, without a flag'],
  [/^unrecognized arguments: [^-]/, 'a directory is given with -d'],
]

function hint(message: string): string {
  const found = hints.find(([pattern]) => pattern.test(message))
  return found === undefined ? '' : ` (${found[1]})`
}

/**
 * Reads the command line.
 *
 * @param argv - the arguments after the program's name
 * @throws {@link CliExit} for `--help` and for a wrong command line
 */
export function parseArguments(argv: readonly string[]): CliArguments {
  const usage = '%(prog)s [-h] [options] [port]'
  const parser = new Parser({ prog: 'basehttp', usage, color: false })
  addPythonArguments(parser)
  addCommandArguments(parser)
  addFileArguments(parser)
  addTlsArguments(parser)
  addProcessArguments(parser)
  addLogArguments(parser)
  addLimitArguments(parser)
  addProxyArguments(parser)
  const parsed = parser.parse_args<CliArguments>([...argv])
  for (const [name, value] of parsed.header ?? []) checkHeader(parser, name, value)
  checkProxies(parser, parsed)
  const conflict = findConflict(parsed)
  if (conflict !== undefined) parser.error(conflict)
  return parsed
}

/** What is wrong with flags that are right by themselves. */
function findConflict(args: CliArguments): string | undefined {
  const tls = args.tls_cert !== undefined || args.tls_self_signed
  if (args.tls_cert !== undefined && args.tls_self_signed) {
    return 'argument --tls-self-signed: not allowed with argument --tls-cert'
  }
  if (args.tls_cert === undefined && args.tls_key !== undefined) {
    return '--tls-key requires --tls-cert to be set'
  }
  if (args.tls_cert === undefined && args.tls_password_file !== undefined) {
    return '--tls-password-file requires --tls-cert to be set'
  }
  const needTls = {
    '--tls-redirect': args.tls_redirect,
    '--tls-min-version': args.tls_min_version !== undefined,
    '--tls-handshake-timeout': args.tls_handshake_timeout !== undefined,
    '--http2': args.http2,
  }
  for (const [flag, given] of Object.entries(needTls)) {
    if (given && !tls) return `${flag} requires --tls-cert or --tls-self-signed to be set`
  }
  const onPath = args.bind?.startsWith('unix:') === true
  if (onPath && args.bind === 'unix:') return 'argument -b/--bind: unix: needs a path'
  if (onPath && !isSocketPath(args.bind.slice('unix:'.length))) {
    return "argument -b/--bind: the path is longer than a Unix socket's can be"
  }
  if (args.socket_mode !== undefined && !onPath) {
    return '--socket-mode requires --bind unix:PATH to be set'
  }
  return undefined
}

function checkProxies(parser: ArgumentParser, args: CliArguments): void {
  const { trust_proxy, proxy_protocol, sendfile, sendfile_prefix } = args
  try {
    const trusts = compileTrust(trust_proxy ?? false)
    if (proxy_protocol && trusts === undefined) {
      parser.error('argument --proxy-protocol: needs --trust-proxy, which says whose headers count')
    }
  } catch (error) {
    if (error instanceof CliExit) throw error
    const reason = error instanceof Error ? error.message.replace(/^option trustProxy: /, '') : ''
    parser.error(`argument --trust-proxy: ${reason}`)
  }
  if (sendfile_prefix !== undefined && sendfile === undefined) {
    parser.error('argument --sendfile-prefix: needs --sendfile')
  }
}

function checkHeader(parser: ArgumentParser, name: string, value: string): void {
  try {
    checkField(name, value)
  } catch (error) {
    parser.error(`argument -H/--header: ${error instanceof Error ? error.message : ''}`)
  }
}
