import {
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { constants } from 'node:os'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { cliCommand, runCli } from '../helpers/cli.ts'
import { cliSite } from '../helpers/cli-site.ts'
import { RunningProgram, type RunningServer } from '../helpers/process.ts'
import { connect, exchange, type RawConnection } from '../helpers/raw.ts'
import { describeWith, runTool } from '../helpers/tools.ts'

const site = cliSite()

/** Starts a response that ends only when the client takes it. */
async function hold(server: RunningServer): Promise<RawConnection> {
  writeFileSync(site.path('big'), Buffer.alloc(16 * 1024 * 1024))
  const client = await connect(server.port)
  client.socket.pause()
  await client.send('GET /big HTTP/1.0\r\n\r\n')
  await server.waitUntil(() => server.stderr.includes('"GET /big'), 'the request logged')
  return client
}

describe('the end', () => {
  it('is forced by a second signal, which the exit code tells', async () => {
    const server = await site.start()
    const client = await hold(server)
    server.child.kill('SIGTERM')
    const idle = await connect(server.port).catch(() => undefined)
    await idle?.waitForClose()
    expect(await server.stop('SIGTERM')).toEqual({ code: 143, signal: null })
    client.destroy()
  })

  it('tells a second Ctrl-C from it', async () => {
    const server = await site.start()
    const client = await hold(server)
    server.child.kill('SIGINT')
    await server.waitUntil(() => server.stdout.includes('Keyboard interrupt'), 'the first')
    expect(await server.stop('SIGINT')).toEqual({ code: 130, signal: null })
    client.destroy()
  })

  it('comes at the deadline for a client that takes nothing', async () => {
    const server = await site.start(['--drain-timeout', '0.3'])
    const client = await hold(server)
    const begun = performance.now()
    expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(performance.now() - begun).toBeGreaterThanOrEqual(290)
    client.destroy()
  })

  it('is told to load balancers before, if asked to', async () => {
    const server = await site.start(['--health-path', '/healthz', '--drain-delay', '20'])
    const ask = async (): Promise<string> =>
      (await exchange(server.port, 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n')).toString()
    expect(await ask()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok\n$/)
    server.child.kill('SIGTERM')
    let answer = await ask()
    while (answer.startsWith('HTTP/1.1 200')) answer = await ask()
    expect(answer).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n[^]*\r\n\r\ndraining\n$/)
    expect(await server.stop('SIGTERM')).toEqual({ code: 143, signal: null })
    expect(server.stderr).toBe('')
  })

  it('does not come with SIGHUP without a terminal, as under nohup', async () => {
    const server = await site.start()
    server.child.kill('SIGHUP')
    const answer = await exchange(server.port, 'GET /a.txt HTTP/1.0\r\n\r\n')
    expect(answer.toString()).toMatch(/^HTTP\/1\.0 200 OK\r\n/)
    expect(await server.stop()).toEqual({ code: 0, signal: null })
  })

  describeWith(['python3'], 'in a terminal', () => {
    it('comes with it: SIGHUP when that is closed', async () => {
      const program = [
        'import os, pty, sys',
        'pid, terminal = pty.fork()',
        'if pid == 0: os.execv(sys.argv[1], sys.argv[1:])',
        'text = b""',
        'while b"Serving" not in text: text += os.read(terminal, 1024)',
        'os.close(terminal)',
        'print(os.WTERMSIG(os.waitpid(pid, 0)[1]))',
      ].join('\n')
      const shown = await runTool('python3', ['-c', program, ...cliCommand, '0', '-b', '127.0.0.1'])
      expect(Number(shown)).toBe(constants.signals.SIGHUP)
    })
  })

  it('does not come with SIGUSR1, nor does a debugger', async () => {
    const server = await site.start()
    server.child.kill('SIGUSR1')
    await exchange(server.port, 'GET /a.txt HTTP/1.0\r\n\r\n')
    await server.stop()
    expect(server.stderr).not.toMatch(/[Dd]ebugger/)
  })

  it('comes in order although nobody reads the first line any more', async () => {
    const server = await site.start()
    server.child.stdout?.destroy()
    expect(await server.stop('SIGINT')).toEqual({ code: 0, signal: null })
    expect(server.stderr).toBe('')
  })
})

describe('--pid-file', () => {
  it('holds the number of the process while it serves', async () => {
    const file = site.path('pid')
    const server = await site.start(['--pid-file', file])
    expect(readFileSync(file, 'utf8')).toBe(`${server.child.pid ?? 0}\n`)
    await server.stop()
    expect(existsSync(file)).toBe(false)
  })

  it('is left to whoever has taken it over', async () => {
    const file = site.path('pid')
    const server = await site.start(['--pid-file', file])
    writeFileSync(file, '1\n')
    await server.stop()
    expect(readFileSync(file, 'utf8')).toBe('1\n')
  })

  it('ends the command with one line if it cannot be written', async () => {
    const file = site.path('none/pid')
    const { code, stdout, stderr } = await runCli(['0', '-b', '127.0.0.1', '--pid-file', file])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(`basehttp: No such file or directory: ${file}\n`)
  })
})

describe('a Unix socket', () => {
  function get(socketPath: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const sent = request({ socketPath, path: '/a.txt', agent: false }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      sent.on('error', reject)
      sent.end()
    })
  }

  async function serveOn(path: string, ...args: string[]): Promise<RunningProgram> {
    const [command = '', ...before] = cliCommand
    const all = [...before, '-b', `unix:${path}`, '-d', site.folder, ...args]
    const program = new RunningProgram(command, all)
    await program.waitUntil(() => program.stdout.includes('\n'), 'a first line')
    return program
  }

  it('is served with the permissions wanted, and removed at the end', async () => {
    const path = site.path('socket')
    const program = await serveOn(path, '--socket-mode', '660')
    expect(program.stdout).toBe(`Serving HTTP on unix:${path} ...\n`)
    expect(statSync(path).mode & 0o777).toBe(0o660)
    expect(await get(path)).toBe(200)
    expect(await program.stop()).toEqual({ code: 0, signal: null })
    expect(existsSync(path)).toBe(false)
  })

  it('is replaced when nobody listens on it any more, and only then', async () => {
    const path = site.path('stale')
    const first = await serveOn(path)
    const { code, stderr } = await runCli(['-b', `unix:${path}`])
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `basehttp: Address already in use: ${path}\n`,
    })
    await first.stop('SIGKILL')
    expect(existsSync(path)).toBe(true)
    const second = await serveOn(path)
    expect(await get(path)).toBe(200)
    await second.stop()
  })

  it('does not replace a file', async () => {
    const path = site.path('file')
    writeFileSync(path, 'content')
    expect((await runCli(['-b', `unix:${path}`])).code).toBe(1)
    expect(readFileSync(path, 'utf8')).toBe('content')
  })
})

describe('sockets passed by systemd', () => {
  it.each([[[]], [['--workers', '1']]])('are served, with %j', async (args) => {
    const listening = createServer()
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
    const address = listening.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    // The descriptor is known to nobody but Node's own handle.
    const { fd } = (listening as unknown as { _handle: { fd: number } })._handle
    const script = `LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"`
    const child = spawn(
      '/bin/sh',
      ['-c', script, 'sh', ...cliCommand, '-d', site.folder, ...args],
      { stdio: ['ignore', 'pipe', 'inherit', fd] },
    )
    const exited = new Promise((resolve) => child.once('exit', resolve))
    try {
      const line = await new Promise<string>((resolve) => {
        child.stdout?.once('data', (data: Buffer) => {
          resolve(data.toString())
        })
      })
      // From here on only the command accepts.
      listening.close()
      expect(line).toBe(`Serving HTTP on 127.0.0.1 port ${port} (http://127.0.0.1:${port}/) ...\n`)
      const answer = await exchange(port, 'GET /a.txt HTTP/1.0\r\n\r\n')
      expect(answer.toString()).toMatch(/hello\n$/)
    } finally {
      listening.close()
      child.kill('SIGTERM')
    }
    expect(await exited).toBe(0)
  })
})

describe('--log-file', () => {
  it('is opened again at SIGUSR1', async () => {
    const folder = mkdtempSync(site.path('log-'))
    const [current, old] = [join(folder, 'access.log'), join(folder, 'access.log.1')]
    const server = await site.start(['--log-file', current, '--log-format', 'combined'])
    const get = (target: string): Promise<Buffer> =>
      exchange(
        server.port,
        `GET ${target} HTTP/1.1\r\nHost: a\r\nAuthorization: Basic c2VjcmV0\r\n\r\n`,
      )
    await get('/a.txt?1')
    // As logrotate does it.
    renameSync(current, old)
    server.child.kill('SIGUSR1')
    while (!existsSync(current)) await get('/a.txt?2')
    await get('/a.txt?3')
    await server.stop()
    const [before, after] = [readFileSync(old, 'utf8'), readFileSync(current, 'utf8')]
    expect(before).toMatch(
      /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/a\.txt\?1 HTTP\/1\.1" 200 6 "-" "-"\n/,
    )
    expect(after).toMatch(/"GET \/a\.txt\?3 HTTP\/1\.1" 200 6 "-" "-"\n$/)
    expect(before + after).not.toMatch(/c2VjcmV0|secret/)
    expect(server.stderr).toBe('')
    rmSync(folder, { recursive: true })
  })

  it('ends the command with one line if it cannot be opened', async () => {
    const { code, stderr } = await runCli(['0', '--log-file', site.path('none/log')])
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `basehttp: No such file or directory: ${site.path('none/log')}\n`,
    })
  })

  it('that is full loses lines, no request', async () => {
    const server = await site.start(['--log-file', '/dev/full'])
    for (let i = 0; i < 3; i++) {
      const answer = await exchange(server.port, 'GET /a.txt HTTP/1.0\r\n\r\n')
      expect(answer.toString()).toMatch(/hello\n$/)
    }
    expect(await server.stop()).toEqual({ code: 0, signal: null })
  })
})

describe('a standard error', () => {
  it.each(['/dev/full', 'closed'])('that is %s loses lines, no request', async (kind) => {
    const server = await site.start([], kind === 'closed' ? {} : { stderrFile: kind })
    if (kind === 'closed') server.child.stderr?.destroy()
    for (let i = 0; i < 3; i++) {
      const answer = await exchange(server.port, 'GET /a.txt HTTP/1.0\r\n\r\n')
      expect(answer.toString()).toMatch(/hello\n$/)
    }
    expect(await server.stop()).toEqual({ code: 0, signal: null })
  })
})
