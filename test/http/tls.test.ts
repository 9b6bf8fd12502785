import { copyFileSync, readFileSync } from 'node:fs'
import type { ClientHttp2Session } from 'node:http2'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import connectApp from 'connect'
import express from 'express'
import type { HandlerClass } from '../../lib/handlers/base.ts'
import { configure } from '../../lib/handlers/configure.ts'
import { SimpleHTTPRequestHandler } from '../../lib/handlers/simple.ts'
import { simpleHandler } from '../../lib/middleware.ts'
import { HTTPServer } from '../../lib/server/http-server.ts'
import { HTTPSServer, ThreadingHTTPSServer } from '../../lib/server/https-server.ts'
import type { Middleware } from '../../types/middleware.ts'
import type { HTTPSServerOptions } from '../../types/server.ts'
import { closingClients, closingServers } from '../helpers/closing.ts'
import { makeCertificates, type Certificates } from '../helpers/certificates.ts'
import { askHttp2 as ask, connectHttp2 } from '../helpers/http2.ts'
import { connect, exchange, responses } from '../helpers/raw.ts'
import { connectSecurely, exchangeSecurely } from '../helpers/tls.ts'
import { TextHandler } from '../helpers/text-handler.ts'

class Handler extends TextHandler {
  override protocolVersion = 'HTTP/1.1'

  do_GET(): void {
    this.reply(`GET ${this.path} ${this.headers.get('Host') ?? ''}`)
  }
}

let certificates: Certificates
const open = closingServers()

beforeAll(async () => {
  certificates = await makeCertificates()
})

afterAll(() => {
  certificates.remove()
})

async function start(
  options: HTTPSServerOptions = {},
  handler: HandlerClass | Middleware = Handler,
): Promise<HTTPSServer> {
  const { cert: certfile, key: keyfile } = certificates
  const files = options.cert === undefined && options.selfSigned !== true
  const server = new HTTPSServer(['127.0.0.1', 0], handler, {
    log: false,
    ...(files ? { certfile, keyfile } : {}),
    ...options,
  })
  open.add(server)
  return server.listen()
}

const request = 'GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'

describe('HTTPSServer', () => {
  it('serves over TLS', async () => {
    const server = await start()
    expect(server.scheme).toBe('https')
    expect(await exchangeSecurely(server.serverPort, request)).toMatch(
      /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nGET \/a h$/,
    )
  })

  it('keeps connections', async () => {
    const server = await start()
    const { connection } = await connectSecurely(server.serverPort)
    for (const count of [1, 2, 3]) {
      await connection.send('GET /a HTTP/1.1\r\nHost: h\r\n\r\n')
      await connection.waitFor(responses(count), 'answer')
    }
    connection.destroy()
    expect(connection.reset).toBe(false)
  })

  it('takes large content both ways', async () => {
    const server = await start()
    const content = 'x'.repeat(1_000_000)
    const text = await exchangeSecurely(
      server.serverPort,
      `POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: ${content.length}\r\n\r\n${content}`,
    )
    expect(text.endsWith(`\r\n\r\n${content}`)).toBe(true)
  })

  it('answers a client that has closed its half', async () => {
    const server = await start()
    const { connection } = await connectSecurely(server.serverPort)
    await connection.send('GET /a HTTP/1.1\r\nHost: h\r\n\r\n')
    connection.halfClose()
    expect((await connection.waitForClose()).toString()).toMatch(/GET \/a h$/)
  })

  it.each<[string, () => HTTPSServerOptions]>([
    ['certificate and key in one file', () => ({ certfile: certificates.both })],
    [
      'an encrypted key',
      () => ({
        certfile: certificates.cert,
        keyfile: certificates.encryptedKey,
        password: 'secret',
      }),
    ],
    [
      'a password that is asked for',
      () => ({
        certfile: certificates.cert,
        keyfile: certificates.encryptedKey,
        password: () => Promise.resolve(Buffer.from('secret')),
      }),
    ],
    [
      'PEM texts',
      () => ({
        cert: readFileSync(certificates.cert),
        key: readFileSync(certificates.key, 'utf8'),
      }),
    ],
    ['a certificate of its own', () => ({ selfSigned: true })],
  ])('takes %s', async (_, options) => {
    const server = new HTTPSServer(['127.0.0.1', 0], Handler, { log: false, ...options() })
    open.add(server)
    await server.listen()
    expect(await exchangeSecurely(server.serverPort, request)).toMatch(/GET \/a h$/)
  })

  it.each<[string, () => HTTPSServerOptions, RegExp]>([
    [
      'a key of another certificate',
      () => ({ certfile: certificates.cert, keyfile: certificates.otherKey }),
      /other-key\.pem does not belong to .*cert\.pem/,
    ],
    [
      'a wrong password',
      () => ({ certfile: certificates.cert, keyfile: certificates.encryptedKey, password: 'no' }),
      /wrong password for the key in .*encrypted\.pem/,
    ],
    [
      'no password',
      () => ({ certfile: certificates.cert, keyfile: certificates.encryptedKey }),
      /encrypted\.pem is encrypted and needs a password/,
    ],
    [
      'what is no certificate',
      () => ({ certfile: certificates.password, keyfile: certificates.key }),
      /no certificate in .*password/,
    ],
    ['no key', () => ({ certfile: certificates.cert }), /no key in .*cert\.pem/],
  ])('refuses %s when it listens', async (_, options, message) => {
    const server = new HTTPSServer(['127.0.0.1', 0], Handler, options())
    const listening = server.listen()
    await expect(listening).rejects.toThrow(message)
    await expect(listening).rejects.toMatchObject({ code: 'ERR_TLS_CERTIFICATE' })
  })

  it('tells which file is missing', async () => {
    const path = join(certificates.folder, 'none.pem')
    const server = new HTTPSServer(['127.0.0.1', 0], Handler, { certfile: path })
    await expect(server.listen()).rejects.toMatchObject({ code: 'ENOENT', path })
  })

  it.each<[HTTPSServerOptions, RegExp]>([
    [{}, /certfile/],
    [{ certfile: 'a', selfSigned: true }, /certfile/],
    [{ cert: 'a' }, /key/],
    [{ certfile: 'a', alpnProtocols: [] }, /alpnProtocols/],
    [{ certfile: 'a', alpnProtocols: ['h2'] }, /alpnProtocols/],
    [{ certfile: 'a', minVersion: 'TLSv1' as never }, /minVersion/],
    [{ certfile: 'a', http2: 1 as never }, /http2/],
    [{ certfile: 1 as never }, /certfile/],
    [{ certfile: 'a', handshakeTimeout: -1 }, /handshakeTimeout/],
    [{ certfile: 'a', unknown: 1 } as never, /unknown/],
  ])('refuses the options %j', (options, message) => {
    expect(() => new HTTPSServer(['', 0], Handler, options)).toThrow(message)
  })

  it('speaks TLS 1.2 and later, and only what it offers by ALPN', async () => {
    const server = await start()
    const { serverPort: port } = server
    const { socket } = await connectSecurely(port, { ALPNProtocols: ['h2', 'http/1.1'] })
    expect([socket.getProtocol(), socket.alpnProtocol]).toEqual(['TLSv1.3', 'http/1.1'])
    socket.destroy()
    const old = { minVersion: 'TLSv1' as const, ciphers: 'DEFAULT@SECLEVEL=0' }
    await expect(connectSecurely(port, { ...old, maxVersion: 'TLSv1.1' })).rejects.toThrow(
      /protocol version/,
    )
    const second = await connectSecurely(port, { maxVersion: 'TLSv1.2' })
    expect(second.socket.getProtocol()).toBe('TLSv1.2')
    second.connection.destroy()
    await expect(connectSecurely(port, { ALPNProtocols: ['spdy/3'] })).rejects.toThrow(
      /no application protocol/,
    )
  })

  it('answers plain HTTP with 400', async () => {
    const server = await start()
    const text = (
      await exchange(server.serverPort, 'GET /a HTTP/1.1\r\nHost: h\r\n\r\n')
    ).toString()
    expect(text).toMatch(/^HTTP\/1\.1 400 Client sent an HTTP request to an HTTPS server\r\n/)
    expect(text).toMatch(/\r\nConnection: close\r\n/)
    expect((await exchange(server.serverPort, 'GET / HTTP/1.0\r\n\r\n')).toString()).toMatch(
      /^HTTP\/1\.1 400 Client/,
    )
    expect((await exchange(server.serverPort, '\x00')).toString()).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('redirects plain HTTP if asked to', async () => {
    const server = await start({ redirectHttp: true })
    const { serverPort: port } = server
    const get = (head: string): Promise<string> =>
      exchange(port, `${head}\r\n\r\n`).then((bytes) => bytes.toString())
    expect(await get(`GET /a?b HTTP/1.1\r\nHost: h:${port}`)).toMatch(
      new RegExp(`^HTTP/1\\.1 301 Moved[^]*\r\nLocation: https://h:${port}/a\\?b\r\n`),
    )
    expect(await get('POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 9')).toMatch(
      /^HTTP\/1\.1 308 /,
    )
    expect(await get('GET /a HTTP/1.0')).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('closes on a client that says nothing, or half of a handshake', async () => {
    const server = await start({ firstByteTimeout: 30, handshakeTimeout: 30 })
    expect((await exchange(server.serverPort, '')).length).toBe(0)
    expect((await exchange(server.serverPort, '\x16\x03\x01\x02\x00\x01')).length).toBe(0)
    expect((await exchange(server.serverPort, '\x16garbage garbage')).length).toBeLessThan(20)
  })

  it('gives up on a client that takes nothing', async () => {
    const big: Middleware = (_, res) => res.end(Buffer.alloc(20_000_000))
    const server = await start({ writeTimeout: 100, lingerTimeout: 10 }, big)
    const { connection, socket } = await connectSecurely(server.serverPort)
    socket.pause()
    await connection.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    // The server's shutdown waits for its connections: this one ends by the limit, not the deadline.
    const begun = performance.now()
    await server.shutdown()
    expect(performance.now() - begun).toBeLessThan(8000)
    connection.destroy()
  })

  it('takes a renewed certificate for new connections and keeps the old ones', async () => {
    const certfile = join(certificates.folder, 'renewed-cert.pem')
    const keyfile = join(certificates.folder, 'renewed-key.pem')
    copyFileSync(certificates.cert, certfile)
    copyFileSync(certificates.key, keyfile)
    const server = await start({ certfile, keyfile })
    const serial = (socket: TLSSocket): string => socket.getPeerCertificate().serialNumber
    const first = await connectSecurely(server.serverPort)
    copyFileSync(certificates.otherCert, certfile)
    await expect(server.reloadCertificate()).rejects.toThrow(/does not belong/)
    copyFileSync(certificates.otherKey, keyfile)
    await server.reloadCertificate()
    const second = await connectSecurely(server.serverPort)
    expect(serial(second.socket)).not.toBe(serial(first.socket))
    await first.connection.send('GET /a HTTP/1.1\r\nHost: h\r\n\r\n')
    await first.connection.waitFor(responses(1), 'answer on the old connection')
    first.connection.destroy()
    second.connection.destroy()
    expect(first.connection.reset).toBe(false)
  })

  it('drains as over TCP', async () => {
    const server = await start()
    const { connection } = await connectSecurely(server.serverPort)
    await connection.send('GET /a HTTP/1.1\r\nHost: h\r\n\r\n')
    await connection.waitFor(responses(1), 'answer')
    const silent = await connect(server.serverPort)
    await server.shutdown()
    await Promise.all([connection.waitForClose(), silent.waitForClose()])
    expect(connection.reset).toBe(false)
  })

  it('has a threading variant', () => {
    const server = new ThreadingHTTPSServer(['', 0], Handler, { selfSigned: true })
    expect(server.daemonThreads).toBe(true)
  })
})

describe('HTTP/2', () => {
  const sessions = closingClients<ClientHttp2Session>()

  function connectTo(server: HTTPSServer): ClientHttp2Session {
    const session = connectHttp2(server.serverPort)
    sessions.add(session)
    return session
  }

  it('serves through a handler class', async () => {
    const lines: string[] = []
    const server = await start({ http2: true, log: (line) => lines.push(line) })
    const session = connectTo(server)
    const answer = await ask(session, { ':path': '/a', ':authority': 'name:1' })
    expect(answer).toMatchObject({ status: 200, body: 'GET /a name:1' })
    expect(await ask(session, { ':method': 'POST', ':path': '/' }, 'content')).toMatchObject({
      status: 200,
      body: 'content',
    })
    const missing = await ask(session, { ':method': 'SPAM', ':path': '/' })
    expect(missing.status).toBe(501)
    expect(missing.body).toContain("Unsupported method ('SPAM')")
    expect(missing.headers).not.toHaveProperty('connection')
    await ask(session, { ':method': 'HEAD', ':path': '/' })
    expect(lines.map((line) => line.replace(/\[.*\]/, '[]'))).toEqual([
      '127.0.0.1 - - [] "GET /a HTTP/2.0" 200 -\n',
      '127.0.0.1 - - [] "POST / HTTP/2.0" 200 -\n',
      "127.0.0.1 - - [] code 501, message Unsupported method ('SPAM')\n",
      '127.0.0.1 - - [] "SPAM / HTTP/2.0" 501 -\n',
      "127.0.0.1 - - [] code 501, message Unsupported method ('HEAD')\n",
      '127.0.0.1 - - [] "HEAD / HTTP/2.0" 501 -\n',
    ])
  })

  it('serves HTTP/1.1 to clients that ask for it', async () => {
    const server = await start({ http2: true })
    expect(await exchangeSecurely(server.serverPort, request)).toMatch(/GET \/a h$/)
    const { socket } = await connectSecurely(server.serverPort, { ALPNProtocols: ['http/1.1'] })
    expect(socket.alpnProtocol).toBe('http/1.1')
    socket.destroy()
  })

  it.each<[string, () => HandlerClass | Middleware]>([
    [
      'SimpleHTTPRequestHandler',
      () => configure(SimpleHTTPRequestHandler, { directory: certificates.folder }),
    ],
    ['simpleHandler()', () => simpleHandler(certificates.folder)],
    ['a Connect app', () => connectApp().use(simpleHandler(certificates.folder))],
  ])('serves files through %s', async (_, make) => {
    const server = await start({ http2: true }, make())
    const session = connectTo(server)
    const file = await ask(session, { ':path': '/cert.pem' })
    expect([file.status, file.body]).toEqual([200, readFileSync(certificates.cert, 'latin1')])
    const part = await ask(session, { ':path': '/cert.pem', range: 'bytes=0-4' })
    expect([part.status, part.body]).toEqual([206, '-----'])
    const listing = await ask(session, { ':path': '/' })
    expect(listing.body).toContain('key.pem')
    expect((await ask(session, { ':path': '/none' })).status).toBe(404)
    const head = await ask(session, { ':path': '/cert.pem', ':method': 'HEAD' })
    expect([head.status, head.body]).toEqual([200, ''])
    const etag = String(file.headers.etag)
    const same = await ask(session, { ':path': '/cert.pem', 'if-none-match': etag })
    expect(same.status).toBe(304)
  })

  it('answers 404 for a middleware that passes on, and 500 for one that throws', async () => {
    const errors: unknown[] = []
    class Recording extends HTTPSServer {
      override handleError(...args: Parameters<HTTPSServer['handleError']>): void {
        errors.push(args[2])
      }
    }
    const { cert: certfile, key: keyfile } = certificates
    const server = new Recording(
      ['127.0.0.1', 0],
      (req, _res, next) => {
        if (req.url === '/throw') throw new Error('secret')
        next?.()
      },
      { certfile, keyfile, http2: true },
    )
    open.add(server)
    await server.listen()
    const session = connectTo(server)
    expect((await ask(session, { ':path': '/' })).status).toBe(404)
    const failed = await ask(session, { ':path': '/throw' })
    expect(failed.status).toBe(500)
    expect(failed.body).not.toContain('secret')
    expect(errors).toHaveLength(1)
  })

  it('refuses an Express app, which knows no HTTP/2', () => {
    const app = express() as unknown as Middleware
    expect(() => new HTTPSServer(['', 0], app, { selfSigned: true, http2: true })).toThrow(
      /Express/,
    )
  })

  it('keeps to the limits', async () => {
    const server = await start({ http2: true, maxBodySize: 5, maxRequests: 3 })
    const session = connectTo(server)
    const post = { ':method': 'POST', ':path': '/' }
    expect((await ask(session, post, '12345')).body).toBe('12345')
    const announced = await ask(session, { ...post, 'content-length': '6' }, '123456')
    expect(announced.status).toBe(413)
    const closed = new Promise((resolve) => session.once('close', resolve))
    await expect(ask(session, post, '123456')).rejects.toThrow(/ENHANCE_YOUR_CALM/)
    // The third request was the last.
    await closed
    expect(session.closed).toBe(true)
  })

  it('closes a silent connection', async () => {
    const server = await start({ http2: true, keepAliveTimeout: 50 })
    const session = connectTo(server)
    await ask(session, { ':path': '/' })
    await new Promise((resolve) => session.once('close', resolve))
    expect(session.closed).toBe(true)
  })

  it('finishes what is under way when it shuts down', async () => {
    let release: () => void = () => undefined
    let entered: () => void = () => undefined
    const inside = new Promise<void>((resolve) => (entered = resolve))
    class Slow extends Handler {
      override async do_POST(): Promise<void> {
        entered()
        await new Promise<void>((resolve) => (release = resolve))
        this.reply('finished')
      }
    }
    const server = await start({ http2: true }, Slow)
    const session = connectTo(server)
    const answer = ask(session, { ':method': 'POST', ':path': '/' })
    await inside
    const stopped = server.shutdown()
    release()
    expect((await answer).body).toBe('finished')
    await stopped
  })

  it('tells its health', async () => {
    const server = await start({ http2: true, healthPath: '/health' })
    expect(await ask(connectTo(server), { ':path': '/health' })).toMatchObject({
      status: 200,
      body: 'ok\n',
    })
  })
})

describe('HTTPServer', () => {
  it('refuses a TLS client at its first byte', async () => {
    const server = await new HTTPServer(['127.0.0.1', 0], Handler, { log: false }).listen()
    try {
      const connection = await connect(server.serverPort)
      await connection.send('\x16')
      expect((await connection.waitForClose()).toString()).toMatch(/^HTTP\/1\.1 400 /)
    } finally {
      await server.shutdown()
    }
  })
})
