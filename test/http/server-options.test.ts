import { describe, expect, it } from '@jest/globals'
import { BaseHTTPRequestHandler, type HandlerClass } from '../../lib/handlers/base.ts'
import { configure } from '../../lib/handlers/configure.ts'
import { SimpleHTTPRequestHandler } from '../../lib/handlers/simple.ts'
import { HTTPServer } from '../../lib/server/http-server.ts'
import { HTTPSServer } from '../../lib/server/https-server.ts'
import { defaultWireOptions } from '../../lib/wire/limits.ts'
import { closingServers } from '../helpers/closing.ts'
import { askHttp2, connectHttp2 } from '../helpers/http2.ts'
import { request, text } from '../helpers/request.ts'

const open = closingServers()

class Handler extends BaseHTTPRequestHandler {
  override protocolVersion = 'HTTP/1.1'
  override log = false

  do_GET(): void {
    this.sendResponse(200)
    this.sendHeader('Content-Length', 2)
    this.endHeaders()
    this.wfile.write('ok')
  }
}

const durations = [
  ...Object.keys(defaultWireOptions).filter((name) => /Timeout$|Grace$/.test(name)),
  'drainTimeout',
  'drainDelay',
]

describe('a duration', () => {
  it.each([...durations, 'handshakeTimeout'])('%s is what a timer can wait', (name) => {
    const make = (value: unknown): HTTPSServer =>
      new HTTPSServer(['', 0], Handler, { selfSigned: true, [name]: value })
    for (const value of [Infinity, NaN, -1, 2 ** 31]) {
      expect(() => make(value)).toThrow(RangeError)
      expect(() => make(value)).toThrow(`option ${name} `)
    }
    expect(() => make('5')).toThrow(TypeError)
    for (const value of [undefined, 0, 2 ** 31 - 1]) expect(() => make(value)).not.toThrow()
  })

  it('can be the longest there is', async () => {
    const longest = Object.fromEntries(
      [...durations.filter((name) => name !== 'drainDelay'), 'handshakeTimeout'].map((name) => [
        name,
        2 ** 31 - 1,
      ]),
    )
    const server = new HTTPSServer(['127.0.0.1', 0], Handler, {
      selfSigned: true,
      http2: true,
      ...longest,
      maxHeaders: Infinity,
      maxHeadSize: Infinity,
    })
    open.add(server)
    await server.listen()
    const session = connectHttp2(server.serverPort)
    expect((await askHttp2(session, { ':path': '/' })).body).toBe('ok')
    session.destroy()
  })
})

describe('the options of TLS', () => {
  it.each<[Record<string, unknown>, RegExp]>([
    [{ certfile: '' }, /certfile/],
    [{ certfile: 'a\0b' }, /certfile/],
    [{ certfile: 'a', keyfile: '' }, /keyfile/],
    [{ cert: 5, key: 'b' }, /option cert /],
    [{ cert: '', key: 'b' }, /option cert /],
    [{ cert: 'a', key: [] }, /option key /],
    [{ cert: 'a', key: 'b', keyfile: 'c' }, /option key takes the place of option keyfile/],
    [{ certfile: 'a', key: 'b', keyfile: 'c' }, /option key takes the place of option keyfile/],
    [{ certfile: 'a', password: 5 }, /option password /],
    [{ selfSigned: true, keyfile: 'a' }, /selfSigned.*keyfile/],
    [{ selfSigned: true, key: 'a' }, /selfSigned.*key/],
    [{ selfSigned: true, password: 'a' }, /selfSigned.*password/],
  ])('are refused: %j', (options, message) => {
    const make = (): HTTPSServer => new HTTPSServer(['', 0], Handler, options)
    expect(make).toThrow(message)
  })
})

describe('a handler class', () => {
  it.each<[string, unknown]>([
    ['trustProxy', 'nonsense'],
    ['trustProxy', 5],
    ['timeout', 'abc'],
    ['timeout', Infinity],
    ['log', 5],
    ['logFormat', 'xml'],
    ['strict', 'yes'],
  ])('with a wrong field is refused: %s = %p', (name, value) => {
    const make = (): HTTPServer => new HTTPServer(['', 0], configure(Handler, { [name]: value }))
    expect(make).toThrow(name)
    expect(make).toThrow(/must|trustProxy/)
  })

  it('may make its fields of what every request has', async () => {
    class Curious extends Handler {
      readonly ip = this.request.socket.remoteAddress
      readonly verb = this.request.method?.toLowerCase()
      readonly host = this.request.headers.host ?? ''
      readonly url = new URL(this.request.url ?? '', 'http://h')

      override do_GET(): void {
        this.sendResponse(200)
        this.endHeaders()
        this.wfile.write(
          `${String(this.ip)} ${String(this.verb)} ${this.host} ${this.url.pathname}`,
        )
      }
    }
    const server = await new HTTPServer(['127.0.0.1', 0], Curious).listen()
    open.add(server)
    expect(text(await request(server.serverPort, '/a'))).toBe('127.0.0.1 get localhost /a')
  })

  it.each<[string, HandlerClass, boolean]>([
    ['its option', configure(SimpleHTTPRequestHandler, { strict: false }), true],
    ['its field', configure(SimpleHTTPRequestHandler, { strict: true }), false],
  ])('is strict by %s', async (_, Class, option) => {
    const options = option ? { strict: true } : {}
    const server = await new HTTPServer(['127.0.0.1', 0], Class, {
      log: false,
      ...options,
    }).listen()
    open.add(server)
    // A target without a slash is taken by http.server alone.
    expect((await request(server.serverPort, 'nothing')).status).toBe(404)
  })
})
