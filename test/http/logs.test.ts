import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import compression from 'compression'
import express from 'express'
import { BaseHTTPRequestHandler } from '../../lib/handlers/base.ts'
import { SimpleHTTPRequestHandler } from '../../lib/handlers/simple.ts'
import { configure } from '../../lib/handlers/configure.ts'
import { simpleHandler, toMiddleware } from '../../lib/middleware.ts'
import { HTTPServer } from '../../lib/server/http-server.ts'
import type { LogFormat } from '../../types/logger.ts'
import type { HTTPServerOptions } from '../../types/server.ts'
import { onEveryHost } from '../helpers/hosts.ts'
import { connect, exchange, responses } from '../helpers/raw.ts'
import { request } from '../helpers/request.ts'
import { makeTree, type Tree } from '../helpers/tree.ts'

class Handler extends BaseHTTPRequestHandler {
  override protocolVersion = 'HTTP/1.1'

  do_GET(): void {
    this.sendResponse(200)
    this.sendHeader('Content-Length', 5)
    this.endHeaders()
    this.response.end('hello')
  }

  do_HEAD(): void {
    this.sendResponse(200)
    this.sendHeader('Content-Length', 5)
    this.endHeaders()
  }

  /** Content whose length nobody knows. */
  do_STREAM(): void {
    this.sendResponse(200)
    this.endHeaders()
    for (const part of ['one', 'two', 'three']) this.wfile.write(part)
    this.response.end('four')
  }

  do_FAIL(): void {
    throw new Error('on purpose')
  }
}

const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

/** A server of ours with its log. */
async function serve(
  handler: ConstructorParameters<typeof HTTPServer>[1],
  options: HTTPServerOptions,
): Promise<{ port: number; log: string[]; lines: (count: number) => Promise<string[]> }> {
  const log: string[] = []
  const server = new HTTPServer(['127.0.0.1', 0], handler, {
    ...(options.logger === undefined ? { log: (line: string) => log.push(line) } : {}),
    ...options,
  })
  closing.push(() => server.shutdown())
  await server.listen()
  return { port: server.serverPort, log, lines: (count) => linesOf(log, count) }
}

/** So many lines, which come after the client has its response. */
async function linesOf(log: string[], count: number): Promise<string[]> {
  while (log.length < count) await new Promise((resolve) => setImmediate(resolve))
  return log.splice(0)
}

function logged(format: LogFormat): typeof Handler {
  return configure(Handler, { logFormat: format })
}

onEveryHost('logFormat', (host) => {
  it('common: size after the response', async () => {
    const running = await host.start(logged('common'), { fallthrough: false })
    for (const method of ['GET', 'HEAD', 'STREAM', 'POST']) {
      // Node's parser refuses a method that it does not know.
      if (method === 'STREAM' && !host.standalone) continue
      await request(running.port, '/a?b', { method })
    }
    const log = await linesOf(running.log as string[], host.standalone ? 4 : 3)
    const rest = log.map((line) => line.replace(/ \[[^\]]+\]/, ''))
    expect(rest).toEqual([
      '127.0.0.1 - - "GET /a?b HTTP/1.1" 200 5\n',
      '127.0.0.1 - - "HEAD /a?b HTTP/1.1" 200 -\n',
      ...(host.standalone ? ['127.0.0.1 - - "STREAM /a?b HTTP/1.1" 200 15\n'] : []),
      expect.stringMatching(/"POST \/a\?b HTTP\/1\.1" 501 \d{3}\n$/),
    ])
    for (const line of log)
      expect(line).toMatch(/ - - \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "/)
  })
})

describe('logFormat json', () => {
  it('tells of a request what is worth knowing, and no secret', async () => {
    const { port, lines } = await serve(Handler, { logFormat: 'json' })
    await request(port, '/a', {
      headers: {
        Authorization: 'Basic c2VjcmV0',
        Cookie: 'session=c2VjcmV0',
        Referer: 'http://user:c2VjcmV0@example.test/x',
        'User-Agent': 'test "1" \x7f'.replace('\x7f', '\u009b'),
      },
    })
    const [line = ''] = await lines(1)
    expect(line).not.toContain('c2VjcmV0')
    expect(line).toContain(String.raw`test \"1\" \u009b`)
    const record = JSON.parse(line) as Record<string, unknown>
    expect(record).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      level: 'info',
      client: '127.0.0.1',
      method: 'GET',
      target: '/a',
      version: 'HTTP/1.1',
      status: 200,
      size: 5,
      duration: expect.any(Number),
      host: 'localhost',
      referer: 'http://example.test/x',
      userAgent: expect.any(String),
    })
    expect(record['duration']).toBeLessThan(5000)
  })

  it('has one line for an error, with what its page says', async () => {
    const { port, lines } = await serve(Handler, { logFormat: 'json' })
    await exchange(port, 'GET / HTTP/9.9\r\n\r\n')
    await request(port, '/', { method: 'NONE' })
    const records = (await lines(2)).map((line) => JSON.parse(line) as unknown)
    expect(records).toEqual([
      expect.objectContaining({ status: 505, error: 'Invalid HTTP version (9.9)' }),
      expect.objectContaining({ status: 501, error: "Unsupported method ('NONE')" }),
    ])
  })

  it('tells of a handler that throws', async () => {
    const { port, lines } = await serve(Handler, { logFormat: 'json' })
    await request(port, '/', { method: 'FAIL' })
    const records = (await lines(2)).map((line) => JSON.parse(line) as unknown)
    expect(records).toEqual([
      expect.objectContaining({ level: 'error', message: expect.stringContaining('on purpose') }),
      expect.objectContaining({ status: 500 }),
    ])
  })

  it('marks what the client did not wait for', async () => {
    class Slow extends Handler {
      override do_GET(): void {
        this.sendResponse(200)
        this.sendHeader('Content-Length', 10)
        this.endHeaders()
        this.wfile.write('begun')
        // As piping does, this keeps the runner from ending it.
        this.response.on('unpipe', () => undefined)
      }
    }
    const { port, lines } = await serve(Slow, { logFormat: 'json' })
    const client = await connect(port)
    await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.waitFor((received) => received.includes('begun'), 'content')
    client.destroy({ reset: true })
    const [line = ''] = await lines(1)
    expect(JSON.parse(line)).toMatchObject({ status: 200, size: 5, aborted: true })
  })

  it('goes to a logger as an object', async () => {
    const calls: unknown[][] = []
    const logger = {
      info: (...args: unknown[]) => calls.push(['info', ...args]),
      error: (...args: unknown[]) => calls.push(['error', ...args]),
    }
    const { port } = await serve(Handler, { logFormat: 'json', logger })
    await request(port, '/a')
    while (calls.length < 1) await new Promise((resolve) => setImmediate(resolve))
    expect(calls).toEqual([
      ['info', expect.objectContaining({ method: 'GET', status: 200, size: 5 }), 'GET /a 200'],
    ])
  })
})

describe('the size of a response', () => {
  let tree: Tree

  afterEach(async () => {
    await tree.remove()
  })

  it('is that of all content, whichever way it is sent', async () => {
    tree = await makeTree([
      { path: 'small.txt', content: 'small' },
      { path: 'large.bin', content: Buffer.alloc(300_000) },
      { path: 'sub/x', content: '' },
    ])
    const Files = configure(SimpleHTTPRequestHandler, {
      directory: tree.directory,
      protocolVersion: 'HTTP/1.1',
    })
    const { port, lines } = await serve(Files, { logFormat: 'json' })
    const targets = ['/small.txt', '/large.bin', '/sub/', '/missing', '/sub']
    const client = await connect(port)
    for (const target of targets) await client.send(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)
    await client.waitFor(responses(4), 'answers')
    const records = (await lines(4)).map((line) => JSON.parse(line) as Record<string, unknown>)
    client.destroy()
    expect(records.map(({ status, size }) => [status, size])).toEqual([
      [200, 5],
      [200, 300_000],
      [200, expect.any(Number)],
      [404, expect.any(Number)],
    ])
    expect(records[2]?.['size']).toBeGreaterThan(500)
  })

  it('is what compression leaves of it, without what frames it', async () => {
    tree = await makeTree([{ path: 'a.txt', content: 'a'.repeat(50_000) }])
    const log: string[] = []
    const app = express()
    app.use(compression())
    app.use(simpleHandler(tree.directory, { log: (line) => log.push(line), logFormat: 'json' }))
    const server = createServer(app).listen(0)
    closing.push(() => new Promise((resolve) => server.close(resolve)))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const response = await request(port, '/a.txt', { headers: { 'Accept-Encoding': 'gzip' } })
    expect(response.get('content-encoding')).toBe('gzip')
    const [line = ''] = await linesOf(log, 1)
    expect(JSON.parse(line)).toMatchObject({ status: 200, size: response.body.length })
  })
})

describe('a class that overrides the log', () => {
  it('sees http.server’s lines in every format', async () => {
    const seen: string[] = []
    class Own extends Handler {
      override logMessage(format: string, ...args: unknown[]): void {
        seen.push(`${format} <- ${args.join('|')}`)
      }
    }
    const { port, log } = await serve(Own, { logFormat: 'json' })
    await request(port, '/a')
    await request(port, '/', { method: 'NONE' })
    expect(seen).toEqual([
      '"%s" %s %s <- GET /a HTTP/1.1|200|-',
      "code %d, message %s <- 501|Unsupported method ('NONE')",
      '"%s" %s %s <- NONE / HTTP/1.1|501|-',
    ])
    expect(log).toEqual([])
  })

  it('decides by logRequest() what is logged', async () => {
    class Own extends Handler {
      override logRequest(code?: number | string, size?: number | string): void {
        if (this.path !== '/quiet') super.logRequest(code, size)
      }
    }
    const { port, lines } = await serve(Own, { logFormat: 'combined' })
    await request(port, '/quiet')
    await request(port, '/loud')
    expect(await lines(1)).toEqual([expect.stringContaining('GET /loud')])
  })
})

describe('the options', () => {
  it('are checked', () => {
    const make =
      (options: object): (() => unknown) =>
      () =>
        toMiddleware(Handler, options)
    expect(make({ logFormat: 'xml' })).toThrow(/option logFormat must be python, common/)
    expect(make({ logger: {} })).toThrow(/option logger/)
    expect(make({ logger: console, log: true })).toThrow(/option logger/)
    expect(make({ logger: console, logFormat: 'json' })).not.toThrow()
    expect(() => simpleHandler('.', { logFormat: 'xml' as LogFormat })).toThrow(TypeError)
    expect(() => new HTTPServer(['', 0], Handler, { logFormat: 'xml' as LogFormat })).toThrow(
      TypeError,
    )
  })
})
