import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import compression from 'compression'
import connectApp from 'connect'
import cors from 'cors'
import express from 'express'
import express4 from 'express4'
import session from 'express-session'
import helmet from 'helmet'
import morgan from 'morgan'
import serveStatic from 'serve-static'
import { connect, exchange as send, parseResponses } from '../../helpers/raw.ts'
import { appDispatch, startWire, type WireServer } from '../../helpers/wire.ts'

type App = (request: IncomingMessage, response: ServerResponse) => unknown

let root = ''
let wire: WireServer | undefined
let node: Server | undefined

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'basehttp-wire-'))
  await writeFile(join(root, 'hello.txt'), 'hello, world\n')
  await writeFile(join(root, 'big.txt'), 'x'.repeat(300_000))
})

afterAll(async () => {
  await rm(root, { recursive: true })
})

beforeEach(() => {
  // Express reports its errors there, and some are asked for.
  jest.spyOn(console, 'error').mockImplementation(() => undefined)
})

afterEach(async () => {
  jest.restoreAllMocks()
  await wire?.close()
  node?.closeAllConnections()
  node?.close()
  wire = node = undefined
})

/** Starts an app on the wire and on node:http. */
async function startBoth(app: App): Promise<{ ours: number; theirs: number }> {
  wire = await startWire(appDispatch(app))
  node = createServer((request, response) => void app(request, response))
  // Node's own offer of a time, which the wire does not make.
  node.keepAliveTimeout = 0
  node.listen(0, '127.0.0.1')
  await once(node, 'listening')
  // A TCP server's address is never a string.
  return { ours: wire.port, theirs: (node.address() as AddressInfo).port }
}

/** Asserts that both give the same bytes, but for the date, and resolves with them. */
async function sameAnswer(app: App, bytes: string | string[]): Promise<string> {
  const { ours, theirs } = await startBoth(app)
  const [mine, other] = await Promise.all([send(ours, bytes), send(theirs, bytes)])
  const mask = (received: Buffer) => received.toString('latin1').replace(/^Date: .*$/gm, 'Date: x')
  expect(mask(mine)).toBe(mask(other))
  expect(mine.length).toBeGreaterThan(0)
  return mask(mine)
}

function request(method: string, target: string, fields: string[] = [], content = ''): string {
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: localhost', ...fields]
  if (content !== '') lines.push(`Content-Length: ${Buffer.byteLength(content)}`)
  return `${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n${content}`
}

function makeExpress(make: typeof express): App {
  const app = make()
  app.set('trust proxy', true)
  // Answers without a stack, which would differ.
  app.set('env', 'production')
  app.use('/begun', (_, res) => {
    res.write('begun')
    throw new Error('broken')
  })
  app.use('/static', make.static(root))
  app.use(make.json())
  app.use(make.urlencoded({ extended: true }))
  app.use(make.text({ limit: 100 }))
  app.get('/', (_, res) => res.send('hello'))
  app.get('/json', (_, res) => res.json({ a: 1 }))
  app.get('/stream', (_, res) => {
    res.write('one')
    setImmediate(() => res.end('two'))
  })
  app.get('/file', (_, res) => {
    res.sendFile(join(root, 'hello.txt'))
  })
  app.get('/big', (_, res) => {
    res.download(join(root, 'big.txt'))
  })
  app.get('/redirect', (_, res) => {
    res.redirect('/elsewhere')
  })
  app.get('/cookie', (_, res) => res.cookie('a', 'b').sendStatus(204))
  app.get('/info', (req, res) => {
    res.json([req.ip, req.hostname, req.protocol, req.query, req.get('x'), req.secure, req.fresh])
  })
  app.get('/throw', () => {
    throw Object.assign(new Error('broken'), { status: 418, expose: true, stack: 'broken' })
  })
  app.post('/echo', (req, res) => res.json(req.body as unknown))
  app.post('/raw', (req, res) => {
    req.pipe(res)
  })
  app.use(
    '/sub',
    make.Router().get('/x', (req, res) => res.send(`${req.baseUrl} ${req.url}`)),
  )
  app.use(
    '/app',
    make().get('/x', (req, res) => res.send(`${req.baseUrl} ${req.originalUrl}`)),
  )
  return app
}

const requests: readonly (readonly [name: string, bytes: string])[] = [
  ['a page', request('GET', '/')],
  ['HEAD', request('HEAD', '/')],
  ['JSON', request('GET', '/json')],
  ['a stream', request('GET', '/stream')],
  ['a file', request('GET', '/file')],
  ['a range of a file', request('GET', '/file', ['Range: bytes=2-4'])],
  ['a large file', request('GET', '/big')],
  ['a static file', request('GET', '/static/hello.txt')],
  ['a static file, conditionally', request('GET', '/static/hello.txt', ['If-None-Match: *'])],
  ['a missing static file', request('GET', '/static/missing')],
  ['a redirect', request('GET', '/redirect', ['Accept: text/html'])],
  ['a cookie', request('GET', '/cookie')],
  [
    'what the request says',
    request('GET', '/info?a=b&a[c]=d', ['X: y', 'X-Forwarded-Proto: https']),
  ],
  ['an error', request('GET', '/throw')],
  ['a missing page', request('GET', '/missing')],
  ['OPTIONS', request('OPTIONS', '/echo')],
  ['an absolute target', request('GET', 'http://localhost/json')],
  ['JSON content', request('POST', '/echo', ['Content-Type: application/json'], '{"a":[1]}')],
  ['bad JSON', request('POST', '/echo', ['Content-Type: application/json'], '{')],
  [
    'a form',
    request('POST', '/echo', ['Content-Type: application/x-www-form-urlencoded'], 'a=b&c[]=d'),
  ],
  ['too much text', request('POST', '/echo', ['Content-Type: text/plain'], 'x'.repeat(2000))],
  ['content passed through', request('POST', '/raw', ['Content-Type: a/b'], 'x'.repeat(50_000))],
  ['content for a missing page', request('POST', '/missing', [], 'x'.repeat(50_000))],
  ['a router', request('GET', '/sub/x')],
  ['an app within', request('GET', '/app/x')],
  [
    'chunked content',
    `${request('POST', '/echo', ['Content-Type: application/json', 'Transfer-Encoding: chunked'])}3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n`,
  ],
  [
    'expected content',
    request('POST', '/echo', ['Content-Type: application/json', 'Expect: 100-continue'], '{}'),
  ],
  ['pipelined requests', `GET / HTTP/1.1\r\nHost: a\r\n\r\n${request('GET', '/json')}`],
]

describe('Express 5 on the wire answers as on node:http', () => {
  it.each(requests)('%s', async (_, bytes) => {
    expect(await sameAnswer(makeExpress(express), bytes)).toMatch(/^HTTP\/1\.1 \d{3} /)
  })
})

it('Express drops the connection when an answer fails behind its begin', async () => {
  const { ours, theirs } = await startBoth(makeExpress(express))
  for (const port of [ours, theirs]) {
    expect((await send(port, request('GET', '/begun'))).toString()).not.toContain('broken')
  }
})

describe('Express 4 on the wire answers as on node:http', () => {
  it.each(requests)('%s', async (_, bytes) => {
    expect(await sameAnswer(makeExpress(express4), bytes)).toMatch(/^HTTP\/1\.1 \d{3} /)
  })
})

describe('Connect on the wire answers as on node:http', () => {
  const app = connectApp()
  app.use('/static', (req, res, next) => {
    serveStatic(root)(req, res, next)
  })
  app.use('/hello', (_, res) => res.end('hello'))
  app.use('/throw', () => {
    throw Object.assign(new Error('broken'), { status: 400, stack: 'broken' })
  })

  it.each(['/hello/x', '/static/hello.txt', '/static/missing', '/missing', '/throw'])(
    '%s',
    async (target) => {
      expect(await sameAnswer(app, request('GET', target))).toMatch(/^HTTP\/1\.1 /)
      await wire?.close()
    },
  )
})

describe('middleware on the wire', () => {
  it.each(['gzip', 'br', 'deflate', 'identity'])('compression: %s', async (coding) => {
    const app = express()
    app.use(compression({ threshold: 0 }))
    app.get('/', (_, res) => res.send('hello '.repeat(1000)))
    app.get('/stream', (_, res) => {
      res.type('text').write('one')
      res.flush()
      res.end('two')
    })
    for (const target of ['/', '/stream']) {
      const bytes = request('GET', target, [`Accept-Encoding: ${coding}`])
      const answer = await sameAnswer(app, bytes)
      expect(answer.includes(`Content-Encoding: ${coding}`)).toBe(coding !== 'identity')
      await wire?.close()
      node?.close()
    }
  })

  it('cors, helmet and a session', async () => {
    const app = express()
    app.use(cors({ origin: true, credentials: true }))
    app.use(helmet())
    app.use(
      session({
        secret: 'x',
        resave: false,
        saveUninitialized: true,
        genid: () => 'same',
        cookie: { httpOnly: true },
      }),
    )
    app.get('/', (req, res) => res.send(req.sessionID))
    const answer = await sameAnswer(app, request('GET', '/', ['Origin: http://b']))
    expect(answer).toContain('Set-Cookie: connect.sid=')
    expect(answer).toContain('Access-Control-Allow-Origin: http://b')
    expect(answer).toContain('Content-Security-Policy:')
  })

  it('cors answers a preflight', async () => {
    const app = express()
    app.use(cors())
    const preflight = ['Origin: http://b', 'Access-Control-Request-Method: PUT']
    expect(await sameAnswer(app, request('OPTIONS', '/', preflight))).toContain('204 No Content')
  })

  it('morgan logs after the answer, with address and length', async () => {
    const lines: string[] = []
    const app = express()
    const format =
      ':remote-addr :method :url :status :res[content-length] :http-version :total-time'
    app.use(morgan(format, { stream: { write: (line) => lines.push(line.trimEnd()) } }))
    app.get('/', (_, res) => res.send('hello'))
    app.get('/slow', () => undefined)
    wire = await startWire(appDispatch(app))
    await send(wire.port, request('GET', '/'))
    await send(wire.port, request('GET', '/missing'))
    const client = await connect(wire.port)
    await client.send(request('GET', '/slow'))
    const { response } = await wire.dispatched(3)
    client.destroy({ reset: true })
    await once(response, 'close')
    expect(lines.map((line) => line.replace(/ [\d.]+$/, ' ms'))).toEqual([
      '127.0.0.1 GET / 200 5 1.1 ms',
      '127.0.0.1 GET /missing 404 146 1.1 ms',
      '127.0.0.1 GET /slow - - 1.1 -',
    ])
  })
})

describe('large content through Express', () => {
  it('goes up and down unchanged', async () => {
    const size = 20_000_000
    const app = express()
    app.post('/', (req, res) => {
      res.set('Content-Length', req.get('Content-Length'))
      req.pipe(res)
    })
    wire = await startWire(appDispatch(app))
    const client = await connect(wire.port)
    const content = Buffer.alloc(size, 'abcdefghi')
    const chunks: Buffer[] = []
    client.socket.removeAllListeners('data')
    client.socket.on('data', (chunk) => chunks.push(chunk))
    await client.send(
      `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`,
    )
    await client.send(content)
    await client.waitForClose()
    const [response] = parseResponses(Buffer.concat(chunks))
    expect(response?.body.equals(content)).toBe(true)
  })
})
