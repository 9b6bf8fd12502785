import { describe, expect, it } from '@jest/globals'
import { CliExit, parseArguments, type CliArguments } from '../../lib/cli/args.ts'
import { takeSockets } from '../../lib/cli/activation.ts'
import { toAddress, toServerOptions, toTlsOptions } from '../../lib/cli/server-options.ts'
import { flagOf, limits } from '../../lib/cli/server-arguments.ts'
import { defaultWireOptions } from '../../lib/wire/limits.ts'
import { resolveServerOptions } from '../../lib/server/options.ts'

/** What is printed for a command line that is answered without serving. */
function refused(argv: readonly string[]): CliExit {
  try {
    parseArguments(argv)
  } catch (error) {
    if (error instanceof CliExit) return error
    throw error
  }
  throw new Error(`${argv.join(' ')} was accepted`)
}

function options(...argv: string[]): ReturnType<typeof toServerOptions> {
  return toServerOptions(parseArguments(argv))
}

describe('flags of the server', () => {
  it('has one for each limit of HTTPServer', () => {
    const expected = [...Object.keys(defaultWireOptions), 'maxConnections'].filter(
      (name) => name !== 'strict',
    )
    expect(limits.map(({ option }) => option as string).sort()).toEqual(expected.sort())
  })

  it('sets none unless told to', () => {
    expect(options()).toEqual({
      strict: false,
      proxyProtocol: false,
      trustProxy: false,
    })
    expect(toTlsOptions(parseArguments([]))).toBeUndefined()
    expect(toAddress(parseArguments([]), undefined)).toBeUndefined()
  })

  it.each([
    ['--first-byte-timeout', '2.5', 'firstByteTimeout', 2500],
    ['--head-timeout', '0', 'headTimeout', 0],
    ['--body-idle-timeout', '0.001', 'bodyIdleTimeout', 1],
    ['--min-body-rate', '1k', 'minBodyRate', 1024],
    ['--body-rate-grace', '3', 'bodyRateGrace', 3000],
    ['--keep-alive-timeout', '75', 'keepAliveTimeout', 75_000],
    ['--write-timeout', '60', 'writeTimeout', 60_000],
    ['--linger-timeout', '1', 'lingerTimeout', 1000],
    ['--max-connections', '10', 'maxConnections', 10],
    ['--max-requests', '0', 'maxRequests', 0],
    ['--max-line-size', '8k', 'maxLineSize', 8192],
    ['--max-headers', '50', 'maxHeaders', 50],
    ['--max-head-size', '1M', 'maxHeadSize', 1_048_576],
    ['--max-body-size', '2g', 'maxBodySize', 2_147_483_648],
    ['--drain-timeout', '30', 'drainTimeout', 30_000],
    ['--drain-delay', '5', 'drainDelay', 5000],
    ['--health-path', '/-/health', 'healthPath', '/-/health'],
    ['--log-format', 'json', 'logFormat', 'json'],
    ['--trust-proxy', '10.0.0.0/8,loopback', 'trustProxy', '10.0.0.0/8,loopback'],
  ] as const)('%s %s is %s: %j', (flag, text, name, value) => {
    const resolved = options(flag, text)
    expect(resolved).toHaveProperty(name, value)
    expect(() => resolveServerOptions(resolved)).not.toThrow()
  })

  it.each([
    ['--head-timeout', '-1', /invalid seconds value: '-1'/],
    ['--head-timeout', '5s', /invalid seconds value: '5s'/],
    ['--head-timeout', '99999999', /invalid seconds value/],
    ['--head-timeout', 'NaN', /invalid seconds value/],
    ['--max-head-size', '64kb', /invalid size value: '64kb'/],
    ['--max-head-size', '0', /invalid size value: '0'/],
    ['--max-body-size', '1e3', /invalid size value: '1e3'/],
    ['--max-headers', '0', /invalid count value: '0'/],
    ['--max-connections', '0', /invalid count value: '0'/],
    ['--max-requests', '1.5', /invalid count value: '1.5'/],
    ['--workers', '0', /invalid count value: '0'/],
    ['--workers', 'many', /invalid count value: 'many'/],
    ['--health-path', 'health', /invalid path value: 'health'/],
    ['--log-format', 'xml', /invalid choice: 'xml'/],
    ['--trust-proxy', 'somewhere', /argument --trust-proxy: /],
    ['--tls-min-version', 'TLSv1', /invalid choice: 'TLSv1'/],
    ['--socket-mode', '999', /invalid mode value: '999'/],
    ['--socket-mode', '660', /--socket-mode requires --bind unix:PATH to be set/],
    ['-b', 'unix:', /argument -b\/--bind: unix: needs a path/],
    ['--tls-key', 'k', /--tls-key requires --tls-cert to be set/],
    ['--tls-password-file', 'p', /--tls-password-file requires --tls-cert to be set/],
  ])('refuses %s %s in two lines', (flag, text, message) => {
    const { exitCode, message: shown } = refused([flag, text])
    expect(exitCode).toBe(2)
    const [usage, error, ...rest] = shown.split('\n')
    expect(usage).toBe('usage: basehttp [-h] [options] [port]')
    expect(error).toMatch(/^basehttp: error: /)
    expect(error).toMatch(message)
    expect(rest).toEqual([''])
  })

  it.each([
    [['--http2'], /--http2 requires --tls-cert/],
    [['--tls-redirect'], /--tls-redirect requires --tls-cert/],
    [['--tls-self-signed', '--tls-cert', 'c'], /--tls-self-signed: not allowed with/],
    [['--proxy-protocol'], /--proxy-protocol: needs --trust-proxy/],
  ])('refuses %j', (argv, message) => {
    expect(refused(argv).message).toMatch(message)
  })

  it('reads the options of TLS', () => {
    const argv = ['--tls-cert', 'c', '--tls-key', 'k', '--http2', '--tls-handshake-timeout', '3']
    expect(toTlsOptions(parseArguments(argv))).toEqual({
      certfile: 'c',
      keyfile: 'k',
      http2: true,
      redirectHttp: false,
      handshakeTimeout: 3000,
    })
    expect(toTlsOptions(parseArguments(['--tls-self-signed']))).toMatchObject({ selfSigned: true })
  })

  it('answers a password file that cannot be read with exit code 2, as Python does', () => {
    const argv = ['--tls-cert', 'c', '--tls-password-file', '/none/at/all']
    expect(() => toTlsOptions(parseArguments(argv))).toThrow(/Failed to read TLS password file/)
  })

  it('has a default in its help for every limit, from where the server has it', () => {
    const help = refused(['--help']).message.replace(/\s+/g, ' ')
    for (const { option } of limits) {
      expect(help).toMatch(new RegExp(`${flagOf(option)} [A-Z]+ [^]*?\\(default: [^)]+\\)`))
    }
    expect(help).toContain("for a request's head in all (default: 20)")
    expect(help).toContain('largest head in all (default: 256k)')
  })
})

describe('what is listened on', () => {
  const parse = (...argv: string[]): CliArguments => parseArguments(argv)

  it('is a Unix socket if the address says so', () => {
    expect(toAddress(parse('-b', 'unix:/run/x.sock'), undefined)).toEqual({ path: '/run/x.sock' })
    const args = parse('-b', 'unix:x', '--socket-mode', '660')
    expect(toAddress(args, undefined)).toEqual({ path: 'x', mode: 0o660 })
  })

  it('is what systemd passes, if it is for this process', () => {
    const env = { LISTEN_PID: '7', LISTEN_FDS: '2', LISTEN_FDNAMES: 'a:b', OTHER: '1' }
    expect(takeSockets(env, 7)).toEqual([3, 4])
    expect(env).toEqual({ OTHER: '1' })
    expect(takeSockets({ LISTEN_PID: '8', LISTEN_FDS: '2' }, 7)).toBeUndefined()
    expect(takeSockets({ LISTEN_PID: '7', LISTEN_FDS: 'x' }, 7)).toBeUndefined()
    expect(takeSockets({}, 7)).toBeUndefined()
    expect(toAddress(parse('-b', 'unix:x'), [3])).toEqual({ fds: [3] })
  })
})
