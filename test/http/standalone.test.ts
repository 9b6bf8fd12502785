import { createServer, type Server } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterEach, describe, expect, it } from '@jest/globals'
import { HTTPServer, ThreadingHTTPServer } from '../../lib/server/http-server.ts'
import { hosts, type RunningHost } from '../helpers/hosts.ts'
import { connect, exchange, parseResponses, responses } from '../helpers/raw.ts'
import { TextHandler } from '../helpers/text-handler.ts'

const found = hosts.find((host) => host.name === 'HTTPServer')
if (found === undefined) throw new Error('no standalone host')
const standalone = found

class Handler extends TextHandler {
  override protocolVersion = 'HTTP/1.1'

  do_GET(): void {
    this.reply(`GET ${this.path}`)
  }

  do_SPAM(): void {
    this.reply('spam')
  }

  do_spam(): void {
    this.reply('lower')
  }

  do_RAW(): void {
    this.wfile.write('HTTP/1.0 299 By hand\r\n\r\nraw')
  }

  do_NOLENGTH(): void {
    this.sendResponse(200)
    this.endHeaders()
    this.wfile.write('until close')
  }

  do_SHORT(): void {
    this.sendResponse(200)
    this.sendHeader('Content-Length', 10)
    this.endHeaders()
    this.wfile.write('short')
  }

  do_CHUNKED(): void {
    this.sendResponse(200)
    this.sendHeader('Transfer-Encoding', 'chunked')
    this.endHeaders()
    this.wfile.write('3\r\nabc\r\n0\r\n\r\n')
  }

  do_CLOSE(): void {
    this.closeConnection = true
    this.reply('last')
  }

  do_NOTHING(): void {
    // Ends without a response.
  }

  do_LATIN(): void {
    this.sendResponse(999, 'Sp\xe4t')
    this.sendHeader('X-Special', 'D\xe4ngerous Mind')
    this.sendHeader('x-LOWER-Case', '1')
    this.sendHeader('Content-Length', '0')
    this.endHeaders()
  }
}

/** Sends on a connection of its own and resolves with the text up to the server's close. */
async function send(server: RunningHost, bytes: string): Promise<string> {
  const received = await exchange(server.port, bytes)
  server.takeLog()
  return received.toString('latin1').replace(/^Date: .*\r\n/gm, '')
}

const serverField = `Server: BaseHTTP/0.6 Node/${process.versions.node}\r\n`

describe('HTTPServer with a handler class', () => {
  it('dispatches by the very token, case kept', async () => {
    const server = await standalone.start(Handler)
    const text = await send(server, 'SPAM / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    expect(text).toBe(`HTTP/1.1 200 OK\r\n${serverField}Content-Length: 4\r\n\r\nspam`)
    expect(await send(server, 'spam / HTTP/1.0\r\n\r\n')).toMatch(/lower$/)
    expect(await send(server, 'Spam / HTTP/1.0\r\n\r\n')).toMatch(
      /^HTTP\/1.1 501 Unsupported method \('Spam'\)\r\n/,
    )
    expect(await send(server, 'constructor / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 501 /)
  })

  it('answers in HTTP/1.0 and closes by default', async () => {
    class Old extends Handler {
      override protocolVersion = 'HTTP/1.0'
    }
    const server = await standalone.start(Old)
    const text = await send(
      server,
      'GET /a HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n',
    )
    expect(text).toBe(`HTTP/1.0 200 OK\r\n${serverField}Content-Length: 6\r\n\r\nGET /a`)
  })

  it.each([
    ['HTTP/1.0', 'HTTP/1.0', 1],
    ['HTTP/1.1', 'HTTP/1.1', 2],
  ])('keeps to %s although wfile ends before the handler does', async (_, version, answers) => {
    class Ended extends Handler {
      override protocolVersion = version
      async do_PIPE(): Promise<void> {
        this.sendResponse(200)
        this.sendHeader('Content-Length', 5)
        this.endHeaders()
        await pipeline(Readable.from(['a', 'bcde']), this.wfile)
      }
    }
    const server = await standalone.start(Ended)
    const received = await exchange(
      server.port,
      'PIPE / HTTP/1.1\r\nHost: a\r\n\r\nPIPE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    )
    server.takeLog()
    const bodies = parseResponses(received).map((response) => response.body.toString())
    expect(bodies).toEqual(Array(answers).fill('abcde'))
  })

  it('answers pipelined requests in order on one connection', async () => {
    const server = await standalone.start(Handler)
    const one = 'GET /1 HTTP/1.1\r\nHost: a\r\n\r\n'
    const text = await send(
      server,
      `${one}POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello${one.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')}`,
    )
    expect(parseResponses(Buffer.from(text)).map((response) => response.body.toString())).toEqual([
      'GET /1',
      'hello',
      'GET /1',
    ])
  })

  it('never takes unread content for a request', async () => {
    const server = await standalone.start(Handler)
    const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'
    const text = await send(
      server,
      `GET / HTTP/1.1\r\nHost: a\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    )
    expect(text).not.toContain('smuggled')
    expect(text).toMatch(/GET \/next$/)
  })

  it('sends what a handler writes without a status line as it is', async () => {
    const server = await standalone.start(Handler)
    expect(await send(server, 'RAW / HTTP/1.1\r\nHost: a\r\n\r\n')).toBe(
      'HTTP/1.0 299 By hand\r\n\r\nraw',
    )
  })

  it('ends content without a length by closing', async () => {
    const server = await standalone.start(Handler)
    expect(await send(server, 'NOLENGTH / HTTP/1.1\r\nHost: a\r\n\r\n')).toBe(
      `HTTP/1.1 200 OK\r\n${serverField}\r\nuntil close`,
    )
  })

  it('closes when less content comes than was announced', async () => {
    const server = await standalone.start(Handler)
    const text = await send(
      server,
      'SHORT / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n',
    )
    expect(text.split('HTTP/1.1 200')).toHaveLength(2)
    server.errors.splice(0)
  })

  it('keeps the connection for chunked coding written by hand', async () => {
    const server = await standalone.start(Handler)
    const text = await send(
      server,
      'CHUNKED / HTTP/1.1\r\nHost: a\r\n\r\nCLOSE / HTTP/1.1\r\nHost: a\r\n\r\n',
    )
    expect(text).toMatch(/3\r\nabc\r\n0\r\n\r\nHTTP\/1.1 200 OK[^]*last$/)
  })

  it('closes when the handler says so', async () => {
    const server = await standalone.start(Handler)
    const text = await send(
      server,
      'CLOSE / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n',
    )
    expect(text).toMatch(/last$/)
  })

  it('answers with nothing when the handler sends nothing', async () => {
    const server = await standalone.start(Handler)
    expect(await send(server, 'NOTHING / HTTP/1.1\r\nHost: a\r\n\r\n')).toBe('')
  })

  it('writes fields as latin-1, their case and order kept', async () => {
    const server = await standalone.start(Handler)
    expect(await send(server, 'LATIN / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toBe(
      `HTTP/1.1 999 Sp\xe4t\r\n${serverField}X-Special: D\xe4ngerous Mind\r\nx-LOWER-Case: 1\r\nContent-Length: 0\r\n\r\n`,
    )
  })

  it('answers HTTP/0.9 without a head', async () => {
    const server = await standalone.start(Handler)
    expect(await send(server, 'GET /old\r\n')).toBe('GET /old')
  })

  it('sends 100 Continue before it reads', async () => {
    const server = await standalone.start(Handler)
    const connection = await connect(server.port)
    await connection.send(
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n',
    )
    const interim = await connection.waitFor((bytes) => bytes.includes('\r\n\r\n'), '100')
    expect(interim.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    await connection.send('ok')
    expect((await connection.waitForClose()).toString()).toMatch(/\r\n\r\nok$/)
    server.takeLog()
  })

  it('lets a handler refuse an expectation', async () => {
    class Refusing extends Handler {
      override handleExpect100(): boolean {
        this.sendError(417)
        return false
      }
    }
    const server = await standalone.start(Refusing)
    const text = await send(
      server,
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n',
    )
    expect(text).toMatch(/^HTTP\/1.1 417 Expectation Failed\r\n/)
  })

  it('shows what was refused to the overrides of a class', async () => {
    class Own extends Handler {
      override endHeaders(): void {
        this.sendHeader('X-Own', 'yes')
        super.endHeaders()
      }
    }
    const server = await standalone.start(Own)
    const text = await send(server, 'GET / foo HTTP/1.1\r\n\r\n')
    expect(text).toMatch(/^HTTP\/1.1 400 Bad request syntax \('GET \/ foo HTTP\/1.1'\)\r\n/)
    expect(text).toContain('\r\nX-Own: yes\r\n')
  })

  it('logs what was refused', async () => {
    const server = await standalone.start(Handler)
    await exchange(server.port, 'GET / HTTP/x\r\n\r\n')
    expect(server.takeLog().map((line) => line.replace(/\[.*\]/, '[]'))).toEqual([
      "127.0.0.1 - - [] code 400, message Bad request version ('HTTP/x')\n",
      '127.0.0.1 - - [] "GET / HTTP/x" 400 -\n',
    ])
  })
})

describe('A handle() with the loop it has in Python', () => {
  class Loop extends Handler {
    override handle(): void {
      do void this.handleOneRequest()
      while (!this.closeConnection)
    }
  }
  class AsyncLoop extends Handler {
    override async handle(): Promise<void> {
      do await this.handleOneRequest()
      while (!this.closeConnection)
    }
  }

  it.each([Loop, AsyncLoop])('ends, and the connection goes on: %p', async (Class) => {
    const server = await standalone.start(Class)
    const one = 'GET /1 HTTP/1.1\r\nHost: a\r\n\r\n'
    const text = await send(server, `${one}${one}GET /2 HTTP/1.0\r\n\r\n`)
    expect(text.match(/GET \/[12]/g)).toEqual(['GET /1', 'GET /1', 'GET /2'])
  })
})

describe('CONNECT', () => {
  const bytes = 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\nGET /tunnelled HTTP/1.0\r\n\r\n'

  it('reaches a handler class that has a method for it, and ends the connection', async () => {
    class Proxy extends Handler {
      do_CONNECT(): void {
        this.reply(`to ${this.path}`)
      }
    }
    const server = await standalone.start(Proxy)
    expect(await send(server, bytes)).toMatch(/^HTTP\/1.1 200 [^]*to a:443$/)
    const other = await standalone.start(Handler)
    const text = await send(other, bytes)
    expect(text).toMatch(/^HTTP\/1.1 501 Unsupported method \('CONNECT'\)\r\n/)
    expect(text).not.toContain('tunnelled')
  })

  it('never reaches a middleware', async () => {
    const server = await standalone.start((_req, res) => res.end('reached'))
    expect(await send(server, bytes)).toMatch(/^HTTP\/1.1 501 Unsupported method \('CONNECT'\)/)
  })
})

describe('HTTPServer under strict', () => {
  class Strict extends Handler {
    override strict = true
    override do_GET(): void {
      this.reply(`${this.path} ${String(this.strict)}`)
    }
  }
  const lenient = 'GET a HTTP/1.1\nConnection: close\n\n'

  it('reads as leniently as its handler class says', async () => {
    const server = await standalone.start(Strict)
    expect(await send(server, lenient)).toMatch(/^HTTP\/1.1 200 [^]*a true$/)
  })

  it('is told by its option first', async () => {
    const server = await standalone.start(Strict, { strict: false })
    expect(await send(server, lenient)).toMatch(/^HTTP\/1.1 400 /)
    const text = await send(server, 'GET /a HTTP/1.0\r\n\r\n')
    expect(text).toMatch(/\/a false$/)
  })

  it('hands no app a target that slips past its routes', async () => {
    const server = await standalone.start((req, res) => res.end(req.url), { strict: true })
    expect(await send(server, 'GET a HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 400 Bad request/)
    expect(await send(server, 'GET /a HTTP/1.1\nConnection: close\n\n')).toMatch(/\/a$/)
    expect(await send(server, 'GET http://h/a HTTP/1.0\r\n\r\n')).toMatch(/http:\/\/h\/a$/)
  })
})

describe('HTTPServer with a middleware', () => {
  it('answers what nobody answers with 404', async () => {
    const server = await standalone.start((_req, _res, next) => next?.())
    const text = await send(server, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    expect(text).toMatch(/^HTTP\/1.1 404 Not Found\r\n/)
  })

  it('answers an error with its status, and tells nothing of it', async () => {
    const server = await standalone.start((_req, _res, next) =>
      next?.(Object.assign(new Error('secret'), { status: 403 })),
    )
    const text = await send(server, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(text).toMatch(/^HTTP\/1.1 403 Forbidden\r\n/)
    expect(text).not.toContain('secret')
    expect(server.errors.splice(0)).toHaveLength(1)
  })

  it.each([
    [
      'throws',
      (): unknown => {
        throw new Error('broken')
      },
    ],
    ['rejects', (): unknown => Promise.reject(new Error('broken'))],
  ])('survives one that %s', async (_, middleware) => {
    // Frameworks take async functions, whose type TypeScript lets pass for one that returns nothing.
    const server = await standalone.start(middleware)
    const text = await send(server, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(text).toMatch(/^HTTP\/1.1 500 /)
    expect(server.errors.splice(0)).toHaveLength(1)
  })
})

describe('HTTPServer', () => {
  // Shut down without a push: what is under way has to end by itself.
  const open = new Set<HTTPServer>()
  const blockers = new Set<Server>()

  afterEach(async () => {
    for (const server of open) await server.shutdown()
    for (const blocker of blockers) blocker.close()
    open.clear()
    blockers.clear()
  })

  async function start(
    Server: typeof HTTPServer,
    host = '127.0.0.1',
    handler: ConstructorParameters<typeof HTTPServer>[1] = Handler,
  ): Promise<HTTPServer> {
    const server = new Server([host, 0], handler, { log: false })
    open.add(server)
    return server.listen()
  }

  it('tells its address', async () => {
    const server = await start(HTTPServer)
    expect(server.serverAddress).toEqual(['127.0.0.1', server.serverPort])
    expect(server.serverName).toBe('127.0.0.1')
    expect(server.addressFamily).toBe('IPv4')
    expect(server.serverPort).toBeGreaterThan(0)
  })

  it('serves IPv4 and IPv6 on every address', async () => {
    const server = await start(HTTPServer, '')
    expect(server.serverAddress[0]).toBe('0.0.0.0')
    for (const host of ['127.0.0.1', '::1']) {
      const received = await exchange(server.serverPort, 'GET / HTTP/1.0\r\n\r\n', { host })
      expect(received.toString()).toMatch(/GET \/$/)
    }
  })

  it('writes an IPv4 client of a dual-stack socket as IPv4', async () => {
    class Address extends Handler {
      override do_GET(): void {
        this.reply(this.addressString())
      }
    }
    const server = await start(HTTPServer, '', Address)
    const received = await exchange(server.serverPort, 'GET / HTTP/1.0\r\n\r\n')
    expect(received.toString()).toMatch(/\r\n\r\n127\.0\.0\.1$/)
  })

  it('rejects when the port is taken', async () => {
    const blocker = createServer()
    blockers.add(blocker)
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
    const address = blocker.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const server = new HTTPServer(['127.0.0.1', port], Handler)
    await expect(server.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it.each([
    [['127.0.0.1'], /port/],
    [['127.0.0.1', -1], /port/],
    [['127.0.0.1', 65_536], /port/],
    [[1, 2], /address/],
    ['127.0.0.1:80', /address/],
  ])('refuses the address %j', (address, message) => {
    expect(() => new HTTPServer(address as never, Handler)).toThrow(message)
  })

  it.each([
    [{ maxHeaders: 0 }, RangeError],
    [{ maxHeaders: '5' }, TypeError],
    [{ strict: 1 }, TypeError],
    [{ log: 5 }, TypeError],
    [{ keepAlive: true }, TypeError],
    [{ maxConnections: 0 }, RangeError],
  ])('refuses the options %j', (options, type) => {
    const [name = ''] = Object.keys(options)
    expect(() => new HTTPServer(['', 0], Handler, options as never)).toThrow(type)
    expect(() => new HTTPServer(['', 0], Handler, options as never)).toThrow(name)
  })

  it('refuses what is no handler', () => {
    expect(() => new HTTPServer(['', 0], {} as never)).toThrow(TypeError)
  })

  it('lets verifyRequest refuse a connection', async () => {
    class Refusing extends HTTPServer {
      override verifyRequest(): boolean {
        return false
      }
    }
    const server = await start(Refusing)
    expect((await exchange(server.serverPort, 'GET / HTTP/1.0\r\n\r\n')).toString()).toBe('')
  })

  it('finishes responses under way when it shuts down', async () => {
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
    const server = await start(HTTPServer, '127.0.0.1', Slow)
    const idle = await connect(server.serverPort)
    await idle.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await idle.waitFor(responses(1), 'answer')
    const busy = exchange(server.serverPort, 'POST / HTTP/1.1\r\nHost: a\r\n\r\n')
    await inside
    const stopped = server.shutdown()
    await idle.waitForClose()
    await expect(exchange(server.serverPort, 'GET / HTTP/1.0\r\n\r\n')).rejects.toThrow(/REFUSED/)
    release()
    expect((await busy).toString()).toMatch(/finished$/)
    await stopped
  })

  it('resolves serveForever when it is shut down', async () => {
    const server = new ThreadingHTTPServer(['127.0.0.1', 0], Handler, { log: false })
    const served = server.serveForever()
    await server.listen()
    await server.serverClose()
    await expect(served).resolves.toBeUndefined()
  })

  it('may have members of any name in a subclass', async () => {
    class Counting extends HTTPServer {
      connections = 0
      wire = 'copper'
      leaving = false
      handover = 'none'
      prepare(): never {
        throw new Error('nobody asked for it')
      }
      serveSocket(): never {
        return this.prepare()
      }
      override verifyRequest(): boolean {
        this.connections++
        return true
      }
    }
    const server = new Counting(['127.0.0.1', 0], Handler, { log: false })
    open.add(server)
    await server.listen()
    await exchange(server.serverPort, 'GET / HTTP/1.0\r\n\r\n')
    await server.shutdown()
    expect(server.connections).toBe(1)
  })

  it('cuts a client off that waits longer than a handler class allows', async () => {
    class Impatient extends Handler {
      override timeout = 20
    }
    const server = await start(HTTPServer, '127.0.0.1', Impatient)
    expect((await exchange(server.serverPort, '')).toString()).toBe('')
  })
})
