import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { configure } from '../../lib/handlers/configure.ts'
import { SimpleHTTPRequestHandler } from '../../lib/handlers/simple.ts'
import { HTTPServer } from '../../lib/server/http-server.ts'
import { startCli } from '../helpers/cli.ts'
import {
  freePort,
  haproxy,
  nginx,
  startHaproxy,
  startNginx,
  type Front,
} from '../helpers/fronts.ts'
import type { RunningServer } from '../helpers/process.ts'
import { connect, exchange, parseResponses, type RawResponse } from '../helpers/raw.ts'
import { request, text } from '../helpers/request.ts'
import { describeWith } from '../helpers/tools.ts'
import { makeTree, type Tree } from '../helpers/tree.ts'

const scripts = {
  env: `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
env | grep -E '^(REMOTE_|SERVER_|HTTPS|REQUEST_SCHEME|HTTP_FORWARDED|HTTP_HOST)' | sort
`,
  // The second event waits for the test.
  events: `#!/bin/sh
printf 'Content-Type: text/event-stream\\r\\n\\r\\ndata: one\\n\\n'
while [ ! -e "$PWD/../go" ] && [ ! -e "\${SCRIPT_FILENAME%/*}/../go" ]; do sleep 0.02; done
printf 'data: two\\n\\n'
`,
  digest: `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
sha256sum | cut -d' ' -f1
`,
}

/** Two replicas hold the same, in files of their own. */
async function makeReplica(): Promise<Tree> {
  const tree = await makeTree([
    { path: 'a.txt', content: 'Hello, world!\n' },
    { path: 'big.bin', content: Buffer.alloc(3_000_000, 'abcdefg') },
    { path: 'sub/index.html', content: '<p>index\n' },
    ...Object.entries(scripts).map(([name, content]) => ({
      path: `cgi-bin/${name}`,
      content,
      mode: 0o755,
    })),
    { path: 'some.bin', content: Buffer.alloc(100_000, 'x') },
  ])
  // Scripts run as another user if the test's is root.
  chmodSync(tree.directory, 0o755)
  return tree
}

const client = '127.0.0.7'

interface Setup {
  readonly name: string
  readonly tool: string
  readonly flags: readonly string[]
  readonly start: (ports: readonly number[]) => Promise<Front>
}

const replacePorts = ([a, b]: readonly number[]): Record<string, string> => ({
  '127.0.0.1:8001': `127.0.0.1:${a}`,
  '127.0.0.1:8002': `127.0.0.1:${b}`,
})

const setups: readonly Setup[] = [
  {
    name: 'nginx',
    tool: nginx,
    flags: [],
    start: (ports) => startNginx(replacePorts(ports)),
  },
  {
    name: 'HAProxy',
    tool: haproxy,
    flags: ['--proxy-protocol'],
    start: (ports) => startHaproxy(replacePorts(ports)),
  },
]

async function ask(port: number, target: string, fields = ''): Promise<RawResponse> {
  const head = `GET ${target} HTTP/1.1\r\nHost: example.test:8443\r\nConnection: close\r\n${fields}\r\n`
  const [response] = parseResponses(await exchange(port, head, { localAddress: client }))
  if (response === undefined) throw new Error(`no response to ${target}`)
  return response
}

describe.each(setups)('two instances', ({ name, tool, flags, start }) => {
  describeWith([tool, 'sha256sum'], `behind ${name}`, () => {
    const trees: Tree[] = []
    const instances: RunningServer[] = []
    let front: Front | undefined
    let port = 0

    const startInstance = (at: number, listen: number): Promise<RunningServer> => {
      const common = ['-b', '127.0.0.1', '-p', 'HTTP/1.1', '--cgi', '--trust-proxy', '127.0.0.1']
      const directory = trees[at]?.directory ?? ''
      return startCli([String(listen), '-d', directory, ...common, ...flags])
    }

    beforeAll(async () => {
      for (const at of [0, 1]) {
        trees.push(await makeReplica())
        instances.push(await startInstance(at, await freePort()))
      }
      front = await start(instances.map((instance) => instance.port))
      port = front.port
    })

    afterAll(async () => {
      await front?.stop()
      await Promise.all(instances.map((instance) => instance.stop()))
      await Promise.all(trees.map((tree) => tree.remove()))
    })

    it('learn who the client is, and believe no client', async () => {
      const forged = 'X-Forwarded-For: 203.0.113.9\r\nForwarded: for=203.0.113.8\r\n'
      const both = [
        await ask(port, '/cgi-bin/env', forged),
        await ask(port, '/cgi-bin/env', forged),
      ]
      for (const response of both) {
        expect(text(response)).toContain(`REMOTE_ADDR=${client}\n`)
        expect(text(response)).toContain('SERVER_NAME=example.test\n')
        expect(text(response)).not.toContain('HTTPS=')
      }
      for (const instance of instances) {
        const lines = (): string[] =>
          instance.stderr.split('\n').filter((line) => line.includes('/cgi-bin/env'))
        await instance.waitUntil(() => lines().length > 0, 'a log line')
        expect(lines()[0]).toMatch(/^127\.0\.0\.7 - - \[/)
      }
    })

    it('have equal validators, whoever answers', async () => {
      const responses = await Promise.all(Array.from({ length: 6 }, () => ask(port, '/big.bin')))
      const validators = responses.map((one) => [one.get('etag'), one.get('last-modified')])
      expect(new Set(validators.map((pair) => pair.join())).size).toBe(1)
      const etag = validators[0]?.[0] ?? ''
      expect(etag).not.toBe('')
      for (let i = 0; i < 4; i++) {
        const again = await ask(port, '/big.bin', `If-None-Match: ${etag}\r\n`)
        expect([again.status, again.get('etag'), again.body.length]).toEqual([304, etag, 0])
      }
    })

    it('send ranges, lengths and redirects unchanged', async () => {
      const part = await ask(port, '/big.bin', 'Range: bytes=7-13\r\n')
      expect([part.status, text(part), part.get('content-range')]).toEqual([
        206,
        'abcdefg',
        'bytes 7-13/3000000',
      ])
      const parts = await ask(port, '/a.txt', 'Range: bytes=0-1,5-6\r\n')
      expect([parts.status, parts.get('content-type')?.split(';')[0]]).toEqual([
        206,
        'multipart/byteranges',
      ])
      const outside = await ask(port, '/a.txt', 'Range: bytes=99-\r\n')
      expect([outside.status, outside.get('content-range')]).toEqual([416, 'bytes */14'])
      const redirect = await ask(port, '/sub?q')
      expect([redirect.status, redirect.get('location')?.replace(/^http:\/\/[^/]*/, '')]).toEqual([
        301,
        '/sub/?q',
      ])
      const head = await request(port, '/big.bin', { method: 'HEAD' })
      expect(head.get('content-length')).toBe('3000000')
    })

    it('stream what a script writes as it writes it', async () => {
      const connection = await connect(port)
      await connection.send('GET /cgi-bin/events HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
      await connection.waitFor((received) => received.includes('data: one'), 'the first event')
      for (const tree of trees) writeFileSync(join(tree.directory, 'go'), '')
      const received = await connection.waitForClose()
      expect(received.toString('latin1')).toContain('data: two')
    })

    it.each(['Content-Length', 'chunked'])('take large content with %s', async (framing) => {
      const content = randomBytes(8 * 1024 * 1024)
      const sum = createHash('sha256').update(content).digest('hex')
      const start = 'POST /cgi-bin/digest HTTP/1.1\r\nHost: a\r\nConnection: close\r\n'
      const bytes =
        framing === 'chunked'
          ? [
              `${start}Transfer-Encoding: chunked\r\n\r\n${content.length.toString(16)}\r\n`,
              content,
              '\r\n0\r\n\r\n',
            ]
          : [`${start}Content-Length: ${content.length}\r\n\r\n`, content]
      const [response] = parseResponses(await exchange(port, bytes))
      expect([response?.status, response && text(response)]).toEqual([200, `${sum}\n`])
    })

    it('fail no request while each is restarted', async () => {
      const failures: string[] = []
      let done = 0
      let stop = false
      const load = async (target: string, expected: string): Promise<void> => {
        while (!stop) {
          const answer = await ask(port, target).then(
            (response) => `${response.status} ${response.body.length}`,
            (error: unknown) => String(error),
          )
          if (answer !== expected) failures.push(`${target}: ${answer}`)
          done++
        }
      }
      const loads = [
        load('/a.txt', '200 14'),
        load('/a.txt', '200 14'),
        load('/some.bin', '200 100000'),
        load('/sub/', '200 9'),
      ]
      const pass = async (): Promise<void> => {
        const until = done + 50
        while (done < until && failures.length === 0) await ask(port, '/a.txt')
      }
      for (const at of [0, 1]) {
        await pass()
        const instance = instances[at]
        const listen = instance?.port ?? 0
        expect(await instance?.stop()).toEqual({ code: 0, signal: null })
        await pass()
        instances[at] = await startInstance(at, listen)
        // The next one is not stopped before this one is seen to serve again.
        const { stderr } = instances[at]
        await instances[at].waitUntil(() => instances[at]?.stderr !== stderr, 'a request')
      }
      await pass()
      stop = true
      await Promise.all(loads)
      expect(failures).toEqual([])
      expect(done).toBeGreaterThan(200)
    })
  })
})

describeWith([nginx], 'nginx', () => {
  let server: HTTPServer | undefined
  let front: Front | undefined
  let tree: Tree | undefined

  afterEach(async () => {
    await front?.stop()
    await server?.shutdown()
    await tree?.remove()
  })

  it('uses its connections again', async () => {
    tree = await makeReplica()
    let connections = 0
    class Counting extends HTTPServer {
      override verifyRequest(): boolean {
        connections++
        return true
      }
    }
    const Handler = configure(SimpleHTTPRequestHandler, {
      directory: tree.directory,
      protocolVersion: 'HTTP/1.1',
      log: false,
    })
    server = await new Counting(['127.0.0.1', 0], Handler).listen()
    front = await startNginx(replacePorts([server.serverPort, server.serverPort]))
    for (let i = 0; i < 40; i++) {
      expect((await request(front.port, i % 2 === 0 ? '/a.txt' : '/nowhere')).status).toBe(
        i % 2 === 0 ? 200 : 404,
      )
    }
    // An error page ends its connection, as http.server's does; files do not.
    expect(connections).toBeLessThanOrEqual(22)
  })

  it('talks to an instance over a Unix socket', async () => {
    tree = await makeReplica()
    const log: string[] = []
    const Handler = configure(SimpleHTTPRequestHandler, {
      directory: tree.directory,
      protocolVersion: 'HTTP/1.1',
      log: (line: string) => log.push(line),
    })
    const path = join(tree.directory, 'socket')
    server = await new HTTPServer({ path, mode: 0o666 }, Handler, {
      trustProxy: 'loopback',
    }).listen()
    front = await startNginx({
      '127.0.0.1:8001': `unix:${path}`,
      '127.0.0.1:8002': `unix:${path}`,
    })
    expect(text(await ask(front.port, '/a.txt'))).toBe('Hello, world!\n')
    expect(log).toEqual([
      expect.stringMatching(/^127\.0\.0\.7 - - .*"GET \/a\.txt HTTP\/1\.1" 200/),
    ])
  })
})
