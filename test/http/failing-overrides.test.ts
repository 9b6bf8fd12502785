import { afterEach, describe, expect, it, jest } from '@jest/globals'
import type { HandlerClass } from '../../lib/handlers/base.ts'
import { configure } from '../../lib/handlers/configure.ts'
import { SimpleHTTPRequestHandler } from '../../lib/handlers/simple.ts'
import { HTTPServer } from '../../lib/server/http-server.ts'
import { closingServers } from '../helpers/closing.ts'
import { exchange, parseResponses } from '../helpers/raw.ts'

class Server extends HTTPServer {
  readonly errors: unknown[] = []

  override handleError(...args: Parameters<HTTPServer['handleError']>): void {
    this.errors.push(args[2])
  }
}

const started = closingServers()

afterEach(() => {
  jest.restoreAllMocks()
})

async function start<T extends HTTPServer>(
  Handler: HandlerClass,
  ServerClass: new (...args: ConstructorParameters<typeof HTTPServer>) => T,
): Promise<T> {
  const server = new ServerClass(['127.0.0.1', 0], Handler)
  started.add(server)
  return server.listen()
}

/** A handler one of whose methods throws, or rejects. */
function failing(name: string, how: 'throws' | 'rejects'): HandlerClass {
  class Handler extends SimpleHTTPRequestHandler {
    override protocolVersion = 'HTTP/1.1'
    override directory = __dirname
    override log = false as const
  }
  Object.defineProperty(Handler.prototype, name, {
    value: () => {
      const error = new Error(`${name} failed`)
      if (how === 'throws') throw error
      return Promise.reject(error)
    },
  })
  return Handler
}

const requests = {
  'a file': 'GET /failing-overrides.test.ts HTTP/1.1\r\nHost: a\r\n\r\n',
  'a listing': 'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'what is not there': 'GET /none HTTP/1.1\r\nHost: a\r\n\r\n',
  'an unknown method': 'SPAM / HTTP/1.1\r\nHost: a\r\n\r\n',
  'what is no request': 'GET / x HTTP/1.1\r\n\r\n',
}

describe('A handler whose override fails answers with 500 and closes', () => {
  it.each([
    'setup',
    'handle',
    'handleOneRequest',
    'parseRequest',
    'sendResponse',
    'sendResponseOnly',
    'sendHeader',
    'endHeaders',
    'flushHeaders',
    'logRequest',
    'logMessage',
    'versionString',
    'dateTimeString',
  ])('%s', async (name) => {
    const server = await start(failing(name, 'throws'), Server)
    for (const bytes of Object.values(requests)) {
      const [response, ...more] = parseResponses(await exchange(server.serverPort, bytes + bytes))
      expect(response?.status).toBe(500)
      expect(response?.get('connection')).toBe('close')
      expect(response?.body.toString()).not.toContain('failed')
      expect(more).toEqual([])
    }
    expect(server.errors).toContainEqual(new Error(`${name} failed`))
  })

  it.each(['setup', 'handle', 'handleOneRequest', 'parseRequest', 'do_GET', 'sendHead'])(
    '%s, by a promise',
    async (name) => {
      const server = await start(failing(name, 'rejects'), Server)
      const [response] = parseResponses(await exchange(server.serverPort, requests['a file']))
      expect(response?.status).toBe(500)
      expect(server.errors).toEqual([new Error(`${name} failed`)])
    },
  )

  it('sendError and logError, to what would have been an error', async () => {
    for (const name of ['sendError', 'logError']) {
      const server = await start(failing(name, 'throws'), Server)
      for (const what of [
        'what is not there',
        'an unknown method',
        'what is no request',
      ] as const) {
        const [response] = parseResponses(await exchange(server.serverPort, requests[what]))
        expect(response?.status).toBe(500)
      }
    }
  })
})

it.each(['throws', 'rejects'] as const)('a finish() that %s loses no response', async (how) => {
  const server = await start(failing('finish', how), Server)
  const received = await exchange(server.serverPort, requests['what is not there'])
  expect(parseResponses(received)[0]?.status).toBe(404)
  expect(server.errors).toEqual([new Error('finish failed')])
})

it.each(['python', 'common', 'combined', 'json'] as const)(
  'a log that fails, and an address, lose no response: %s',
  async (logFormat) => {
    class Nameless extends SimpleHTTPRequestHandler {
      override directory = __dirname
      override addressString(): string {
        if (logFormat !== 'python') throw new Error('addressString failed')
        return super.addressString()
      }
    }
    const log = (): void => {
      throw new Error('log failed')
    }
    const server = await start(configure(Nameless, { log, logFormat }), Server)
    for (let i = 0; i < 2; i++) {
      const [response] = parseResponses(await exchange(server.serverPort, requests['a file']))
      expect(response?.status).toBe(200)
    }
    expect(server.errors).toEqual([])
  },
)

describe('A server whose override fails goes on', () => {
  it('handleError', async () => {
    class Failing extends HTTPServer {
      override handleError(): void {
        throw new Error('handleError failed')
      }
    }
    let log = ''
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => (log += String(text)) !== '')
    const server = await start(failing('do_GET', 'throws'), Failing)
    for (let i = 0; i < 2; i++) {
      const [response] = parseResponses(await exchange(server.serverPort, requests['a file']))
      expect(response?.status).toBe(500)
    }
    expect(log).toContain('handleError failed')
  })

  it('verifyRequest', async () => {
    class Failing extends Server {
      override verifyRequest(): boolean {
        if (this.errors.length === 0) throw new Error('verifyRequest failed')
        return true
      }
    }
    const Handler = configure(SimpleHTTPRequestHandler, { log: false })
    const server = await start(Handler, Failing)
    expect(await exchange(server.serverPort, '')).toHaveLength(0)
    expect(server.errors).toEqual([new Error('verifyRequest failed')])
    const received = await exchange(server.serverPort, 'GET /none HTTP/1.0\r\n\r\n')
    expect(received.toString()).toMatch(/^HTTP\/1\.0 404 /)
  })
})
