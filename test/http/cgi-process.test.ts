import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectSocket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { scratchDirectory } from '../../lib/cgi/scratch.ts'
import { CGIHTTPRequestHandler } from '../../lib/handlers/cgi.ts'
import { configure } from '../../lib/handlers/configure.ts'
import { normalizeCgiOptions } from '../../lib/middleware/cgi-options.ts'
import { HTTPServer } from '../../lib/server/http-server.ts'
import type { CgiHandlerOptions } from '../../types/cgi.ts'
import { isAlive, makeSite, startCgi, type CgiRun, type Site } from '../helpers/cgi.ts'
import { closingServers } from '../helpers/closing.ts'
import { hosts, onEveryHost } from '../helpers/hosts.ts'
import { connect, exchange, parseResponses, RawConnection } from '../helpers/raw.ts'
import { request, text } from '../helpers/request.ts'
import { until } from '../helpers/wait.ts'

const wait = 'while [ ! -e "$DOCUMENT_ROOT/out/go" ]; do sleep 0.02; done\n'
const note = 'echo $$ >> "$DOCUMENT_ROOT/out/pids"\n'

const servers = closingServers()
let site: Site
beforeAll(() => {
  site = makeSite({
    'silent.sh': `#!/bin/sh\n(${note}sleep 60) &\nsleep 60 & echo $! >> "$DOCUMENT_ROOT/out/pids"\n${note}wait\n`,
    'stubborn.sh': `#!/bin/sh\ntrap '' TERM\n${note}while :; do sleep 0.1; done\n`,
    'starts.sh': `#!/bin/sh\n${note}printf 'Content-Type: text/plain\\n\\nstart'\nsleep 60\n`,
    'drips.sh': `#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\n${note}while :; do echo x; sleep 0.02; done\n`,
    'closes.sh': `#!/bin/sh
printf 'Content-Type: text/plain\\n\\nall'
exec >&- 2>&-
${wait}echo done > "$DOCUMENT_ROOT/out/done"
`,
    'forks.sh': `#!/bin/sh
printf 'Content-Type: text/plain\\n\\nparent '
(${wait}echo child) &
`,
    'waits.sh': `#!/bin/sh
${note}echo "$QUERY_STRING" >> "$DOCUMENT_ROOT/out/order"
${wait}printf 'Content-Type: text/plain\\n\\n%s' "$QUERY_STRING"
`,
    'who.sh': "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'; id -u; id -g; id -G\n",
    'chatty.sh': `#!/bin/sh
printf 'one\\ntwo \\033[31m\\n' >&2
head -c 1000000 /dev/zero | tr '\\0' 'x' >&2
printf '\\nContent-Type: text/plain\\n' >&2
printf 'Content-Type: text/plain\\n\\nafter it all'
`,
    'streams.sh': `#!/bin/sh
echo 'Content-Type: text/plain' > /dev/stdout
echo > /dev/stdout
echo to stderr > /dev/stderr
cat /dev/stdin
`,
  })
})
afterAll(() => {
  site.remove()
})
beforeEach(() => {
  for (const name of ['go', 'pids', 'done', 'order'])
    rmSync(`${site.directory}/out/${name}`, { force: true })
})

const go = (): void => {
  writeFileSync(`${site.directory}/out/go`, '')
}
function pids(): number[] {
  if (!existsSync(`${site.directory}/out/pids`)) return []
  const text = readFileSync(`${site.directory}/out/pids`, 'utf8')
  return text.split('\n').filter(Boolean).map(Number)
}
const noneAlive = (): boolean => pids().every((pid) => !isAlive(pid))

onEveryHost('A script', (host) => {
  const start = (options: CgiHandlerOptions = {}): Promise<CgiRun> => startCgi(host, site, options)

  it('that is silent ends with all its children when the client goes away', async () => {
    const { port } = await start()
    const connection = await connect(port)
    await connection.send('GET /cgi-bin/silent.sh HTTP/1.1\r\nHost: h\r\n\r\n')
    await until(() => pids().length === 3, 'the script to start')
    connection.destroy()
    await until(noneAlive, 'the script and its children to end')
    expect(pids().map(isAlive)).toEqual([false, false, false])
  })

  it('that is silent goes on for a client that only has nothing more to say', async () => {
    // Node's own server takes the end of a client's half for the end of it all.
    if (!host.standalone) return
    const { port } = await start()
    const connection = await connect(port)
    await connection.send('GET /cgi-bin/waits.sh?late HTTP/1.1\r\nHost: h\r\n\r\n')
    connection.halfClose()
    await connection.waitFor((bytes) => bytes.includes('102 Processing'), 'an interim response')
    go()
    const responses = parseResponses(await connection.waitForClose())
    expect(responses.at(-1)?.body.toString()).toBe('late')
  })

  it.each(['1.0', '1.1'])('ends when a client of HTTP/%s just closes', async (version) => {
    const { port } = await start()
    const connection = await connect(port)
    await connection.send(`GET /cgi-bin/silent.sh HTTP/${version}\r\nHost: h\r\n\r\n`)
    await until(() => pids().length === 3, 'the script to start')
    connection.destroy()
    await until(noneAlive, 'the script to end')
    expect(pids().map(isAlive)).toEqual([false, false, false])
  })

  it('that has begun its response ends when the client goes away', async () => {
    const { port } = await start()
    const connection = await connect(port)
    await connection.send('GET /cgi-bin/starts.sh HTTP/1.1\r\nHost: h\r\n\r\n')
    await connection.waitFor((bytes) => bytes.includes('start'), 'content')
    connection.destroy({ reset: true })
    await until(noneAlive, 'the script to end')
    expect(pids()).toHaveLength(1)
  })

  it('that is silent for too long is 504', async () => {
    const { port, stderr } = await start({ timeout: 200 })
    expect((await request(port, '/cgi-bin/silent.sh')).status).toBe(504)
    await until(noneAlive, 'the script to end')
    expect(stderr.join('\n')).toMatch(/silent\.sh\[\d+\]: it was silent for 200 ms/)
  })

  it('that falls silent never has a complete response', async () => {
    const { port } = await start({ timeout: 1000 })
    const received = await exchange(port, 'GET /cgi-bin/starts.sh HTTP/1.1\r\nHost: h\r\n\r\n')
    expect(received.includes('start')).toBe(true)
    expect(received.toString().endsWith('0\r\n\r\n')).toBe(false)
    await until(noneAlive, 'the script to end')
  })

  it('that goes on for too long is cut off', async () => {
    const { port, stderr } = await start({ totalTimeout: 1000 })
    const received = await exchange(port, 'GET /cgi-bin/drips.sh HTTP/1.1\r\nHost: h\r\n\r\n')
    expect(received.includes('x\n')).toBe(true)
    expect(received.toString().endsWith('0\r\n\r\n')).toBe(false)
    await until(noneAlive, 'the script to end')
    expect(stderr.join('\n')).toMatch(/longer than 1000 ms/)
  })

  it('that closes its output has ended its response, and may go on', async () => {
    const { port } = await start()
    expect(text(await request(port, '/cgi-bin/closes.sh'))).toBe('all')
    go()
    await until(() => existsSync(`${site.directory}/out/done`), 'the script to go on')
    expect(existsSync(`${site.directory}/out/done`)).toBe(true)
  })

  it('whose children hold its output is waited for, or not', async () => {
    const patient = await start()
    const answer = request(patient.port, '/cgi-bin/forks.sh')
    go()
    expect(text(await answer)).toBe('parent child\n')
    rmSync(`${site.directory}/out/go`)
    const { port } = await start({ closeDelay: 50 })
    expect(text(await request(port, '/cgi-bin/forks.sh'))).toBe('parent ')
    go()
  })

  it('writes its standard error to the log, and is never blocked by that', async () => {
    const { port, stderr } = await start()
    expect(text(await request(port, '/cgi-bin/chatty.sh'))).toBe('after it all')
    await until(() => stderr.some((line) => line.includes('octets more')), 'the end of the log')
    const prefix = /^\/cgi-bin\/chatty\.sh\[\d+\]: /
    expect(stderr.every((line) => prefix.test(line))).toBe(true)
    const lines = stderr.map((line) => line.replace(prefix, ''))
    expect(lines.slice(0, 2)).toEqual(['one', 'two \\x1b[31m'])
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(8192)
    expect(lines.join('').length).toBeLessThan(100_000)
  })

  it('can open its streams again by name', async () => {
    const { port, stderr } = await start()
    const head =
      'POST /cgi-bin/streams.sh HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 4\r\n\r\n'
    const [response] = parseResponses(await exchange(port, `${head}data`))
    expect(response?.body.toString()).toBe('data')
    await until(() => stderr.length > 0, 'the log')
    expect(stderr.join('\n')).toMatch(/: to stderr$/)
  })

  it('waits for its turn, and is refused when too many wait', async () => {
    const { port } = await start({ maxConcurrent: 1, maxQueue: 2 })
    const first = request(port, '/cgi-bin/waits.sh?1')
    await until(() => pids().length === 1, 'the first to start')
    const second = request(port, '/cgi-bin/waits.sh?2')
    await settle(port)
    const third = request(port, '/cgi-bin/waits.sh?3')
    await settle(port)
    const refused = await request(port, '/cgi-bin/waits.sh?4')
    expect([refused.status, refused.get('retry-after')]).toEqual([503, '1'])
    go()
    expect(text(await first)).toBe('1')
    await Promise.all([second, third])
    expect(readFileSync(`${site.directory}/out/order`, 'utf8')).toBe('1\n2\n3\n')
  })

  it('whose client has left the queue is not started', async () => {
    const { port } = await start({ maxConcurrent: 1, maxQueue: 1 })
    const first = request(port, '/cgi-bin/waits.sh?1')
    await until(() => pids().length === 1, 'the first to start')
    const second = await connect(port)
    await second.send('GET /cgi-bin/waits.sh?2 HTTP/1.1\r\nHost: h\r\n\r\n')
    await settle(port)
    expect((await request(port, '/cgi-bin/waits.sh?4')).status).toBe(503)
    second.destroy({ reset: true })
    await settle(port)
    go()
    expect(text(await first)).toBe('1')
    expect(text(await request(port, '/cgi-bin/waits.sh?3'))).toBe('3')
    expect(pids()).toHaveLength(2)
  })
})

/** Has requests answered that need no turn: those sent before have come to wait by then. */
async function settle(port: number): Promise<void> {
  for (let i = 0; i < 3; i++) await request(port, '/cgi-bin/none')
}

const [node] = hosts
if (node === undefined) throw new Error('there is no host')

describe('On node:http', () => {
  it('kills a script that does not end when asked to', async () => {
    const { port } = await startCgi(node, site)
    const connection = await connect(port)
    await connection.send('GET /cgi-bin/stubborn.sh HTTP/1.1\r\nHost: h\r\n\r\n')
    await until(() => pids().length === 1, 'the script to start')
    const left = Date.now()
    connection.destroy()
    await until(noneAlive, 'the script to be killed')
    expect(Date.now() - left).toBeGreaterThan(2500)
  })

  it('runs scripts as nobody when it is root, or as whom it is told', async () => {
    const who = async (options: CgiHandlerOptions): Promise<string> => {
      const { port } = await startCgi(node, site, options)
      return text(await request(port, '/cgi-bin/who.sh'))
        .trim()
        .replaceAll('\n', ' ')
    }
    const own = execFileSync('sh', ['-c', 'id -u; id -g; id -G'], { encoding: 'utf8' })
    const isRoot = process.getuid?.() === 0
    const nobody = execFileSync('sh', ['-c', 'id -u nobody; id -g nobody'], { encoding: 'utf8' })
    const [uid = '', gid = ''] = nobody.trim().split('\n')
    const expected = isRoot ? `${uid} ${gid} ${gid}` : own.trim().replaceAll('\n', ' ')
    expect(await who({})).toBe(expected)
    expect(await who({ user: false })).toBe(own.trim().replaceAll('\n', ' '))
    const others = isRoot ? ['1234:5678', 'nobody'] : []
    const found = await Promise.all(others.map((user) => who({ user })))
    expect(found).toEqual(isRoot ? ['1234 5678 5678', expected] : [])
  })

  it.each([true, false])('leaves nothing behind (spawnHelper: %s)', async (spawnHelper) => {
    const { port } = await startCgi(node, site, { spawnHelper, timeout: 1000 })
    go()
    const round = async (): Promise<void> => {
      const targets = ['waits.sh', 'chatty.sh', 'none', 'silent.sh', 'who.sh', 'closes.sh']
      await Promise.all(targets.map((name) => request(port, `/cgi-bin/${name}`)))
      const head =
        'POST /cgi-bin/streams.sh HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 4\r\n\r\n'
      await exchange(port, `${head}data`)
      const connection = await connect(port)
      await connection.send('GET /cgi-bin/drips.sh HTTP/1.1\r\nHost: h\r\n\r\n')
      await connection.waitFor((bytes) => bytes.includes('x\n'), 'content')
      connection.destroy({ reset: true })
      await until(noneAlive, 'the scripts to end')
    }
    const descriptors = (): number => readdirSync('/proc/self/fd').length
    await round()
    await until(() => descriptors() > 0, 'a first count')
    const before = descriptors()
    for (let i = 0; i < 4; i++) await round()
    await until(() => descriptors() <= before + 2, 'descriptors to be closed')
    // One that has just ended is a zombie for a moment.
    await until(() => zombies().length === 0, 'zombies to be collected')
    expect(zombies()).toEqual([])
    const files = (): string[] =>
      readdirSync(scratchDirectory(), { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
    await until(() => files().length === 0, 'files to be removed')
  })
})

describe('A script behind a Unix socket', () => {
  it('that falls silent is cut off, and the server goes on', async () => {
    const stderr: string[] = []
    const path = `${site.directory}/out/socket`
    const Handler = configure(
      CGIHTTPRequestHandler,
      normalizeCgiOptions({
        directory: site.directory,
        timeout: 1000,
        stderr: (line) => stderr.push(line),
      }),
    )
    const server = new HTTPServer({ path }, Handler, { log: false })
    servers.add(server)
    await server.listen()
    for (let i = 0; i < 2; i++) {
      // Without a length or chunks only the connection's end ends the response.
      const client = new RawConnection(connectSocket({ path, allowHalfOpen: true }))
      await client.send('GET /cgi-bin/starts.sh HTTP/1.0\r\n\r\n')
      expect((await client.waitForClose()).toString()).toMatch(/^HTTP\/1\.0 200 [^]*start$/)
      await until(noneAlive, 'the script to end')
    }
    expect(stderr.join('').match(/it was silent for 1000 ms/g)).toHaveLength(2)
  })
})

/** Children of this process that have ended and not been waited for. */
function zombies(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
          .replace(/^.*\) /s, '')
          .split(' ')
        return fields[0] === 'Z' && fields[1] === String(process.pid)
      } catch {
        return false
      }
    })
}
