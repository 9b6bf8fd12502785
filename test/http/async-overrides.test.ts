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
import type { HandlerClass } from '../../lib/handlers/base.ts'
import { CGIHTTPRequestHandler } from '../../lib/handlers/cgi.ts'
import { SimpleHTTPRequestHandler } from '../../lib/handlers/simple.ts'
import { simpleHandler } from '../../lib/middleware/simple.ts'
import { HTTPServer } from '../../lib/server/http-server.ts'
import { makeSite, type Site } from '../helpers/cgi.ts'
import { closingServers } from '../helpers/closing.ts'
import { onEveryHost, type RunningHost } from '../helpers/hosts.ts'
import { connect, exchange, parseResponses } from '../helpers/raw.ts'
import { until } from '../helpers/wait.ts'

const servers = closingServers()
let site: Site
const unhandled: unknown[] = []
const note = (error: unknown): void => void unhandled.push(error)

beforeAll(() => {
  site = makeSite({
    '/a.txt': 'some text',
    '/dir/b.txt': 'b',
    talks: '#!/bin/sh\necho oops >&2\nprintf "Content-Type: text/plain\\n\\nhi"\nexit 3\n',
  })
})

afterAll(() => {
  site.remove()
})

beforeEach(() => {
  process.on('unhandledRejection', note)
  process.on('uncaughtException', note)
})

afterEach(() => {
  jest.restoreAllMocks()
  process.off('unhandledRejection', note)
  process.off('uncaughtException', note)
  // The same for every test.
  // eslint-disable-next-line jest/no-standalone-expect
  expect(unhandled.splice(0)).toEqual([])
})

type Method = (this: SimpleHTTPRequestHandler, ...args: unknown[]) => unknown

/** A handler of whose methods one, or a field in its place, is another. */
function withMethod(name: string, method: Method, place: 'prototype' | 'field' = 'prototype') {
  class Handler extends CGIHTTPRequestHandler {
    override logMessage(): void {
      // Lines are not what is tested here.
    }
    constructor(...args: ConstructorParameters<HandlerClass>) {
      super(...args)
      this.directory = site.directory
      if (place === 'field') Object.assign(this, { [name]: method })
    }
  }
  if (place === 'prototype') {
    Object.defineProperty(Handler.prototype, name, { value: method, configurable: true })
  }
  return Handler
}

/** What is left of an exchange; an answer that is cut off counts as well. */
async function ask(host: RunningHost, path: string): Promise<string> {
  const bytes = await exchange(
    host.port,
    `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
  )
  return bytes.toString('latin1')
}

const calledOnly = ['logRequest', 'logMessage', 'sendResponseOnly', 'sendHeader', 'endHeaders']
const paths = ['/a.txt', '/dir', '/dir/', '/none', '/cgi-bin/talks']

onEveryHost('An async override', (host) => {
  it.each(calledOnly)('%s() that rejects fails its request', async (name) => {
    for (const place of name === 'sendHeader' ? (['prototype', 'field'] as const) : [undefined]) {
      const failure = new Error(`${name} failed`)
      const run = await host.start(
        withMethod(name, () => Promise.reject(failure), place),
        {
          fallthrough: false,
        },
      )
      for (const path of paths) {
        await ask(run, path)
        // A script's log is written whenever it has something to say.
        await until(() => run.errors.length > 0, 'an error')
        expect(new Set(run.errors.splice(0))).toEqual(new Set([failure]))
      }
    }
  })

  it('that rejects later than the response is reported', async () => {
    let fail: () => void = () => undefined
    const failure = new Error('too late')
    const late = new Promise<void>((_, reject) => {
      fail = () => {
        reject(failure)
      }
    })
    const run = await host.start(withMethod('logRequest', () => late))
    const [response] = parseResponses(Buffer.from(await ask(run, '/a.txt'), 'latin1'))
    expect(response?.body.toString()).toBe('some text')
    fail()
    await until(() => run.errors.length > 0, 'an error')
    expect(run.errors.splice(0)).toEqual([failure])
  })

  it.each([
    ['versionString', '/a.txt'],
    ['dateTimeString', '/a.txt'],
    ['guessType', '/a.txt'],
    ['translatePath', '/a.txt'],
    ['isCgi', '/a.txt'],
    ['isExecutable', '/cgi-bin/talks'],
  ])('%s(), whose result is needed at once, is named', async (name, path) => {
    for (const method of [() => Promise.resolve('x'), () => Promise.reject(new Error('y'))]) {
      const run = await host.start(withMethod(name, method))
      expect(await ask(run, path)).toMatch(/^HTTP\/1\.\d 500 /)
      const message = `Handler.${name}() must not be async: its result is needed at once`
      expect(run.errors.splice(0)).toContainEqual(new TypeError(message))
    }
  })

  it('sendError() that rejects is answered with 500', async () => {
    const failure = new Error('sendError failed')
    const run = await host.start(
      withMethod('sendError', () => Promise.reject(failure)),
      {
        fallthrough: false,
        server: { log: false },
      },
    )
    expect(await ask(run, '/none')).toMatch(/^HTTP\/1\.\d 500 /)
    expect(new Set(run.errors.splice(0))).toEqual(new Set([failure]))
  })

  it('that is only late is waited for before the response ends', async () => {
    class Late extends withMethod('unused', () => undefined) {
      // A subclass in JavaScript may do what the type of the method does not allow for.
      // eslint-disable-next-line @typescript-eslint/no-misused-promises
      override endHeaders(): Promise<void> {
        return new Promise((resolve) =>
          setImmediate(() => {
            this.sendHeader('X-Late', 'yes')
            super.endHeaders()
            resolve()
          }),
        )
      }
    }
    const run = await host.start(Late)
    const [response] = parseResponses(Buffer.from(await ask(run, '/dir'), 'latin1'))
    expect(response?.status).toBe(301)
    expect(response?.get('x-late')).toBe('yes')
  })
})

onEveryHost('A method that throws when a script calls back', (host) => {
  it.each(['logRequest', 'sendResponse', 'sendHeader', 'endHeaders', 'dateTimeString'])(
    '%s()',
    async (name) => {
      const failure = new Error(`${name} failed`)
      const run = await host.start(
        withMethod(name, () => {
          throw failure
        }),
      )
      expect(await ask(run, '/cgi-bin/talks')).toMatch(/^HTTP\/1\.\d 500 /)
      expect(new Set(run.errors.splice(0))).toEqual(new Set([failure]))
    },
  )

  it('logError(), which loses no response', async () => {
    const failure = new Error('logError failed')
    const run = await host.start(
      withMethod('logError', () => {
        throw failure
      }),
    )
    await ask(run, '/cgi-bin/talks')
    await until(() => run.errors.length > 0, 'an error')
    expect(new Set(run.errors.splice(0))).toEqual(new Set([failure]))
  })
})

onEveryHost('What a subclass calls of its superclass and does not wait for', (host) => {
  it('answers all the same', async () => {
    class Forgetful extends withMethod('unused', () => undefined) {
      override do_GET(): Promise<void> {
        void super.do_GET()
        return Promise.resolve()
      }
    }
    const run = await host.start(Forgetful)
    for (const [path, text] of [
      ['/a.txt', 'some text'],
      ['/cgi-bin/talks', 'hi'],
    ] as const) {
      const [response] = parseResponses(Buffer.from(await ask(run, path), 'latin1'))
      expect(response?.body.toString()).toBe(text)
    }
  })

  it('fails its request', async () => {
    class Forgetful extends withMethod('guessType', () => Promise.resolve('x')) {
      override do_GET(): Promise<void> {
        void super.do_GET()
        return Promise.resolve()
      }
    }
    const run = await host.start(Forgetful)
    expect(await ask(run, '/a.txt')).toMatch(/^HTTP\/1\.\d 500 /)
    expect(run.errors.splice(0)).toEqual([expect.any(TypeError)])
  })

  it('is the business of one who does wait', async () => {
    class Careful extends withMethod('guessType', () => Promise.resolve('x')) {
      override async do_GET(): Promise<void> {
        try {
          await super.do_GET()
        } catch {
          this.sendResponse(200)
          this.endHeaders()
          this.wfile.write('sorry')
        }
      }
    }
    const run = await host.start(Careful)
    expect(await ask(run, '/a.txt')).toContain('sorry')
  })
})

onEveryHost('A method for requests whose caller does not wait for it', (host) => {
  const failure = new Error('do_GET failed')

  const fail = async (): Promise<void> => {
    await new Promise(setImmediate)
    throw failure
  }
  const Failing = withMethod('do_GET', fail)

  class FailingField extends withMethod('do_GET', fail, 'field') {
    override handle(): void {
      void this.handleOneRequest()
    }
  }

  class Looping extends Failing {
    override handle(): void {
      do void this.handleOneRequest()
      while (!this.closeConnection)
    }
  }

  class Expecting extends Looping {
    override parseRequest(): Promise<boolean> {
      return Promise.resolve(super.parseRequest())
    }
  }

  class Posting extends Failing {
    override do_POST(): Promise<void> {
      void this.do_GET()
      return Promise.resolve()
    }
  }

  it.each([
    ['a handle() with a loop', 'GET', Looping],
    ['a handle() of one request', 'GET', FailingField],
    ['a handle() whose parseRequest() is async', 'GET', Expecting],
    ['another such method', 'POST', Posting],
  ])('fails its request: %s', async (_, method, Class) => {
    const run = await host.start(Class)
    const head = `${method} /a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n`
    const answer = await exchange(run.port, `${head}Content-Length: 0\r\n\r\n`)
    expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.\d 500 /)
    expect(run.errors.splice(0)).toEqual([failure])
  })
})

onEveryHost('simpleHandler()', (host) => {
  it('waits for an async setHeaders(), and answers its rejection with 500', async () => {
    let fails = false
    const handler = simpleHandler(site.directory, {
      setHeaders: async (response) => {
        await new Promise(setImmediate)
        if (fails) throw new Error('setHeaders failed')
        response.setHeader('X-Set', 'yes')
      },
    })
    const run = await host.start(handler, { server: { log: false } })
    const [response] = parseResponses(Buffer.from(await ask(run, '/a.txt'), 'latin1'))
    expect(response?.get('x-set')).toBe('yes')
    fails = true
    expect(await ask(run, '/a.txt')).toMatch(/^HTTP\/1\.\d 500 /)
    expect(run.errors.splice(0)).toEqual([new Error('setHeaders failed')])
  })
})

describe('An async hook of the server', () => {
  class Recording extends HTTPServer {
    readonly errors: unknown[] = []
    override handleError(...args: Parameters<HTTPServer['handleError']>): void | Promise<void> {
      this.errors.push(args[2])
    }
  }

  async function start(ServerClass: typeof Recording, Handler: HandlerClass): Promise<Recording> {
    const server = new ServerClass(['127.0.0.1', 0], Handler, { log: false })
    servers.add(server)
    return server.listen()
  }

  const request = 'GET /a.txt HTTP/1.0\r\n\r\n'

  it.each([
    ['accepts', () => Promise.resolve(true), /some text$/, []],
    ['refuses', () => Promise.resolve(false), /^$/, []],
    ['fails', () => Promise.reject(new Error('no')), /^$/, [new Error('no')]],
  ])('verifyRequest() %s', async (_, verdict, answer, errors) => {
    class Verifying extends Recording {
      override verifyRequest(): Promise<boolean> {
        return verdict()
      }
    }
    const server = await start(
      Verifying,
      withMethod('unused', () => undefined),
    )
    expect((await exchange(server.serverPort, request)).toString()).toMatch(answer)
    expect(server.errors).toEqual(errors)
  })

  it('verifyRequest() survives a client that leaves meanwhile', async () => {
    let decide: (good: boolean) => void = () => undefined
    let asked = 0
    class Verifying extends Recording {
      override verifyRequest(): Promise<boolean> {
        asked++
        return new Promise((resolve) => (decide = resolve))
      }
    }
    const server = await start(
      Verifying,
      withMethod('unused', () => undefined),
    )
    const client = await connect(server.serverPort)
    await client.send(request)
    await until(() => asked === 1, 'a connection')
    client.destroy({ reset: true })
    await new Promise(setImmediate)
    decide(true)
    const next = exchange(server.serverPort, request)
    await until(() => asked === 2, 'a connection')
    decide(true)
    expect((await next).toString()).toContain('some text')
  })

  it('handleError() that rejects ends nothing', async () => {
    class Failing extends Recording {
      override async handleError(...args: Parameters<HTTPServer['handleError']>): Promise<void> {
        await super.handleError(...args)
        throw new Error('handleError failed')
      }
    }
    const written: unknown[] = []
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(text) > 0)
    const server = await start(
      Failing,
      withMethod('guessType', () => {
        throw new Error('guessType failed')
      }),
    )
    expect((await exchange(server.serverPort, request)).toString()).toMatch(/^HTTP\/1\.0 500 /)
    expect(server.errors).toEqual([new Error('guessType failed')])
    await until(() => written.join('').includes('handleError failed'), 'a line')
  })

  it.each([
    ['log function', { log: () => Promise.reject(new Error('full')) }],
    ['sink', { log: { write: () => Promise.reject(new Error('full')) } }],
    [
      'logger',
      {
        logger: {
          info: () => Promise.reject(new Error('full')),
          error: () => Promise.reject(new Error('full')),
        },
      },
    ],
  ])('a %s that rejects loses lines, and no response', async (_, options) => {
    class Handler extends SimpleHTTPRequestHandler {
      override directory = site.directory
    }
    for (const logFormat of ['python', 'json', 'common'] as const) {
      const server = new Recording(['127.0.0.1', 0], Handler, { ...options, logFormat })
      servers.add(server)
      await server.listen()
      expect((await exchange(server.serverPort, request)).toString()).toContain('some text')
      expect(server.errors).toEqual([])
    }
  })
})
