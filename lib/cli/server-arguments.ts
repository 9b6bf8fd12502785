import type { ArgumentParser } from 'argparse'
import { LOG_FORMATS } from '../handlers/log-options.ts'
import { defaultWireOptions } from '../wire/limits.ts'
import type { HTTPServerOptions } from '../../types/server.ts'
import type { WireOptions } from '../../types/wire.ts'
import { count, file, mode, urlPath, positive, positiveSize, seconds, size } from './values.ts'

type LimitOption = Exclude<keyof WireOptions, 'strict'> | 'maxConnections'

/** A flag that sets an option of the server. */
interface Limit {
  readonly option: LimitOption
  readonly type: (text: string) => number
  readonly help: string
}

/** The limits of `HTTPServer`. A flag's name is the option's with dashes. */
export const limits: readonly Limit[] = [
  { option: 'firstByteTimeout', type: seconds, help: 'from connecting to the first byte' },
  { option: 'headTimeout', type: seconds, help: "for a request's head in all" },
  { option: 'bodyIdleTimeout', type: seconds, help: "between two parts of a request's content" },
  { option: 'minBodyRate', type: size, help: "least average rate of a request's content a second" },
  { option: 'bodyRateGrace', type: seconds, help: 'before that rate is looked at' },
  { option: 'keepAliveTimeout', type: seconds, help: 'between a response and the next request' },
  { option: 'writeTimeout', type: seconds, help: 'for a client that takes nothing of a response' },
  { option: 'lingerTimeout', type: seconds, help: 'a closed connection is still read' },
  { option: 'maxConnections', type: positive, help: 'connections at a time, in each worker' },
  { option: 'maxRequests', type: count, help: 'requests on a connection; 0 is no limit' },
  { option: 'maxLineSize', type: positiveSize, help: 'longest request line or field line' },
  { option: 'maxHeaders', type: positive, help: 'fields in a head' },
  { option: 'maxHeadSize', type: positiveSize, help: 'largest head in all' },
  { option: 'maxBodySize', type: size, help: 'largest content of a request' },
]

/** The flag of a limit. */
export function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** What clients can take of the server. */
export function addLimitArguments(parser: ArgumentParser): void {
  const group = parser.add_argument_group(
    'limits',
    'Durations are seconds, such as 2.5, and 0 is no limit; sizes are bytes, such as 65536 or 64k, 10m, 1g.',
  )
  for (const { option, type, help } of limits) {
    group.add_argument(flagOf(option), {
      dest: option,
      type,
      metavar: metavars.get(type) ?? 'N',
      help: `${help} (default: ${showDefault(option, type)})`,
    })
  }
}

/** TLS: the first three flags are Python 3.14's. */
export function addTlsArguments(parser: ArgumentParser): void {
  const group = parser.add_argument_group('TLS')
  group.add_argument('--tls-cert', {
    metavar: 'PATH',
    type: file,
    help: 'serve over TLS with this certificate chain in PEM; read again at SIGHUP',
  })
  group.add_argument('--tls-key', {
    metavar: 'PATH',
    type: file,
    help: 'private key in PEM (default: the file of --tls-cert)',
  })
  group.add_argument('--tls-password-file', {
    metavar: 'PATH',
    type: file,
    help: 'file with the password of the private key',
  })
  group.add_argument('--tls-self-signed', {
    action: 'store_true',
    help: 'serve over TLS with a certificate made on the spot, for development',
  })
  group.add_argument('--tls-redirect', {
    action: 'store_true',
    help: 'redirect plain HTTP on this port to https (default: answer it with 400)',
  })
  group.add_argument('--tls-min-version', {
    choices: ['TLSv1.2', 'TLSv1.3'],
    help: 'oldest version of TLS to speak, TLSv1.2 or TLSv1.3 (default: TLSv1.2)',
    metavar: 'VERSION',
  })
  group.add_argument('--tls-handshake-timeout', {
    type: seconds,
    metavar: 'SECONDS',
    help: 'for the handshake; 0 is no limit (default: 10)',
  })
  group.add_argument('--http2', {
    action: 'store_true',
    help: 'serve HTTP/2 to clients that ask for it',
  })
}

/** Start, stop and processes. */
export function addProcessArguments(parser: ArgumentParser): void {
  const group = parser.add_argument_group('process')
  group.add_argument('--workers', {
    type: positive,
    metavar: 'N',
    help: 'serve by this many processes; SIGHUP replaces them one by one',
  })
  group.add_argument('--socket-mode', {
    type: mode,
    metavar: 'MODE',
    help: 'permissions of the Unix socket of --bind, such as 660 (default: by the umask)',
  })
  group.add_argument('--pid-file', {
    metavar: 'PATH',
    type: file,
    help: 'write the number of the process to signal into this file while serving',
  })
  group.add_argument('--health-path', {
    type: urlPath,
    metavar: 'PATH',
    help: 'answer this path with 200 while serving and 503 while stopping',
  })
  group.add_argument('--drain-timeout', {
    type: seconds,
    metavar: 'SECONDS',
    help: 'for responses under way when it is to stop (default: 10)',
  })
  group.add_argument('--drain-delay', {
    type: seconds,
    metavar: 'SECONDS',
    help: 'to go on serving when it is to stop, for load balancers to notice (default: 0)',
  })
}

/** Logs. */
export function addLogArguments(parser: ArgumentParser): void {
  const group = parser.add_argument_group('logs')
  group.add_argument('--log-format', {
    choices: [...LOG_FORMATS],
    metavar: 'FORMAT',
    help: `how requests are logged: ${LOG_FORMATS.join(', ')} (default: python)`,
  })
  group.add_argument('--log-file', {
    metavar: 'PATH',
    type: file,
    help: 'append log lines to this file; opened again at SIGUSR1, SIGHUP or when renamed (default: standard error)',
  })
}

// --- Internal ---

const metavars = new Map<unknown, string>([
  [seconds, 'SECONDS'],
  [size, 'SIZE'],
  [positiveSize, 'SIZE'],
])

function showDefault(option: LimitOption, type: (text: string) => number): string {
  const defaults: Readonly<Partial<Record<keyof HTTPServerOptions, unknown>>> = defaultWireOptions
  const value = defaults[option]
  if (typeof value !== 'number' || value === Infinity) return 'no limit'
  if (type === seconds) return String(value / 1000)
  if (type === count && value === 0) return 'no limit'
  return value % 1024 === 0 && value > 0 ? `${value / 1024}k` : String(value)
}
