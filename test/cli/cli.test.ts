import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { checkDirectory, explain } from '../../lib/cli/errors.ts'
import { cliCommand, runCli, startCli } from '../helpers/cli.ts'
import { RunningProgram, type RunningServer } from '../helpers/process.ts'
import { connect, exchange } from '../helpers/raw.ts'

let folder = ''
const started = new Set<RunningServer>()

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'basehttp-cli-'))
  writeFileSync(join(folder, 'a.txt'), 'hello\n')
  writeFileSync(join(folder, 'noext'), 'hello\n')
})

afterEach(async () => {
  for (const server of started) await server.stop()
  started.clear()
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

async function start(...args: string[]): Promise<RunningServer> {
  const server = await startCli(['0', '-b', '127.0.0.1', '-d', folder, ...args])
  started.add(server)
  return server
}

async function get(server: RunningServer, target = '/a.txt'): Promise<string> {
  const bytes = `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`
  return (await exchange(server.port, bytes)).toString()
}

describe('basehttp', () => {
  it('says where it serves, as http.server does', async () => {
    const server = await start()
    expect(server.firstLine).toBe(
      `Serving HTTP on 127.0.0.1 port ${server.port} (http://127.0.0.1:${server.port}/) ...`,
    )
  })

  it('listens on every address by default', async () => {
    const server = await startCli(['0', '-d', folder])
    started.add(server)
    expect(server.firstLine).toBe(
      `Serving HTTP on 0.0.0.0 port ${server.port} (http://0.0.0.0:${server.port}/) ...`,
    )
  })

  it('writes IPv6 in brackets', async () => {
    const server = await startCli(['0', '-b', '::1', '-d', folder])
    started.add(server)
    expect(server.firstLine).toContain(`on ::1 port ${server.port} (http://[::1]:${server.port}/)`)
  })

  it('serves the directory, in HTTP/1.0 unless asked otherwise', async () => {
    expect(await get(await start())).toMatch(/^HTTP\/1\.0 200 OK\r\n[^]*\r\n\r\nhello\n$/)
    expect(await get(await start('-p', 'HTTP/1.1'))).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  })

  it('logs to standard error', async () => {
    const server = await start()
    await get(server)
    await get(server, '/missing%1b')
    await server.stop()
    expect(server.stderr.replace(/\[.*?\]/g, '[]')).toBe(
      '127.0.0.1 - - [] "GET /a.txt HTTP/1.1" 200 -\n' +
        '127.0.0.1 - - [] code 404, message File not found\n' +
        '127.0.0.1 - - [] "GET /missing%1b HTTP/1.1" 404 -\n',
    )
  })

  it('adds fields and a default media type', async () => {
    const server = await start('-H', 'X-A', '1', '--header', 'X-B', '2', '--content-type', 'x/y')
    const text = await get(server, '/noext')
    expect(text).toContain('\r\nX-A: 1\r\n')
    expect(text).toContain('\r\nX-B: 2\r\n')
    expect(text).toMatch(/\r\nContent-type: x\/y\r\n/i)
  })

  it('stops at Ctrl-C with a word and exit code 0', async () => {
    const server = await start()
    expect(await server.stop('SIGINT')).toEqual({ code: 0, signal: null })
    expect(server.stdout).toMatch(/\nKeyboard interrupt received, exiting\.\n$/)
    expect(server.stderr).toBe('')
  })

  it('drains at SIGTERM: a response under way is finished', async () => {
    writeFileSync(join(folder, 'big'), Buffer.alloc(16 * 1024 * 1024))
    const server = await start()
    const client = await connect(server.port)
    client.socket.pause()
    await client.send('GET /big HTTP/1.0\r\n\r\n')
    await server.waitUntil(() => server.stderr.includes('"GET /big'), 'the request logged')
    const idle = await connect(server.port)
    const stopped = server.stop('SIGTERM')
    await idle.waitForClose()
    await expect(connect(server.port)).rejects.toThrow(/REFUSED/)
    client.socket.resume()
    const received = await client.waitForClose()
    expect(received.length).toBeGreaterThan(16 * 1024 * 1024)
    expect(await stopped).toEqual({ code: 0, signal: null })
  })

  it.each([
    [['--nonsense'], /^usage: basehttp [^]*error: unrecognized arguments: --nonsense\n$/],
    [
      ['abc'],
      /^usage: [^]*error: argument port: invalid port value: 'abc' \(a directory is .* -d\)\n$/,
    ],
    [
      ['65536'],
      /^usage: [^]*error: argument port: invalid port value: '65536' \(ports .* 65535\)\n$/,
    ],
    [
      ['--port', '9000'],
      /^usage: [^]*error: unrecognized arguments: --port \(.*without a flag\)\n$/,
    ],
    [['--host', '0.0.0.0'], /^usage: [^]*\(an address is given with -b\)\n$/],
    [
      ['-b', `unix:/${'a'.repeat(110)}`],
      /^usage: [^]*error: argument -b\/--bind: the path is longer/,
    ],
    [['--charset', 'a b; x=y'], /^usage: [^]*error: argument --charset: invalid charset value/],
    [['-p', 'HTTP/9'], /^usage: [^]*error: argument -p\/--protocol: invalid choice: 'HTTP\/9'/],
    [['-H', 'a b', 'c'], /^usage: [^]*error: argument -H\/--header: Header name must be a token/],
    [['-H', 'a', 'b\nc'], /^usage: [^]*error: argument -H\/--header: Header a has an invalid/],
    [['--trust-proxy', 'nobody'], /^usage: [^]*error: argument --trust-proxy: invalid IP/],
    [['--proxy-protocol'], /^usage: [^]*error: argument --proxy-protocol: needs --trust-proxy/],
    [['--sendfile', 'nginx'], /^usage: [^]*error: argument --sendfile: invalid choice: 'nginx'/],
    [['--sendfile-prefix', '/x/'], /^usage: [^]*error: argument --sendfile-prefix: needs/],
    [['-d'], /^usage: [^]*error: argument -d\/--directory: expected one argument\n$/],
  ])('answers %j with its usage and exit code 2', async (args, expected) => {
    const { code, stdout, stderr } = await runCli(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(expected)
  })

  it('outlives whoever has read its first line, and its log', async () => {
    const server = await start()
    server.child.stdout?.destroy()
    server.child.stderr?.destroy()
    expect(await get(server)).toMatch(/^HTTP\/1.0 200 OK\r\n/)
    expect(await get(server)).toMatch(/^HTTP\/1.0 200 OK\r\n/)
    expect(await server.stop('SIGINT')).toEqual({ code: 0, signal: null })
  })

  it.each([
    [['-d', `/${'a'.repeat(300)}`], /^basehttp: Name too long: \/a+\n$/],
    [['-d', 'loop'], /^basehttp: Too many symbolic links encountered: .*loop\n$/],
    [['-b', 'unix:/proc/basehttp.sock'], /^basehttp: [\w ]+: \/proc\/basehttp\.sock\n$/],
  ])('answers %j with one line and exit code 1', async (args, expected) => {
    const loop = join(folder, 'loop')
    symlinkSync('loop', loop)
    const { code, stdout, stderr } = await runCli(args.map((arg) => (arg === 'loop' ? loop : arg)))
    rmSync(loop)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(expected)
  })

  it.each([
    [['-b', '127.0.0.1'], '127.0.0.1 port'],
    [[], 'port'],
  ])('answers a port in use with one line and exit code 1, with %j', async (args, place) => {
    const blocker = createServer()
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
    const address = blocker.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const { code, stdout, stderr } = await runCli([String(port), ...args])
    blocker.close()
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: `basehttp: Address already in use: ${place} ${port}\n`,
    })
  })

  it('refuses a directory that it may not enter', async () => {
    // Root may enter all of them.
    const denied = Object.assign(new Error('denied'), { code: 'EACCES', path: folder })
    const access = jest.spyOn(fs, 'access').mockRejectedValue(denied)
    const refusal: unknown = await checkDirectory(folder).catch((error: unknown) => error)
    expect(access).toHaveBeenCalledWith(folder, fs.constants.X_OK)
    expect(explain(refusal)).toBe(`Permission denied: ${folder}`)
    access.mockRestore()
  })

  it('cannot be started in a directory that is gone', async () => {
    const gone = mkdtempSync(join(tmpdir(), 'basehttp-'))
    const program = 'cd "$0" && rmdir "$0" && exec "$@"'
    const run = new RunningProgram('sh', ['-c', program, gone, ...cliCommand, '0'])
    expect(await run.exited).toEqual({ code: 1, signal: null })
    expect(run.stderr).toBe('basehttp: The current directory is gone\n')
  })

  it.each([
    [['-d', '/does/not/exist'], 'basehttp: No such directory: /does/not/exist\n'],
    [['-d', __filename], `basehttp: Not a directory: ${__filename}\n`],
    [['0', '-b', '192.0.2.1'], 'basehttp: Cannot assign requested address: 192.0.2.1'],
    [['0', '-b', 'no.such.host.invalid'], 'basehttp: Name or service not known: no.such'],
  ])('answers %j with one line and exit code 1', async (args, line) => {
    const { code, stderr } = await runCli(args)
    expect(code).toBe(1)
    expect(stderr.startsWith(line)).toBe(true)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  it('tells its version', async () => {
    const { code, stdout } = await runCli(['--version'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^basehttp \d+\.\d+\.\d+\n$/)
  })

  it('shows its help', async () => {
    const { code, stdout } = await runCli(['--help'], { env: { COLUMNS: '100' } })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^usage: basehttp \[-h\] \[options\] \[port\]\n/)
  })
})
