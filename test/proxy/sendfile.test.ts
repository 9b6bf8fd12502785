import { chmodSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { configure } from '../../lib/handlers/configure.ts'
import { SimpleHTTPRequestHandler } from '../../lib/handlers/simple.ts'
import { HTTPServer } from '../../lib/server/http-server.ts'
import type { Sendfile } from '../../types/files.ts'
import {
  apache,
  lighttpd,
  nginx,
  startApache,
  startLighttpd,
  startNginx,
  type Front,
} from '../helpers/fronts.ts'
import { request, text } from '../helpers/request.ts'
import { describeWith } from '../helpers/tools.ts'
import { makeTree, type Tree } from '../helpers/tree.ts'

const names = [
  'plain.txt',
  'a b.txt',
  '%41.txt',
  '%.txt',
  'a?b#c.txt',
  'semi;colon.txt',
  'plus+sign.txt',
  'caf\u00e9.txt',
  '\u65e5\u672c\u8a9e.txt',
  'two..dots.txt',
  'back\\slash.txt',
  '"quoted".txt',
]

let tree: Tree
let handled: string[] = []

beforeAll(async () => {
  tree = await makeTree([
    ...names.map((name) => ({ path: name, content: `content of ${name}\n` })),
    { path: 'sub/index.html', content: '<p>index\n' },
    { path: 'big.bin', content: Buffer.alloc(300_000, 'x') },
    { path: '.secret', content: 'secret\n' },
    { path: 'link.txt', link: '/etc/passwd' },
    { path: 'pre.txt', content: 'plain\n' },
    { path: 'pre.txt.gz', content: 'coded\n' },
    { path: 'new\nline.txt', content: 'odd name\n' },
    { path: Buffer.from('bytes/\xe9.txt', 'latin1'), content: 'odd name\n' },
  ])
  // The servers' users are not the test's.
  chmodSync(tree.directory, 0o755)
})

afterAll(async () => {
  await tree.remove()
})

beforeEach(() => {
  handled = []
})

async function backend(sendfile: Sendfile): Promise<HTTPServer> {
  class Watched extends configure(SimpleHTTPRequestHandler, {
    directory: tree.directory,
    sendfile,
    log: false,
    protocolVersion: 'HTTP/1.1',
    dotfiles: 'ignore',
    symlinks: 'inside',
    precompressed: ['gzip'],
  }) {
    override sendHeader(keyword: string, value: string | number): void {
      if (/^x-(?:accel|send)/i.test(keyword)) handled.push(String(value))
      super.sendHeader(keyword, value)
    }
  }
  return new HTTPServer(['127.0.0.1', 0], Watched).listen()
}

const fronts: readonly {
  name: string
  tool: string
  sendfile: Sendfile
  start: (server: HTTPServer) => Promise<Front>
  tools?: readonly string[]
}[] = [
  {
    name: 'nginx',
    tool: nginx,
    sendfile: 'x-accel-redirect',
    start: (server) =>
      startNginx({
        '127.0.0.1:8001': `127.0.0.1:${server.serverPort}`,
        '127.0.0.1:8002': `127.0.0.1:${server.serverPort}`,
        '/srv/site/': `${tree.directory}/`,
      }),
  },
  {
    name: 'lighttpd',
    tool: lighttpd,
    sendfile: 'x-sendfile',
    start: (server) =>
      startLighttpd({ '8001': String(server.serverPort), '/srv/site': tree.directory }),
  },
  {
    name: 'Apache',
    tool: apache,
    tools: ['/usr/lib/apache2/modules/mod_xsendfile.so'],
    sendfile: 'x-sendfile',
    start: (server) =>
      startApache({ '8001': String(server.serverPort), '/srv/site': tree.directory }),
  },
]

describe.each(fronts)('sendfile', ({ name, tool, tools = [], sendfile, start }) => {
  describeWith([tool, ...tools], `by ${name}`, () => {
    let server: HTTPServer
    let front: Front

    beforeAll(async () => {
      server = await backend(sendfile)
      front = await start(server)
    })

    afterAll(async () => {
      await front.stop()
      await server.shutdown()
    })

    it.each(names)('has %j sent', async (file) => {
      const response = await request(front.port, `/${encodeURIComponent(file)}`)
      expect([response.status, text(response)]).toEqual([200, `content of ${file}\n`])
      expect(response.get('content-type')).toBe('text/plain; charset=utf-8')
      expect(response.get('x-sendfile') ?? response.get('x-accel-redirect')).toBeUndefined()
      const isPlain = /^[\w.]+$/.test(file)
      expect(handled).toHaveLength(sendfile === 'x-accel-redirect' || isPlain ? 1 : 0)
    })

    it('sends from here what has a name that servers do not take', async () => {
      for (const path of ['/bytes/%ED%B3%A9.txt', '/new%0Aline.txt']) {
        const response = await request(server.serverPort, path)
        expect([path, response.status, text(response)]).toEqual([path, 200, 'odd name\n'])
      }
      expect(handled).toEqual([])
    })

    it('has an index page sent, for HEAD the head of it', async () => {
      expect(text(await request(front.port, '/sub/'))).toBe('<p>index\n')
      const head = await request(front.port, '/sub/', { method: 'HEAD' })
      expect([head.status, head.get('content-length')]).toEqual([200, '9'])
      expect(handled).toHaveLength(2)
    })

    it('leaves ranges and conditions to the server in front', async () => {
      const part = await request(front.port, '/big.bin', { headers: { Range: 'bytes=5-9' } })
      expect([part.status, text(part), part.get('content-range')]).toEqual([
        206,
        'xxxxx',
        'bytes 5-9/300000',
      ])
      const whole = await request(front.port, '/big.bin')
      expect(whole.body).toHaveLength(300_000)
      const etag = whole.get('etag') ?? ''
      expect(etag).not.toBe('')
      const again = await request(front.port, '/big.bin', { headers: { 'If-None-Match': etag } })
      expect(again.status).toBe(304)
      const since = whole.get('last-modified') ?? ''
      expect(since).not.toBe('')
      const older = await request(front.port, '/big.bin', {
        headers: { 'If-Modified-Since': since },
      })
      expect(older.status).toBe(304)
    })

    it('decides here what may be sent', async () => {
      for (const path of ['/.secret', '/link.txt', '/nowhere', '/%2e%2e/%2e%2e/etc/passwd']) {
        const { status } = await request(front.port, path)
        expect([path, [400, 404].includes(status)]).toEqual([path, true])
      }
      expect(handled).toEqual([])
    })

    it('sends listings and encoded files from here', async () => {
      expect(text(await request(front.port, '/'))).toContain('plain.txt')
      const headers = { 'Accept-Encoding': 'gzip' }
      const coded = await request(front.port, '/pre.txt', { headers })
      expect([coded.get('content-encoding'), text(coded)]).toEqual(['gzip', 'coded\n'])
      expect(handled).toEqual([])
      expect(text(await request(front.port, '/pre.txt'))).toBe('plain\n')
      expect(handled).toHaveLength(1)
    })
  })
})

describeWith([nginx], 'the internal location of nginx', () => {
  let server: HTTPServer | undefined
  let front: Front | undefined

  afterEach(async () => {
    await front?.stop()
    await server?.shutdown()
  })

  it('is nothing that a client can ask for', async () => {
    server = await backend('x-accel-redirect')
    front = await fronts[0]?.start(server)
    const { status } = await request(front?.port ?? 0, '/internal/.secret', {
      headers: { 'X-Accel-Redirect': '/internal/.secret', 'X-Accel-Mapping': '/=/internal/' },
    })
    expect(status).toBe(404)
    expect(handled).toEqual([])
  })
})
