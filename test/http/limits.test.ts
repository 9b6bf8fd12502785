import { readdirSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { BaseHTTPRequestHandler } from '../../lib/handlers/base.ts'
import { HTTPServer } from '../../lib/server/http-server.ts'
import type { HTTPServerOptions } from '../../types/server.ts'
import { closingClients, closingServers } from '../helpers/closing.ts'
import { connect, exchange, responses, type RawConnection } from '../helpers/raw.ts'
import { describeWith, runTool } from '../helpers/tools.ts'
import { until } from '../helpers/wait.ts'

class Handler extends BaseHTTPRequestHandler {
  override protocolVersion = 'HTTP/1.1'

  do_GET(): void {
    this.reply(this.path === '/big' ? big : Buffer.from('ok'))
  }

  async do_POST(): Promise<void> {
    let length = 0
    for await (const chunk of this.rfile) length += (chunk as Buffer).length
    this.reply(Buffer.from(String(length)))
  }

  protected reply(content: Buffer): void {
    this.sendResponse(200)
    this.sendHeader('Content-Length', content.length)
    this.endHeaders()
    this.wfile.write(content)
  }
}

const big = Buffer.alloc(32 * 1024 * 1024)
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const open = closingServers()
const clients = closingClients<RawConnection>()

async function start(options: HTTPServerOptions): Promise<HTTPServer> {
  const server = new HTTPServer(['127.0.0.1', 0], Handler, { log: false, ...options })
  open.add(server)
  return server.listen()
}

async function client(server: HTTPServer): Promise<RawConnection> {
  const connection = await connect(server.serverPort)
  clients.add(connection)
  return connection
}

/** Sends, and resolves with all that comes until the server closes, and after how many milliseconds it did. */
async function untilClosed(
  server: HTTPServer,
  bytes: string,
): Promise<{ text: string; after: number }> {
  const begun = performance.now()
  const text = (await exchange(server.serverPort, bytes)).toString('latin1')
  return { text, after: performance.now() - begun }
}

const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n'

describe('an option of HTTPServer', () => {
  // Each closes the connection after its time, no sooner, and long before any default would.
  it.each<[string, HTTPServerOptions, string, RegExp]>([
    ['firstByteTimeout', { firstByteTimeout: 100 }, '', /^$/],
    ['headTimeout', { headTimeout: 100 }, 'GET / HTTP/1.1\r\nHo', /^HTTP\/1\.1 408 /],
    ['bodyIdleTimeout', { bodyIdleTimeout: 100 }, `${post}abc`, /^HTTP\/1\.1 408 /],
    [
      'minBodyRate, bodyRateGrace',
      { minBodyRate: 1000, bodyRateGrace: 100 },
      `${post}abc`,
      /^HTTP\/1\.1 408 /,
    ],
    ['keepAliveTimeout', { keepAliveTimeout: 100 }, get, /^HTTP\/1\.1 200 [^]*\r\n\r\nok$/],
  ])('bounds waiting: %s', async (_, options, bytes, expected) => {
    const server = await start({ lingerTimeout: 10, ...options })
    const { text, after } = await untilClosed(server, bytes)
    expect(text).toMatch(expected)
    expect(after).toBeGreaterThanOrEqual(95)
    expect(after).toBeLessThan(4000)
  })

  it('bounds a head in all: headTimeout, whatever comes of it', async () => {
    const server = await start({ headTimeout: 300, lingerTimeout: 10 })
    const connection = await client(server)
    await connection.send('GET / HTTP/1.1\r\n')
    const timer = setInterval(() => void connection.send('X: y\r\n').catch(() => undefined), 20)
    const text = (await connection.waitForClose()).toString()
    clearInterval(timer)
    expect(text).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('bounds the wait for a client that takes nothing: writeTimeout', async () => {
    const server = await start({ writeTimeout: 200 })
    const connection = await client(server)
    connection.socket.pause()
    await connection.send('GET /big HTTP/1.1\r\nHost: a\r\n\r\n')
    const begun = performance.now()
    // Its deadline is 10 s: that it ends before is the limit's doing.
    await server.shutdown()
    expect(performance.now() - begun).toBeLessThan(8000)
  })

  it.each<[string, HTTPServerOptions, string, number]>([
    ['maxLineSize', { maxLineSize: 100 }, `GET /${'a'.repeat(100)} HTTP/1.1\r\n\r\n`, 414],
    ['maxLineSize', { maxLineSize: 100 }, `${get.slice(0, -2)}X: ${'a'.repeat(100)}\r\n\r\n`, 431],
    ['maxHeaders', { maxHeaders: 2 }, `${get.slice(0, -2)}A: 1\r\nB: 2\r\n\r\n`, 431],
    ['maxHeadSize', { maxHeadSize: 60 }, `${get.slice(0, -2)}A: ${'a'.repeat(50)}\r\n\r\n`, 431],
    ['maxBodySize', { maxBodySize: 99_999 }, post, 413],
    [
      'maxBodySize',
      { maxBodySize: 3 },
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n',
      413,
    ],
  ])('bounds sizes: %s %j', async (_, options, bytes, status) => {
    const server = await start({ lingerTimeout: 10, ...options })
    const { text } = await untilClosed(server, bytes)
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(text).toMatch(/\r\nConnection: close\r\n/)
    expect((await exchange(server.serverPort, get, { until: responses(1) })).toString()).toMatch(
      /ok$/,
    )
  })

  it('bounds requests on a connection, and says so: maxRequests', async () => {
    const server = await start({ maxRequests: 2 })
    const { text } = await untilClosed(server, get + get + get)
    const [, first = '', second = '', ...more] = text
      .split(/(?=HTTP\/1\.1 200)/)
      .flatMap((part, i) => (i === 0 ? ['', part] : [part]))
    expect(more).toEqual([])
    expect(first).not.toMatch(/\r\nConnection: close\r\n/)
    expect(second).toMatch(/\r\nConnection: close\r\n/)
  })

  it('bounds connections, and takes others when there is room again: maxConnections', async () => {
    const server = await start({ maxConnections: 2, firstByteTimeout: 300 })
    const [first, second] = [await client(server), await client(server)]
    await first.send(get)
    await first.waitFor(responses(1), 'an answer')
    // Beyond the limit: closed without a word, nothing queued.
    expect((await exchange(server.serverPort, '')).length).toBe(0)
    // One of the two says nothing, and is closed for it.
    await second.waitForClose()
    let answer = ''
    while (answer === '') {
      answer = (
        await exchange(server.serverPort, get, { until: responses(1) }).catch(String)
      ).toString()
      if (answer.startsWith('Error')) answer = ''
    }
    expect(answer).toMatch(/ok$/)
  })
})

describe('a server that is to stop', () => {
  it('announces it on connections in use, and takes the request that was on its way', async () => {
    const server = await start({})
    const connection = await client(server)
    await connection.send(get)
    await connection.waitFor(responses(1), 'an answer')
    expect(connection.received.toString()).not.toMatch(/Connection: close/)
    const stopped = server.shutdown()
    await connection.send(get)
    const text = (await connection.waitForClose()).toString()
    expect(text.match(/\r\nConnection: close\r\n/g)).toHaveLength(1)
    expect(text).toMatch(/ok$/)
    await stopped
  })
})

/** The descriptors that this process has open. */
function descriptors(): number {
  return readdirSync('/proc/self/fd').length
}

/** Milliseconds for a request of another client's, sorted, and the descriptors open behind the last one. */
async function latencies(
  port: number,
  busy: () => boolean,
): Promise<{ times: number[]; last: number }> {
  const times: number[] = []
  let last = Infinity
  while (busy()) {
    const begun = performance.now()
    const text = (await exchange(port, get, { until: responses(1) })).toString()
    if (!text.endsWith('ok')) throw new Error(`answered ${text}`)
    times.push(performance.now() - begun)
    if (busy()) last = descriptors()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return { times: times.sort((a, b) => a - b), last }
}

describeWith(['slowhttptest'], 'slowhttptest', () => {
  const limits = {
    firstByteTimeout: 500,
    headTimeout: 700,
    bodyIdleTimeout: 500,
    minBodyRate: 500,
    bodyRateGrace: 500,
    keepAliveTimeout: 300,
    writeTimeout: 500,
    lingerTimeout: 100,
  }

  it.each([
    ['slow heads', ['-H', '-i', '1', '-x', '24']],
    ['slow content', ['-B', '-s', '8192', '-t', 'POST', '-i', '1', '-x', '24']],
    ['slow readers', ['-X', '-w', '512', '-y', '1024', '-n', '1', '-z', '32', '-k', '3']],
  ])('is let go with its %s, others served meanwhile and nothing left behind', async (_, args) => {
    const server = await start(limits)
    const url = `http://127.0.0.1:${server.serverPort}/big`
    // What the runtime keeps open of its own, it has open after a first exchange.
    await exchange(server.serverPort, get, { until: responses(1) })
    const before = descriptors()
    let running = true
    const attack = runTool('slowhttptest', [
      ...args,
      '-c',
      '50',
      '-r',
      '50',
      '-l',
      '6',
      '-p',
      '2',
      '-u',
      url,
    ])
    const measured = latencies(server.serverPort, () => running)
    // eslint-disable-next-line no-control-regex -- it colours what it prints
    const report = (await attack).replace(/\x1b\[[\d;]*[A-Za-z]/g, '')
    running = false
    const { times, last } = await measured
    // The server had let them all go while they still held on.
    expect(last).toBeLessThan(before + 10)
    // It gives up when it has no connection left, or its 6 seconds are over.
    expect(report).toMatch(/No open connections left|Hit test time limit/)
    expect(report).toMatch(/service available:\s+YES/)
    expect(times.length).toBeGreaterThan(10)
    expect(times[Math.floor(times.length * 0.99)]).toBeLessThan(1000)
    await until(() => descriptors() <= before, 'descriptors to be closed')
  })
})
