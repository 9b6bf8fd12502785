import { constants } from 'node:http2'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { BaseHTTPRequestHandler } from '../../lib/handlers/base.ts'
import { HTTPSServer } from '../../lib/server/https-server.ts'
import type { HTTPSServerOptions } from '../../types/server.ts'
import { closingClients, closingServers } from '../helpers/closing.ts'
import { makeCertificates, type Certificates } from '../helpers/certificates.ts'
import {
  cancel,
  frame,
  END_HEADERS,
  END_STREAM,
  frames,
  getFields,
  nothing,
  postFields,
  preface,
  readFrames as read,
} from '../helpers/http2-frames.ts'
import type { RawConnection } from '../helpers/raw.ts'
import { connectSecurely, exchangeSecurely } from '../helpers/tls.ts'

let handled = 0
const big = Buffer.alloc(8 * 1024 * 1024)

class Handler extends BaseHTTPRequestHandler {
  override protocolVersion = 'HTTP/1.1'

  async do_GET(): Promise<void> {
    handled++
    // As whatever works does: a client that resets at once has made work for nothing.
    await new Promise((resolve) => setImmediate(resolve))
    const content = this.path === '/' ? Buffer.from('ok') : big
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

let certificates: Certificates
const open = closingServers()
const clients = closingClients<RawConnection>()

beforeAll(async () => {
  certificates = await makeCertificates()
})

afterAll(() => {
  certificates.remove()
})

async function start(options: HTTPSServerOptions = {}): Promise<HTTPSServer> {
  const { cert: certfile, key: keyfile } = certificates
  const server = new HTTPSServer(['127.0.0.1', 0], Handler, {
    log: false,
    certfile,
    keyfile,
    http2: true,
    ...options,
  })
  open.add(server)
  return server.listen()
}

async function client(server: HTTPSServer): Promise<RawConnection> {
  const { connection } = await connectSecurely(server.serverPort, { ALPNProtocols: ['h2'] })
  clients.add(connection)
  await connection.send(preface)
  return connection
}

async function expectServing(server: HTTPSServer): Promise<void> {
  const text = await exchangeSecurely(server.serverPort, 'GET / HTTP/1.0\r\n\r\n')
  expect(text).toMatch(/ok$/)
}

const { CONTINUATION, DATA, GOAWAY, HEADERS, PING, RST_STREAM, SETTINGS } = frames

describe('over HTTP/2 the server', () => {
  it('disconnects a client that resets one request after another (CVE-2023-44487)', async () => {
    const server = await start()
    const connection = await client(server)
    handled = 0
    const count = 5000
    const frames: Buffer[] = []
    for (let i = 0; i < count; i++) {
      frames.push(frame(HEADERS, END_STREAM | END_HEADERS, 2 * i + 1, getFields))
      frames.push(frame(RST_STREAM, 0, 2 * i + 1, cancel))
    }
    void connection.send(Buffer.concat(frames)).catch(() => undefined)
    const { error } = read(await connection.waitForClose())
    // Its own word may be lost behind what the client still sends.
    expect([constants.NGHTTP2_ENHANCE_YOUR_CALM, undefined]).toContain(error)
    expect(handled).toBeLessThan(1500)
    await expectServing(server)
  })

  it.each<[string, () => Buffer]>([
    ['settings', () => frame(SETTINGS, 0, 0, nothing)],
    ['pings', () => frame(PING, 0, 0, Buffer.alloc(8))],
  ])('disconnects a client that floods it with %s and reads nothing', async (_, make) => {
    const server = await start({ headTimeout: 500, lingerTimeout: 10 })
    const connection = await client(server)
    connection.socket.pause()
    const flood = Buffer.concat(Array.from({ length: 20_000 }, make))
    let sent = 0
    // The close cannot be seen behind what is unread, but that writing fails can.
    const refused = new Promise<void>((resolve) => {
      connection.socket.once('close', () => {
        resolve()
      })
    })
    while (sent < 100 && !connection.socket.destroyed) {
      await Promise.race([connection.send(flood).catch(() => undefined), refused])
      sent++
    }
    expect(connection.socket.destroyed).toBe(true)
    await expectServing(server)
  })

  it('disconnects a client that goes on and on with a head (CVE-2024-27316)', async () => {
    const server = await start()
    const connection = await client(server)
    await connection.send(frame(HEADERS, END_STREAM, 1, getFields))
    const part = frame(CONTINUATION, 0, 1, Buffer.alloc(16_000))
    void connection
      .send(Buffer.concat(Array.from({ length: 50 }, () => part)))
      .catch(() => undefined)
    await connection.waitForClose()
    expect(connection.closed).toBe(true)
    await expectServing(server)
  })

  it('gives a head its time, in whatever frames it comes', async () => {
    const server = await start({ headTimeout: 300, firstByteTimeout: 300, keepAliveTimeout: 200 })
    const connection = await client(server)
    await connection.send(frame(HEADERS, END_STREAM, 1, getFields))
    const begun = performance.now()
    await connection.waitForClose()
    expect(performance.now() - begun).toBeLessThan(4000)
  })

  it('closes an idle connection that is only kept alive by pings', async () => {
    const server = await start({ keepAliveTimeout: 300 })
    const connection = await client(server)
    await connection.send(frame(HEADERS, END_STREAM | END_HEADERS, 1, getFields))
    const timer = setInterval(() => {
      void connection.send(frame(PING, 0, 0, Buffer.alloc(8))).catch(() => undefined)
    }, 50)
    const begun = performance.now()
    const { types } = read(await connection.waitForClose())
    clearInterval(timer)
    expect(types).toContain(DATA)
    expect(types).toContain(GOAWAY)
    expect(performance.now() - begun).toBeLessThan(4000)
  })

  it('gives up on content that does not come, or too slowly', async () => {
    const server = await start({ bodyIdleTimeout: 200, minBodyRate: 1000, bodyRateGrace: 300 })
    const connection = await client(server)
    // The first says nothing more, the second a byte now and then.
    await connection.send(frame(HEADERS, END_HEADERS, 1, postFields))
    await connection.send(frame(HEADERS, END_HEADERS, 3, postFields))
    const timer = setInterval(() => {
      void connection.send(frame(DATA, 0, 3, Buffer.from('x'))).catch(() => undefined)
    }, 50)
    const resets = (bytes: Buffer): boolean =>
      read(bytes).types.filter((type) => type === RST_STREAM).length >= 2
    await connection.waitFor(resets, 'both given up')
    clearInterval(timer)
    expect(connection.socket.destroyed).toBe(false)
  })

  it('gives up on a client that takes nothing of an answer', async () => {
    const server = await start({ writeTimeout: 300 })
    const connection = await client(server)
    // `/big`, and no window for more than its first 64 KiB.
    const path = Buffer.concat([
      Buffer.from([0x82, 0x87, 0x44, 4]),
      Buffer.from('/big'),
      Buffer.from([0x41, 1, 0x61]),
    ])
    await connection.send(frame(HEADERS, END_STREAM | END_HEADERS, 1, path))
    const isReset = (bytes: Buffer): boolean => read(bytes).types.includes(RST_STREAM)
    await connection.waitFor(isReset, 'given up')
    expect(connection.socket.destroyed).toBe(false)
  })
})
