import { describe, expect, it } from '@jest/globals'
import { CliExit, parseArguments, type CliArguments } from '../../lib/cli/args.ts'
import { toHandler } from '../../lib/cli/handler.ts'
import { toAddress, toServerOptions } from '../../lib/cli/server-options.ts'
import { limits, flagOf } from '../../lib/cli/server-arguments.ts'
import { resolveTlsOptions } from '../../lib/server/tls-options.ts'
import { HTTPServer } from '../../lib/server/http-server.ts'

/** What somebody may type for a value. */
const texts = ['', ' ', 'frob', '/frob', '0', '1', '-1', '1.5', '1e3', '0x10', '1k', '660', '١']
const huge = '99999999999999999999'
const control = 'a\nb'
const values = [...texts, huge, control]

const any = new Set(values)
const someFile = new Set(values.filter((value) => value !== ''))
const fieldValue = new Set([
  'frob',
  '/frob',
  '0',
  '1',
  '-1',
  '1.5',
  '1e3',
  '0x10',
  '1k',
  '660',
  huge,
])
const none = new Set<string>()
const durations = new Set(['0', '1', '1.5', '660'])
const sizes = new Set(['0', '1', '1k', '660'])
const counts = new Set(['0', '1', '660'])

function without(set: ReadonlySet<string>, ...taken: readonly string[]): ReadonlySet<string> {
  return new Set([...set].filter((value) => !taken.includes(value)))
}

const limitValues: Readonly<Record<string, ReadonlySet<string>>> = {
  maxBodySize: sizes,
  maxConnections: without(counts, '0'),
  maxHeadSize: without(sizes, '0'),
  maxHeaders: without(counts, '0'),
  maxLineSize: without(sizes, '0'),
  maxRequests: counts,
  minBodyRate: sizes,
}

/** The values that each flag takes; every other one is to be refused. A flag with none is a switch, or has choices. */
const flags: Readonly<Record<string, ReadonlySet<string>>> = {
  '--bind': any,
  '--cache-control': fieldValue,
  '--cgi': none,
  '--charset': without(fieldValue, '/frob'),
  '--content-type': fieldValue,
  '--cors': none,
  '--directory': someFile,
  '--drain-delay': durations,
  '--drain-timeout': durations,
  '--health-path': new Set(['/frob']),
  '--help': none,
  '--http2': none,
  '--log-file': someFile,
  '--log-format': none,
  '--no-dotfiles': none,
  '--no-listing': none,
  '--open': none,
  '--pid-file': someFile,
  '--precompressed': none,
  '--protocol': none,
  '--proxy-protocol': none,
  '--sendfile': none,
  '--sendfile-prefix': new Set(['/frob']),
  '--socket-mode': new Set(['660']),
  '--spa': none,
  '--strict': none,
  '--symlinks': none,
  '--tls-cert': someFile,
  '--tls-handshake-timeout': durations,
  '--tls-key': someFile,
  '--tls-min-version': none,
  '--tls-password-file': someFile,
  '--tls-redirect': none,
  '--tls-self-signed': none,
  // A number is an address, in the manner of inet_aton(3).
  '--trust-proxy': new Set(['', ' ', '0', '1', '0x10', '660']),
  '--version': none,
  '--workers': without(counts, '0'),
  ...Object.fromEntries(
    limits.map(({ option }) => [flagOf(option), limitValues[option] ?? durations]),
  ),
}

/** What else has to be given with a flag. */
const others: Readonly<Record<string, readonly string[]>> = {
  '--sendfile-prefix': ['--sendfile', 'x-sendfile'],
  '--socket-mode': ['--bind', 'unix:/frob'],
  '--tls-handshake-timeout': ['--tls-self-signed'],
  '--tls-key': ['--tls-cert', 'c'],
  '--tls-password-file': ['--tls-cert', 'c'],
}

function outcome(argv: readonly string[]): CliArguments | CliExit {
  try {
    return parseArguments(argv)
  } catch (error) {
    if (error instanceof CliExit) return error
    throw error
  }
}

/** Makes what the command line asks for, as the command does before it listens. */
async function make(args: CliArguments): Promise<HTTPServer> {
  const { tls_cert: certfile, tls_key: keyfile } = args
  if (certfile !== undefined) {
    resolveTlsOptions({ certfile, ...(keyfile === undefined ? {} : { keyfile }) })
  }
  const address = toAddress(args, undefined) ?? [args.bind ?? '', args.port]
  // The file of a log is opened at once.
  const options = toServerOptions({ ...args, log_file: undefined })
  return new HTTPServer(address, await toHandler(args), options)
}

function helpText(): string {
  const help = outcome(['--help'])
  return help instanceof CliExit ? help.message : ''
}

describe('each flag', () => {
  it('has its row here', () => {
    const known = helpText()
      .split('\n')
      .filter((line) => line.startsWith('  -'))
      .join(' ')
      .match(/--[a-z][a-z\d-]+/g)
    expect([...new Set(known)].sort()).toEqual(['--header', ...Object.keys(flags)].sort())
  })

  it.each(Object.entries(flags))(
    '%s refuses wrong values with usage and one line',
    async (flag, takes) => {
      for (const value of values) {
        const found = outcome([...(others[flag] ?? []), `${flag}=${value}`])
        expect([flag, value, !(found instanceof CliExit)]).toEqual([flag, value, takes.has(value)])
        if (found instanceof CliExit) {
          expect(found.exitCode).toBe(2)
          expect(found.message).toMatch(
            /^usage: basehttp \[-h\] \[options\] \[port\]\nbasehttp: error: argument [^]*\n$/,
          )
          // By its name, in the long spelling at least.
          expect(found.message).toContain(`${flag}: `)
          // A value's own line feed is shown as an escape.
          expect(found.message.split('\n')).toHaveLength(3)
        } else {
          await expect(make(found)).resolves.toBeInstanceOf(HTTPServer)
        }
      }
    },
  )
})

describe('--header', () => {
  it.each([
    [['a b', 'c'], 'Header name must be a token'],
    [['', 'c'], 'Header name must be a token'],
    [['a:', 'c'], 'Header name must be a token'],
    [['a', 'b\nc'], 'Header a has an invalid character'],
    [['a', '€'], 'Header a has an invalid character'],
    [['a'], 'expected 2 arguments'],
  ])('refuses %j', (pair, reason) => {
    const found = outcome(['-H', ...pair])
    expect(found).toBeInstanceOf(CliExit)
    expect((found as CliExit).message).toContain(`error: argument -H/--header: ${reason}`)
    expect((found as CliExit).message.split('\n')).toHaveLength(3)
  })

  it('takes a name and a value, which may be empty', async () => {
    const found = outcome(['-H', 'X-A', '', '-H', 'X-B', 'c'])
    expect(found).not.toBeInstanceOf(CliExit)
    await expect(make(found as CliArguments)).resolves.toBeInstanceOf(HTTPServer)
  })
})

describe('the port', () => {
  it.each(values.filter((value) => !['0', '1', '660'].includes(value)))('is not %j', (value) => {
    const found = outcome(['--', value])
    expect(found).toBeInstanceOf(CliExit)
    expect((found as CliExit).message).toContain(
      'basehttp: error: argument port: invalid port value',
    )
  })

  it.each<[readonly string[], string]>([
    [['public'], "argument port: invalid port value: 'public' (a directory is given with -d)"],
    [['9000', 'public'], 'unrecognized arguments: public (a directory is given with -d)'],
    [['127.0.0.1'], "argument port: invalid port value: '127.0.0.1' (an address is given with -b)"],
    [
      ['--port', '9000'],
      'unrecognized arguments: --port (the port is given by itself, without a flag)',
    ],
    [
      ['--port=9000'],
      'unrecognized arguments: --port=9000 (the port is given by itself, without a flag)',
    ],
    [
      ['-p', '9000'],
      "argument -p/--protocol: invalid choice: '9000' (choose from 'HTTP/1.0', 'HTTP/1.1') " +
        '(the port is given by itself, without a flag)',
    ],
    [['--frob'], 'unrecognized arguments: --frob'],
  ])('by the habits of other servers: %j', (argv, line) => {
    const found = outcome(argv)
    expect(found).toBeInstanceOf(CliExit)
    expect((found as CliExit).message.split('\n')[1]).toBe(`basehttp: error: ${line}`)
  })
})
