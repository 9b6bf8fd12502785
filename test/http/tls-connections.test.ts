import { once } from 'node:events'
import { constants, type ClientHttp2Session } from 'node:http2'
import { writeFile } from 'node:fs/promises'
import { connect as connectSocket, type Socket } from 'node:net'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { connect as connectTls } from 'node:tls'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { BaseHTTPRequestHandler, type HandlerClass } from '../../lib/handlers/base.ts'
import { SimpleHTTPRequestHandler } from '../../lib/handlers/simple.ts'
import { HTTPSServer } from '../../lib/server/https-server.ts'
import type { Middleware } from '../../types/middleware.ts'
import type { HTTPSServerOptions } from '../../types/server.ts'
import { closingClients, closingServers } from '../helpers/closing.ts'
import { makeCertificates, type Certificates } from '../helpers/certificates.ts'
import { askHttp2, connectHttp2 } from '../helpers/http2.ts'
import { RawConnection } from '../helpers/raw.ts'
import { exchangeSecurely } from '../helpers/tls.ts'

const big = Buffer.alloc(8 * 1024 * 1024)

class Telling extends BaseHTTPRequestHandler {
  override protocolVersion = 'HTTP/1.1'
  override log = false

  do_GET(): void {
    const content = this.path === '/big' ? big : Buffer.from(JSON.stringify(this.clientAddress))
    this.sendResponse(200)
    this.sendHeader('Content-Length', content.length)
    this.endHeaders()
    this.wfile.write(content)
  }

  async do_POST(): Promise<void> {
    await this.rfile.forEach(() => undefined)
    this.sendResponse(200)
    this.endHeaders()
  }
}

/** Tells when its last connection has gone. */
class Watched extends HTTPSServer {
  #left: () => void = () => undefined
  readonly #accepted = new Set<Socket>()

  override verifyRequest(socket: Socket): boolean {
    this.#accepted.add(socket)
    socket.once('close', () => {
      this.#accepted.delete(socket)
      if (this.#accepted.size === 0) this.#left()
    })
    return true
  }

  /** Resolves when the connections there are have closed. */
  async deserted(): Promise<void> {
    if (this.#accepted.size > 0) await new Promise<void>((resolve) => (this.#left = resolve))
  }
}

let certificates: Certificates
const open = closingServers()
const sessions = closingClients<ClientHttp2Session>()

beforeAll(async () => {
  certificates = await makeCertificates()
})

afterAll(() => {
  certificates.remove()
})

async function start(
  options: HTTPSServerOptions = {},
  handler: HandlerClass | Middleware = Telling,
): Promise<Watched> {
  const { cert: certfile, key: keyfile } = certificates
  const server = new Watched(['127.0.0.1', 0], handler, {
    certfile,
    keyfile,
    http2: true,
    ...options,
  })
  open.add(server)
  return server.listen()
}

function speakHttp2(server: HTTPSServer, socket?: Socket): ClientHttp2Session {
  const session = connectHttp2(server.serverPort, socket)
  session.on('error', () => undefined)
  sessions.add(session)
  return session
}

describe('the PROXY protocol before TLS', () => {
  const line = 'PROXY TCP4 203.0.113.9 198.51.100.2 4711 8443\r\n'
  const forged = { 'X-Forwarded-For': '192.0.2.66' }

  async function connectThroughProxy(server: HTTPSServer): Promise<Socket> {
    const socket = connectSocket(server.serverPort, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(line)
    return socket
  }

  it.each([true, 'loopback'])('tells the client to HTTP/1.x, trustProxy %p', async (trustProxy) => {
    const server = await start({ proxyProtocol: true, trustProxy })
    const socket = await connectThroughProxy(server)
    const secured = connectTls({ socket, rejectUnauthorized: false })
    await once(secured, 'secureConnect')
    const connection = new RawConnection(secured)
    await connection.send(
      `GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: ${forged['X-Forwarded-For']}\r\nConnection: close\r\n\r\n`,
    )
    expect((await connection.waitForClose()).toString()).toMatch(/\["203\.0\.113\.9",4711\]$/)
  })

  it.each([true, 'loopback'])('tells the client to HTTP/2, trustProxy %p', async (trustProxy) => {
    const server = await start({ proxyProtocol: true, trustProxy })
    const session = speakHttp2(server, await connectThroughProxy(server))
    expect((await askHttp2(session, { ':path': '/', ...forged })).body).toBe('["203.0.113.9",4711]')
  })

  it('tells a middleware', async () => {
    const server = await start({ proxyProtocol: true, trustProxy: 'loopback' }, (req, res) => {
      const { remoteAddress, remotePort, localAddress, localPort } = req.socket
      res.end(JSON.stringify([remoteAddress, remotePort, localAddress, localPort]))
    })
    const session = speakHttp2(server, await connectThroughProxy(server))
    const { body } = await askHttp2(session, { ':path': '/' })
    expect(JSON.parse(body)).toEqual(['203.0.113.9', 4711, '198.51.100.2', 8443])
  })
})

describe('a client that leaves', () => {
  it.each<[string, (session: ClientHttp2Session) => Promise<unknown>]>([
    ['an idle session', (session) => askHttp2(session, { ':path': '/' })],
    [
      'an answer it has not taken',
      (session) => once(session.request({ ':path': '/big' }), 'response'),
    ],
    [
      'content it has not sent',
      async (session) => {
        const stream = session.request({ ':method': 'POST', ':path': '/' }, { endStream: false })
        stream.on('error', () => undefined)
        await new Promise((resolve) => stream.write('some', resolve))
        await new Promise((resolve) => session.ping(resolve))
      },
    ],
  ])('is noticed over HTTP/2 with %s', async (_, begin) => {
    const errors: unknown[] = []
    const server = await start({ log: (text) => errors.push(text) })
    const session = speakHttp2(server)
    await begin(session)
    session.destroy()
    await server.deserted()
    expect(errors.filter((text) => String(text).includes('Exception'))).toEqual([])
  })

  it('is noticed amid the handshake of TLS', async () => {
    const server = await start({ handshakeTimeout: 60_000 })
    const socket = connectSocket({
      port: server.serverPort,
      host: '127.0.0.1',
      allowHalfOpen: true,
    })
    await once(socket, 'connect')
    // The head of a record of 64 bytes, and none of them.
    socket.end(Buffer.from([22, 3, 1, 0, 64]))
    socket.resume()
    await server.deserted()
    await once(socket, 'close')
    expect(socket.destroyed).toBe(true)
  })

  it('still gets its answer over HTTP/1.x when it has only closed its half', async () => {
    const server = await start()
    const text = await exchangeSecurely(server.serverPort, 'GET / HTTP/1.0\r\n\r\n')
    expect(text).toMatch(/\["127\.0\.0\.1",\d+\]$/)
  })
})

describe('a request that its client cancels over HTTP/2', () => {
  class Slow extends BaseHTTPRequestHandler {
    static entered: () => void
    static done: () => void

    override log = false

    async do_GET(): Promise<void> {
      Slow.entered()
      await once(this.response, 'close')
      if (this.path === '/throw') throw new Error('its own')
      if (this.path === '/write') {
        this.sendResponse(200)
        this.endHeaders()
        this.wfile.write('too late')
      }
      if (this.path === '/pipeline') await pipeline(Readable.from(['x']), this.wfile)
    }

    async do_POST(): Promise<void> {
      Slow.entered()
      await this.rfile.forEach(() => undefined)
      this.sendError(200)
    }

    override finish(): void {
      Slow.done()
    }
  }

  it.each([
    ['GET', '/', 0],
    ['GET', '/write', 0],
    ['GET', '/pipeline', 0],
    ['POST', '/', 0],
    ['GET', '/throw', 1],
  ])('is no failure: %s %s', async (method, path, count) => {
    const errors: unknown[] = []
    class Recording extends HTTPSServer {
      override handleError(...args: Parameters<HTTPSServer['handleError']>): void {
        errors.push(args[2])
      }
    }
    const { cert: certfile, key: keyfile } = certificates
    const options = { certfile, keyfile, http2: true }
    const server = new Recording(['127.0.0.1', 0], Slow, options)
    open.add(server)
    await server.listen()
    const entered = new Promise<void>((resolve) => (Slow.entered = resolve))
    const done = new Promise<void>((resolve) => (Slow.done = resolve))
    const session = speakHttp2(server)
    const stream = session.request(
      { ':method': method, ':path': path },
      { endStream: method === 'GET' },
    )
    stream.on('error', () => undefined)
    await entered
    stream.close(constants.NGHTTP2_CANCEL)
    await done
    // What is logged is so by the time that another request is answered.
    await new Promise((resolve) => session.ping(resolve))
    expect(errors).toHaveLength(count)
  })
})

describe('a file that its client cancels over HTTP/2', () => {
  it.each([
    ['by itself', false],
    ['to an output of its own', true],
  ])('is let go of, sent %s', async (_, through) => {
    const content = join(certificates.folder, 'big')
    await writeFile(content, big)
    const errors: unknown[] = []
    let done: (value?: unknown) => void = () => undefined
    const finished = new Promise((resolve) => (done = resolve))
    class Recording extends HTTPSServer {
      override handleError(...args: Parameters<HTTPSServer['handleError']>): void {
        errors.push(args[2])
      }
    }
    class Files extends SimpleHTTPRequestHandler {
      override directory = certificates.folder
      override log = false as const

      override async copyfile(source: AsyncIterable<unknown>, output: Writable): Promise<void> {
        // An iterable that is no file of ours is copied piece by piece.
        const pieces = Readable.from(source)
        await super.copyfile(through ? pieces : source, output)
      }

      override finish(): void {
        done()
      }
    }
    const { cert: certfile, key: keyfile } = certificates
    const server = new Recording(['127.0.0.1', 0], Files, { certfile, keyfile, http2: true })
    open.add(server)
    await server.listen()
    const session = speakHttp2(server)
    const stream = session.request({ ':path': '/big' })
    stream.on('error', () => undefined)
    await once(stream, 'response')
    stream.close(constants.NGHTTP2_CANCEL)
    await finished
    await new Promise((resolve) => session.ping(resolve))
    expect(errors).toEqual([])
  })
})

describe('a request over HTTP/2', () => {
  const refused: [string, Record<string, string>][] = [
    ['a path without its slash', { ':path': 'admin/x', ':scheme': 'foo' }],
    ['a path that is none', { ':path': '*', ':scheme': 'foo' }],
    ['an asterisk where it stands for nothing', { ':path': '*' }],
    ['another scheme', { ':path': '/', ':scheme': 'ftp' }],
    ['an absolute form', { ':path': 'https://h/admin', ':scheme': 'x' }],
    ['two hosts', { ':path': '/', ':authority': 'a', host: 'b' }],
    ['a host that is none', { ':path': '/', ':authority': 'a/b' }],
    ['user information', { ':path': '/', ':authority': 'me@h' }],
  ]

  it.each(refused)('is refused with %s', async (_, headers) => {
    let called = false
    const server = await start({}, (_req, res) => {
      called = true
      res.end()
    })
    const session = speakHttp2(server)
    // Some of it is refused by the runtime's own checks, by a reset of the stream.
    const status = await askHttp2(session, headers).then(
      (answer) => answer.status,
      () => 400,
    )
    expect([status, called]).toEqual([400, false])
  })

  it('is taken with an asterisk for OPTIONS, and with the same host twice', async () => {
    const server = await start({}, (req, res) =>
      res.end(`${String(req.url)} ${String(req.headers.host)}`),
    )
    const session = speakHttp2(server)
    const options = { ':method': 'OPTIONS', ':path': '*', ':authority': 'a:1' }
    expect((await askHttp2(session, options)).body).toBe('* a:1')
    const twice = { ':path': '/x', ':authority': 'a', host: 'A' }
    expect((await askHttp2(session, twice)).body).toBe('/x A')
  })
})
