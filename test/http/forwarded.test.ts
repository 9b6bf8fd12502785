import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import express4 from 'express4'
import { BaseHTTPRequestHandler } from '../../lib/handlers/base.ts'
import { configure } from '../../lib/handlers/configure.ts'
import { requestFacts } from '../../lib/handlers/cgi-facts.ts'
import { toMiddleware } from '../../lib/middleware.ts'
import { HTTPServer } from '../../lib/server/http-server.ts'
import type { Address } from '../../types/handler.ts'
import type { TrustProxy } from '../../types/proxy.ts'
import type { HTTPServerOptions } from '../../types/server.ts'
import { onEveryHost } from '../helpers/hosts.ts'
import { connect, exchange, parseResponses, responses } from '../helpers/raw.ts'
import { request, text } from '../helpers/request.ts'

/** Answers with what it knows of the client. */
class Telling extends BaseHTTPRequestHandler {
  override protocolVersion = 'HTTP/1.1'
  override log = false

  do_GET(): void {
    const facts = requestFacts(Object.assign(this, { passAuthorization: false }), {
      query: '',
      contentLength: undefined,
      contentDecoded: false,
    })
    const body = JSON.stringify({
      address: this.clientAddress,
      scheme: facts.scheme,
      host: facts.forwardedHost,
      server: [facts.server.address, facts.server.port],
    })
    this.sendResponse(200)
    this.sendHeader('Content-Length', body.length)
    this.endHeaders()
    this.response.end(body)
  }
}

interface Told {
  address: Address
  scheme: string
  host?: string
  server: Address
}

const headers = {
  'X-Forwarded-For': '203.0.113.5, 192.0.2.1',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Host': 'example.test:8443',
}

const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

async function tell(
  port: number,
  fields: Readonly<Record<string, string>> = headers,
): Promise<Told> {
  return JSON.parse(text(await request(port, '/', { headers: fields }))) as Told
}

async function serve(options: HTTPServerOptions): Promise<HTTPServer> {
  const server = new HTTPServer(['127.0.0.1', 0], Telling, options)
  closing.push(() => server.shutdown())
  return server.listen()
}

/** Hosts log for their tests; what is told here is told in the answer. */
class Unlogged extends Telling {
  override logRequest(): void {
    // Nothing to see.
  }
}

onEveryHost('trustProxy', (host) => {
  it('is off unless asked for', async () => {
    const { port } = await host.start(Unlogged)
    const told = await tell(port)
    expect(told).toMatchObject({ address: ['127.0.0.1', expect.any(Number)], scheme: 'http' })
    expect(told.host).toBeUndefined()
    expect(told.server[1]).toBe(port)
  })

  it('takes a trusted proxy’s word', async () => {
    const Handler = configure(Unlogged, { trustProxy: 'loopback' as TrustProxy })
    const { port } = await host.start(Handler)
    expect(await tell(port)).toEqual({
      address: ['192.0.2.1', 0],
      scheme: 'https',
      host: 'example.test:8443',
      server: ['127.0.0.1', 8443],
    })
    expect(await tell(port, { Forwarded: 'for="[2001:db8::1]:7";proto=https' })).toMatchObject({
      address: ['2001:db8::1', 7],
      scheme: 'https',
      server: ['127.0.0.1', 443],
    })
  })

  it('takes nobody else’s', async () => {
    const Handler = configure(Unlogged, { trustProxy: ['10.0.0.0/8'] as TrustProxy })
    const { port } = await host.start(Handler)
    expect(await tell(port)).toMatchObject({
      address: ['127.0.0.1', expect.any(Number)],
      scheme: 'http',
    })
  })
})

describe('trustProxy as an option', () => {
  it('is one of HTTPServer and shows in its log', async () => {
    const log: string[] = []
    const Handler = configure(Telling, { log: (line: string) => log.push(line) })
    const server = new HTTPServer(['127.0.0.1', 0], Handler, { trustProxy: 'loopback' })
    closing.push(() => server.shutdown())
    const { serverPort } = await server.listen()
    await tell(serverPort)
    expect(log).toEqual([expect.stringMatching(/^192\.0\.2\.1 - - \[/)])
  })

  it('reaches the middleware that HTTPServer runs', async () => {
    const server = new HTTPServer(['127.0.0.1', 0], toMiddleware(Telling), {
      trustProxy: 'loopback',
    })
    closing.push(() => server.shutdown())
    const { serverPort } = await server.listen()
    expect(await tell(serverPort)).toMatchObject({ address: ['192.0.2.1', 0] })
  })

  it('is one of toMiddleware()', async () => {
    const server = createServer(toMiddleware(Telling, { trustProxy: ['loopback', '192.0.2.0/24'] }))
    closing.push(() => new Promise((resolve) => server.close(resolve)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    expect(await tell(port)).toMatchObject({ address: ['203.0.113.5', 0] })
  })

  it('is checked', () => {
    expect(() => toMiddleware(Telling, { trustProxy: 'nobody' })).toThrow(/option trustProxy/)
    expect(() => new HTTPServer(['', 0], Telling, { trustProxy: 'nobody' })).toThrow(
      /option trustProxy/,
    )
    expect(() => new HTTPServer(['', 0], Telling, { proxyProtocol: true })).toThrow(
      /option proxyProtocol needs trustProxy/,
    )
  })
})

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('trust proxy of %s', (_, make) => {
  it.each([true, false])('%p: is heeded', async (trust) => {
    const app = make()
    app.set('trust proxy', trust ? 'loopback' : false)
    app.use('/', toMiddleware(Telling))
    const server = createServer(app)
    closing.push(() => new Promise((resolve) => server.close(resolve)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const told = await tell(port)
    expect(told).toMatchObject(
      trust
        ? { address: ['192.0.2.1', 0], scheme: 'https' }
        : {
            address: ['127.0.0.1', expect.any(Number)],
            scheme: 'http',
            server: ['127.0.0.1', port],
          },
    )
    expect(told.host).toBe(trust ? 'example.test:8443' : undefined)
  })
})

const line1 = 'PROXY TCP4 198.51.100.7 198.51.100.2 4711 8080\r\n'
const get = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

async function raw(port: number, bytes: string | readonly string[]): Promise<Told | undefined> {
  const [response] = parseResponses(await exchange(port, bytes))
  return response === undefined ? undefined : (JSON.parse(text(response)) as Told)
}

describe('proxyProtocol', () => {
  it('gives the client’s address, in whatever pieces it comes', async () => {
    const { serverPort: port } = await serve({ proxyProtocol: true, trustProxy: 'loopback' })
    const expected = {
      address: ['198.51.100.7', 4711],
      scheme: 'http',
      server: ['198.51.100.2', 8080],
    }
    expect(await raw(port, line1 + get)).toEqual(expected)
    expect(await raw(port, [...line1.split(''), get])).toEqual(expected)
    expect(await raw(port, [line1, get])).toEqual(expected)
  })

  it('lets requests follow one another', async () => {
    const { serverPort: port } = await serve({ proxyProtocol: true, trustProxy: 'loopback' })
    const client = await connect(port)
    await client.send(line1 + 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.waitFor(responses(1), 'the first answer')
    await client.send(get)
    const all = parseResponses(await client.waitForClose())
    expect(all.map((response) => (JSON.parse(text(response)) as Told).address)).toEqual([
      ['198.51.100.7', 4711],
      ['198.51.100.7', 4711],
    ])
  })

  it('reads version 2, with TLS', async () => {
    const { serverPort: port } = await serve({ proxyProtocol: true, trustProxy: 'loopback' })
    const header =
      '\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x14\xc6\x33\x64\x07\xc6\x33\x64\x02\x12\x67\x01\xbb\x20\x00\x05\x01\0\0\0\0'
    expect(await raw(port, header + get)).toEqual({
      address: ['198.51.100.7', 4711],
      scheme: 'https',
      server: ['198.51.100.2', 443],
    })
  })

  it('serves a health check of the proxy’s own', async () => {
    const { serverPort: port } = await serve({ proxyProtocol: true, trustProxy: 'loopback' })
    expect(await raw(port, 'PROXY UNKNOWN\r\n' + get)).toMatchObject({
      address: ['127.0.0.1', expect.any(Number)],
      server: ['127.0.0.1', port],
    })
  })

  it('drops what a proxy sends without a header', async () => {
    const { serverPort: port } = await serve({ proxyProtocol: true, trustProxy: 'loopback' })
    expect(await raw(port, get)).toBeUndefined()
    const client = await connect(port)
    await client.send('PROXY TCP4')
    client.halfClose()
    expect(await client.waitForClose()).toHaveLength(0)
  })

  it('drops what does not come in time', async () => {
    const server = await serve({
      proxyProtocol: true,
      trustProxy: 'loopback',
      firstByteTimeout: 50,
    })
    const client = await connect(server.serverPort)
    await client.send('PROXY ')
    expect(await client.waitForClose()).toHaveLength(0)
  })

  it('takes no header from others', async () => {
    const { serverPort: port } = await serve({ proxyProtocol: true, trustProxy: '10.0.0.1' })
    expect(await raw(port, get)).toMatchObject({ address: ['127.0.0.1', expect.any(Number)] })
    const [response] = parseResponses(await exchange(port, line1 + get))
    expect(response?.status).toBe(400)
  })

  it('does not make the client a trusted proxy', async () => {
    const forged = get.replace('Host', 'X-Forwarded-For: 203.0.113.9\r\nHost')
    for (const trustProxy of [true, 'loopback']) {
      const { serverPort: port } = await serve({ proxyProtocol: true, trustProxy })
      expect(await raw(port, line1 + forged)).toMatchObject({ address: ['198.51.100.7', 4711] })
    }
    const { serverPort: port } = await serve({
      proxyProtocol: true,
      trustProxy: ['loopback', '198.51.100.7'],
    })
    expect(await raw(port, line1 + forged)).toMatchObject({ address: ['203.0.113.9', 0] })
  })

  it('asks verifyRequest() about the client', async () => {
    const asked: Address[] = []
    class Asking extends HTTPServer {
      override verifyRequest(_: unknown, clientAddress: Address): boolean {
        asked.push(clientAddress)
        return false
      }
    }
    const server = new Asking(['127.0.0.1', 0], Telling, {
      proxyProtocol: true,
      trustProxy: 'loopback',
    })
    closing.push(() => server.shutdown())
    await server.listen()
    expect(await raw(server.serverPort, line1 + get)).toBeUndefined()
    expect(asked).toEqual([['198.51.100.7', 4711]])
  })

  it('does not hold up a shutdown', async () => {
    const server = await serve({ proxyProtocol: true, trustProxy: 'loopback' })
    const client = await connect(server.serverPort)
    await client.send('PROXY ')
    await server.shutdown()
    expect(await client.waitForClose()).toHaveLength(0)
  })
})
