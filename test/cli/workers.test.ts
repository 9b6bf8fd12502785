import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { createServer } from 'node:net'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { runCli } from '../helpers/cli.ts'
import { cliSite } from '../helpers/cli-site.ts'
import { RunningServer } from '../helpers/process.ts'
import { connect, exchange } from '../helpers/raw.ts'
import { until } from '../helpers/wait.ts'

const site = cliSite()

/** The processes that a command has started. */
function children(server: { child: { pid?: number | undefined } }): number[] {
  const pid = String(server.child.pid)
  try {
    const text = execFileSync('ps', ['-o', 'pid=,stat=', '--ppid', pid], { encoding: 'utf8' })
    const rows = text.trim().split('\n')
    return rows.filter((row) => !row.includes('Z')).map((row) => Number.parseInt(row, 10))
  } catch {
    // It has none.
    return []
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Clients that ask on and on until they are stopped; what went wrong is kept. */
class Load {
  answered = 0
  readonly failures: string[] = []
  #stopped = false
  readonly #loops: Promise<void>[]
  readonly #agents: Agent[] = []

  constructor(port: number, clients: number, keepAlive: boolean) {
    this.#loops = Array.from({ length: clients }, async () => {
      const agent = new Agent({ keepAlive, maxSockets: 1 })
      this.#agents.push(agent)
      while (!this.#stopped) await this.#ask(port, agent)
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#loops)
    for (const agent of this.#agents) agent.destroy()
  }

  #ask(port: number, agent: Agent): Promise<void> {
    return new Promise((resolve) => {
      const fail = (error: Error): void => {
        this.failures.push(error.message)
        resolve()
      }
      get({ port, host: '127.0.0.1', path: '/a.txt', agent }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => (text += part))
        response.on('error', fail)
        response.on('end', () => {
          if (response.statusCode === 200 && text === 'hello\n') this.answered++
          else this.failures.push(`${response.statusCode ?? 0} ${text}`)
          resolve()
        })
      }).on('error', fail)
    })
  }
}

describe('--workers', () => {
  it('serves by so many processes, on one port, and says so once', async () => {
    const server = await site.start(['--workers', '2'])
    expect(children(server)).toHaveLength(2)
    for (let i = 0; i < 4; i++) {
      const answer = await exchange(server.port, 'GET /a.txt HTTP/1.0\r\n\r\n')
      expect(answer.toString()).toMatch(/hello\n$/)
    }
    const workers = children(server)
    expect(await server.stop()).toEqual({ code: 0, signal: null })
    expect(server.stdout).toBe(`${server.firstLine}\n`)
    expect(server.stderr.match(/"GET \/a\.txt HTTP\/1\.0" 200 -\n/g)).toHaveLength(4)
    expect(workers.filter(isAlive)).toEqual([])
  })

  it.each([
    ['new connections', false],
    ['kept connections', true],
  ])('restarts them one by one with no failed request on %s', async (_, keepAlive) => {
    const server = await site.start(['--workers', '2', '-p', 'HTTP/1.1'])
    const first = children(server)
    const load = new Load(server.port, 8, keepAlive)
    await until(() => load.answered > 50, 'answers')
    for (let round = 0; round < 2; round++) {
      const before = children(server)
      server.child.kill('SIGHUP')
      await until(() => !before.some(isAlive), 'new workers')
      const answered = load.answered
      await until(() => load.answered > answered + 50, 'answers of the new ones')
    }
    await load.stop()
    expect(load.failures).toEqual([])
    expect(children(server)).toHaveLength(2)
    expect(children(server).some((pid) => first.includes(pid))).toBe(false)
  })

  it('finishes responses under way when it restarts', async () => {
    writeFileSync(site.path('big'), Buffer.alloc(16 * 1024 * 1024))
    const server = await site.start(['--workers', '1'])
    const [old = 0] = children(server)
    const client = await connect(server.port)
    client.socket.pause()
    await client.send('GET /big HTTP/1.0\r\n\r\n')
    await server.waitUntil(() => server.stderr.includes('"GET /big'), 'the request logged')
    server.child.kill('SIGHUP')
    await until(() => children(server).length === 2, 'a second worker')
    const answer = await exchange(server.port, 'GET /a.txt HTTP/1.0\r\n\r\n')
    expect(answer.toString()).toMatch(/hello\n$/)
    expect(isAlive(old)).toBe(true)
    client.socket.resume()
    expect((await client.waitForClose()).length).toBeGreaterThan(16 * 1024 * 1024)
    await until(() => !isAlive(old), 'the end of the first')
  })

  it('replaces one that has crashed', async () => {
    const server = await site.start(['--workers', '2'])
    const [victim = 0, other = 0] = children(server)
    process.kill(victim, 'SIGKILL')
    await server.waitUntil(() => server.stderr.includes('the next one starts'), 'a word on that')
    expect(server.stderr).toBe(
      `basehttp: worker ${victim} ended with signal SIGKILL; the next one starts in 0.1 s\n`,
    )
    await until(() => children(server).length === 2, 'another worker')
    expect(children(server)).toContain(other)
    expect((await exchange(server.port, 'GET /a.txt HTTP/1.0\r\n\r\n')).toString()).toMatch(/hello/)
  })

  it('finds its port again when the only one has crashed, with a longer wait each time', async () => {
    const server = await site.start(['--workers', '1'])
    for (const wait of ['0.1', '0.2']) {
      const [victim = 0] = children(server)
      process.kill(victim, 'SIGKILL')
      await server.waitUntil(() => server.stderr.includes(`starts in ${wait} s`), 'a wait')
      await until(() => children(server).some((pid) => pid !== victim), 'another worker')
      let answer = ''
      while (answer === '') {
        answer = await exchange(server.port, 'GET /a.txt HTTP/1.0\r\n\r\n').then(String, () => '')
      }
      expect(answer).toMatch(/hello\n$/)
    }
  })

  it('keeps log lines whole', async () => {
    const log = site.path('workers.log')
    const server = await site.start(['--workers', '2', '--log-file', log, '--log-format', 'json'])
    const stderr = await site.start(['--workers', '2'])
    const query = 'x'.repeat(7000)
    const count = 40
    await Promise.all(
      [server, stderr].flatMap(({ port }) =>
        Array.from({ length: count }, () => exchange(port, `GET /a.txt?${query} HTTP/1.0\r\n\r\n`)),
      ),
    )
    await Promise.all([server.stop(), stderr.stop()])
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(count)
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ status: 200 })
    const whole = new RegExp(
      `^127\\.0\\.0\\.1 - - \\[[^\\]]+\\] "GET /a\\.txt\\?${query} HTTP/1\\.0" 200 -$`,
    )
    const written = stderr.stderr.trimEnd().split('\n')
    expect(written).toHaveLength(count)
    for (const line of written) expect(line).toMatch(whole)
  })

  it('opens the log file of each of them again at SIGUSR1', async () => {
    const log = site.path('reopened.log')
    const server = await site.start(['--workers', '2', '--log-file', log])
    renameSync(log, `${log}.1`)
    server.child.kill('SIGUSR1')
    await until(() => existsSync(log), 'a new file')
    for (let i = 0; i < 4; i++) await exchange(server.port, `GET /a.txt?${i} HTTP/1.0\r\n\r\n`)
    await server.stop()
    expect(readFileSync(log, 'utf8').match(/GET/g)).toHaveLength(4)
  })

  it('drains all of them when one process of the group after another gets SIGTERM', async () => {
    const server = await site.start(['--workers', '2'])
    // As systemd does it.
    for (const pid of children(server)) process.kill(pid, 'SIGTERM')
    expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null })
  })

  it('ends with its first process, whatever ends that', async () => {
    const server = await site.start(['--workers', '2'])
    const workers = children(server)
    await server.stop('SIGKILL')
    await until(() => !workers.some(isAlive), 'their end')
    expect(workers.some(isAlive)).toBe(false)
  })

  it('cuts off what is under way at a second signal', async () => {
    const server = await site.start(['--workers', '1', '--drain-timeout', '30'])
    const client = await connect(server.port)
    client.socket.pause()
    writeFileSync(site.path('big'), Buffer.alloc(16 * 1024 * 1024))
    await client.send('GET /big HTTP/1.0\r\n\r\n')
    await server.waitUntil(() => server.stderr.includes('"GET /big'), 'the request logged')
    server.child.kill('SIGINT')
    await server.waitUntil(() => server.stdout.includes('Keyboard'), 'the first')
    expect(await server.stop('SIGINT')).toEqual({ code: 130, signal: null })
    client.destroy()
  })

  it('answers a port in use with one line and exit code 1', async () => {
    const blocker = createServer()
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
    const address = blocker.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const { code, stdout, stderr } = await runCli([
      String(port),
      '-b',
      '127.0.0.1',
      '--workers',
      '2',
    ])
    blocker.close()
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: `basehttp: Address already in use: 127.0.0.1 port ${port}\n`,
    })
  })
})

describe('serve() with workers', () => {
  it('serves what the program says, also when it is run anew', async () => {
    const program = site.path('program.cjs')
    const lib = join(__dirname, '../../dist/lib/index.js')
    writeFileSync(
      program,
      `const { serve } = require(${JSON.stringify(lib)})
       serve((req, res) => res.end(String(process.pid)),
         { port: 0, bind: '127.0.0.1', workers: 2, options: { log: false } })
         .then(() => console.log('stopped'))`,
    )
    const server = await new RunningServer(process.execPath, [program]).ready()
    const pids = new Set<string>()
    for (let i = 0; i < 4; i++) {
      const answer = (await exchange(server.port, 'GET / HTTP/1.0\r\n\r\n')).toString()
      pids.add(answer.slice(answer.indexOf('\r\n\r\n') + 4))
    }
    expect([...pids].map(Number).sort()).toEqual(children(server).sort())
    expect(await server.stop()).toEqual({ code: 0, signal: null })
    // Each process of the three goes on behind it.
    expect(server.stdout.match(/^stopped$/gm)).toHaveLength(3)
  })
})
