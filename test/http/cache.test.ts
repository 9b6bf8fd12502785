import fs from 'node:fs'
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  type Stats,
} from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import type { Writable } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import express, { type NextFunction, type Request, type Response } from 'express'
import fc from 'fast-check'
import { HotCache, load, type CacheEntry } from '../../lib/files/cache.ts'
import type { HandlerClass } from '../../lib/handlers/base.ts'
import { CGIHTTPRequestHandler } from '../../lib/handlers/cgi.ts'
import { configure } from '../../lib/handlers/configure.ts'
import { ShortAnswer } from '../../lib/handlers/short-answer.ts'
import { SimpleHTTPRequestHandler } from '../../lib/handlers/simple.ts'
import { simpleHandler } from '../../lib/middleware.ts'
import { HTTPServer } from '../../lib/server/http-server.ts'
import type { CacheOptions } from '../../types/files.ts'
import { exchange } from '../helpers/raw.ts'
import { makeTree, type Tree } from '../helpers/tree.ts'

// Files count as settled only some seconds after they were written: for the server those have gone by.
const realNow = Date.now.bind(Date)
let tree: Tree
let root: string
beforeAll(async () => {
  jest.spyOn(Date, 'now').mockImplementation(() => realNow() + 10_000)
  tree = await makeTree([
    { path: 'page.html', content: '<p>page' },
    { path: 'page.html.br', content: 'not really' },
    { path: 'a b.txt', content: 'blank' },
    { path: 'empty.txt', content: '' },
    { path: 'bom.txt', content: Buffer.from('\ufeffhi', 'utf16le') },
    { path: 'large.bin', content: Buffer.alloc(100_000, 'x') },
    { path: 'huge.bin', content: Buffer.alloc(300_000, 'y') },
    { path: 'sub/index.html', content: 'index' },
    { path: 'other/index.htm', content: 'htm' },
    { path: 'list/entry.txt', content: 'entry' },
  ])
  root = tree.directory
})
afterAll(async () => {
  jest.restoreAllMocks()
  await tree.remove()
})

interface Site {
  readonly port: number
  readonly log: string[]
}

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

type Start = (cache: CacheOptions | false) => Promise<Site>

function standalone(Base: HandlerClass, fields: Record<string, unknown> = {}): Start {
  return async (cache) => {
    const log: string[] = []
    const Handler = configure(Base, { directory: root, cache, ...fields })
    const server = await new HTTPServer(['127.0.0.1', 0], Handler, {
      log: (line) => log.push(line),
      strict: fields['strict'] === true,
    }).listen()
    closing.push(() => server.shutdown())
    return { port: server.serverPort, log }
  }
}

async function onNode(server: Server, log: string[]): Promise<Site> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, log }
}

/** Sees every response, and says so. */
class Overriding extends SimpleHTTPRequestHandler {
  override endHeaders(): void {
    this.sendHeader('X-Override', this.command)
    super.endHeaders()
  }
}

/** Goes through content as the documentation has it. */
class Copying extends SimpleHTTPRequestHandler {
  override async copyfile(source: AsyncIterable<unknown>, output: Writable): Promise<void> {
    for await (const chunk of source) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('no bytes')
      output.write(Buffer.from(chunk))
      // Its own, to do with as it likes.
      chunk.fill(0)
    }
  }
}

/** Whose requests all go the long way. */
const longHosts: [name: string, start: Start][] = [
  ['a class that overrides something', standalone(Overriding, { protocolVersion: 'HTTP/1.1' })],
  ['a class that overrides something under strict', standalone(Overriding, { strict: true })],
  ['a class that copies by itself', standalone(Copying, { protocolVersion: 'HTTP/1.1' })],
  [
    'a class with siblings, index pages and fields of its own',
    standalone(SimpleHTTPRequestHandler, {
      protocolVersion: 'HTTP/1.1',
      precompressed: ['br', 'gzip'],
      extensions: ['html'],
      spa: true,
      setHeaders: (response: ServerResponse, path: string, { size }: Stats) => {
        response.setHeader('X-Path', `${basename(path)} ${size}`)
      },
    }),
  ],
  [
    'a class that follows some links',
    standalone(SimpleHTTPRequestHandler, { symlinks: 'inside', protocolVersion: 'HTTP/1.1' }),
  ],
]

const hosts: [name: string, start: Start][] = [
  ['the standalone server', standalone(SimpleHTTPRequestHandler)],
  [
    'the standalone server with HTTP/1.1',
    standalone(SimpleHTTPRequestHandler, { protocolVersion: 'HTTP/1.1' }),
  ],
  [
    'the standalone server with scripts',
    standalone(CGIHTTPRequestHandler, { protocolVersion: 'HTTP/1.1', cgiDirectories: ['/list'] }),
  ],
  [
    'the standalone server with scripts under strict',
    standalone(CGIHTTPRequestHandler, { strict: true, cgiDirectories: ['/list'] }),
  ],
  ['the standalone server under strict', standalone(SimpleHTTPRequestHandler, { strict: true })],
  [
    'the standalone server with fields of its own',
    standalone(SimpleHTTPRequestHandler, {
      extraResponseHeaders: [['X-Extra', 'yes']],
      cacheControl: 'no-cache',
      charset: false,
      etag: 'strong',
    }),
  ],
  [
    'node:http',
    (cache) => {
      const log: string[] = []
      const handler = simpleHandler(root, { cache, log: (line) => log.push(line) })
      // No next: what is not found goes to the runner.
      return onNode(createServer(handler as never), log)
    },
  ],
  [
    'Express',
    (cache) => {
      const log: string[] = []
      const app = express()
      app.use('/mount', simpleHandler(root, { cache, log: (line) => log.push(line) }))
      app.use((req, res, next) => {
        if (req.query['set'] !== undefined) res.setHeader('Cache-Control', 'private')
        if (req.query['status'] !== undefined) res.status(202)
        if (req.query['message'] !== undefined) res.statusMessage = 'Fine'
        const { field } = req.query
        if (typeof field === 'string') res.setHeader(field, 'preset')
        if (req.query['append'] !== undefined) res.append('Vary', 'Cookie')
        if (req.query['none'] !== undefined) res.setHeader('X-None', '').removeHeader('X-None')
        if (req.query['watch'] !== undefined) res.once('finish', () => undefined)
        next()
      })
      app.use(simpleHandler(root, { cache, log: (line) => log.push(line) }))
      return onNode(createServer(app), log)
    },
  ],
]

const targets = [
  '/page.html',
  '/page.html?query',
  '/page.html?set',
  '/page.html?status',
  '/page.html#fragment',
  '/a%20b.txt',
  '/empty.txt',
  '/bom.txt',
  '/large.bin',
  '/huge.bin',
  '/sub/',
  '/sub',
  '/other/',
  '/list/',
  '/mount/page.html',
  '/mount/sub/',
  '//page.html',
  '/%70age.html',
  '/missing',
  '/page',
  '/page.html/',
]

const fields = [
  '',
  'Accept-Encoding: gzip, br\r\nUser-Agent: test\r\nReferer: http://localhost/\r\n',
  'Connection: close\r\n',
  'Connection: keep-alive\r\n',
  'Range: bytes=1-2\r\n',
  'Range: bytes=0-0,2-3\r\n',
  'Range: bytes=90-\r\n',
  'Accept: text/html\r\n',
  'If-None-Match: *\r\n',
  'If-Modified-Since: Fri, 01 Mar 2999 00:00:00 GMT\r\n',
  'If-Unmodified-Since: Fri, 01 Mar 1999 00:00:00 GMT\r\n',
  'If-Match: "x"\r\n',
  'Origin: http://example.org\r\n',
  'Content-Length: 2\r\n',
]

function requests(): string[] {
  const made: string[] = []
  for (const target of targets) {
    for (const version of ['HTTP/1.1', 'HTTP/1.0']) {
      made.push(`GET ${target} ${version}\r\nHost: localhost\r\n\r\n`)
    }
  }
  for (const line of fields) {
    const body = line.startsWith('Content-Length') ? 'ab' : ''
    made.push(`GET /page.html HTTP/1.1\r\nHost: localhost\r\n${line}\r\n${body}`)
  }
  for (const target of ['/large.bin', '/huge.bin', '/bom.txt', '/empty.txt']) {
    made.push(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nRange: bytes=1-70000\r\n\r\n`)
    made.push(`HEAD ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  }
  made.push('HEAD /page.html HTTP/1.1\r\nHost: localhost\r\n\r\n', 'GET /page.html\r\n\r\n')
  return made
}

/** Everything but the time. */
function masked(bytes: string): string {
  return bytes
    .replace(/Date: [^\r]*/g, 'Date: *')
    .replace(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, 'BOUNDARY')
    .replace(/\[\d\d\/\w+\/\d{4} [\d:]+\]/g, '[*]')
}

/** Whether a response is whole; where no length says, the server's closing does. */
function isComplete(request: string): (received: Buffer) => boolean {
  return (received) => {
    const text = received.toString('latin1')
    const end = text.indexOf('\r\n\r\n')
    if (end < 0) return false
    if (request.startsWith('HEAD') || text.includes(' 304 ')) return true
    const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1]
    return length === undefined
      ? text.endsWith('\r\n0\r\n\r\n')
      : text.length >= end + 4 + Number(length)
  }
}

async function answer(site: Site, request: string): Promise<{ bytes: string; log: string[] }> {
  const received = await exchange(
    site.port,
    request,
    request.includes('HTTP/') ? { until: isComplete(request) } : {},
  )
  return { bytes: masked(received.toString('latin1')), log: site.log.splice(0).map(masked) }
}

/** Those of {@link fields} that announce no content; the first three leave a request plain. */
const fieldLines = fields
  .filter((line) => line !== '' && !line.startsWith('Content-Length'))
  .map((line) => line.trimEnd())

/** Requests of any kind for files that are kept. */
const anyRequest = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'GET', 'GET', 'HEAD', 'OPTIONS'),
    target: fc.constantFrom('/page.html', '/sub/', '/a%20b.txt', '/large.bin', '/mount/page.html'),
    query: fc.constantFrom(
      '',
      '',
      '?',
      '?a=b?c#d',
      '?set',
      '?status',
      '?message',
      '?append',
      '?none',
      '?watch',
      '?field=Date',
      '?field=Server',
      '?field=etag',
      '?field=content-type',
      '?field=X-Extra',
      '?field=Link&watch',
    ),
    version: fc.constantFrom('HTTP/1.1', 'HTTP/1.0'),
    fields: fc.oneof(
      { weight: 3, arbitrary: fc.subarray(fieldLines.slice(0, 3)) },
      { weight: 1, arbitrary: fc.subarray(fieldLines, { maxLength: 2 }) },
    ),
  })
  .map(({ method, target, query, version, fields: lines }) => {
    return [`${method} ${target}${query} ${version}`, 'Host: x', ...lines, '', ''].join('\r\n')
  })

describe.each([...longHosts, ...hosts])('the cache on %s', (_, start) => {
  it('changes no byte of the answer to any request', async () => {
    const slow = await start(false)
    const fast = await start({})
    for (const target of ['/page.html', '/sub/', '/a%20b.txt', '/large.bin', '/mount/page.html']) {
      await warmUp(fast, `GET ${target} HTTP/1.0\r\n\r\n`)
    }
    const short = countShort()
    slow.log.length = 0
    fast.log.length = 0
    await fc.assert(
      fc.asyncProperty(anyRequest, async (request) => {
        expect(await answer(fast, request)).toEqual(await answer(slow, request))
      }),
      { numRuns: 150, seed: 1 },
    )
    if (hosts.some(([, one]) => one === start)) expect(short()).toBeGreaterThan(20)
    else expect(short()).toBe(0)
  })

  it('changes no byte of any answer, nor of the log', async () => {
    const slow = await start(false)
    const fast = await start({})
    for (const request of requests()) {
      const expected = await answer(slow, request)
      for (let time = 0; time < 4; time++) {
        expect(await answer(fast, request)).toEqual(expected)
      }
    }
  })

  it('serves what is in the file now', async () => {
    const site = await start({})
    const path = join(root, 'changing.txt')
    const request = 'GET /changing.txt HTTP/1.0\r\n\r\n'
    writeFileSync(path, 'one')
    await warmUp(site, request)
    for (const content of ['two', 'six', 'longer', '']) {
      rewrite(path, content)
      for (let time = 0; time < 4; time++) {
        const { bytes } = await answer(site, request)
        expect(bytes.slice(bytes.indexOf('\r\n\r\n') + 4)).toBe(content)
      }
    }
    rmSync(path)
    expect((await answer(site, request)).bytes).toContain(' 404 ')
  })
})

/** Asks twice, and waits for what is then kept, if it is worth keeping. */
async function warmUp(site: Site, request: string): Promise<void> {
  const { prototype } = HotCache
  // Compared and called with its own this.
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const { set } = prototype
  const admits = jest.spyOn(prototype, 'admits')
  const keeps = jest.spyOn(prototype, 'set')
  try {
    const kept = new Promise<void>((resolve) => {
      keeps.mockImplementation(function (this: HotCache<CacheEntry>, ...args) {
        set.apply(this, args)
        resolve()
      })
    })
    await answer(site, request)
    await answer(site, request)
    if (admits.mock.results.some(({ value }) => value === true)) await kept
  } finally {
    admits.mockRestore()
    keeps.mockRestore()
  }
}

/** Writes a file in place, in a later tick of the file system's clock: within one there is no telling. */
function rewrite(path: string, content: string): void {
  const before = statSync(path, { bigint: true }).ctimeNs
  do writeFileSync(path, content)
  while (statSync(path, { bigint: true }).ctimeNs === before)
}

/** Counts the answers that are given the short way from now on, until the end of the test. */
function countShort(): () => number {
  const byExchange = jest.spyOn(ShortAnswer.prototype, 'send')
  const byNode = jest.spyOn(ShortAnswer.prototype, 'sendByNode')
  closing.push(() => {
    byExchange.mockRestore()
    byNode.mockRestore()
  })
  const start = byExchange.mock.calls.length + byNode.mock.calls.length
  return () => byExchange.mock.calls.length + byNode.mock.calls.length - start
}

describe('content in memory', () => {
  const get = 'GET /page.html HTTP/1.0\r\n\r\n'

  /** Whether a file is opened for a request once there was time to keep its content. */
  async function opensFile(site: Site, request: string): Promise<boolean> {
    await warmUp(site, request)
    const open = jest.spyOn(fs, 'open')
    try {
      const { bytes } = await answer(site, request)
      expect(bytes).toMatch(/^HTTP\/1\.\d (?:200|206|304) /)
      return open.mock.calls.length > 0
    } finally {
      open.mockRestore()
    }
  }

  it.each([
    get,
    'HEAD /page.html HTTP/1.0\r\n\r\n',
    'GET /page.html HTTP/1.0\r\nRange: bytes=1-2\r\n\r\n',
    'GET /page.html HTTP/1.0\r\nRange: bytes=0-0,2-3\r\n\r\n',
    'GET /page.html HTTP/1.0\r\nIf-None-Match: *\r\n\r\n',
    'GET /huge.bin HTTP/1.0\r\nRange: bytes=1-\r\n\r\n',
    'GET /sub/ HTTP/1.0\r\n\r\n',
  ])('answers a class that overrides something: %j', async (request) => {
    const limits = { maxFileSize: 400_000 }
    expect(await opensFile(await standalone(Overriding)(limits), request)).toBe(false)
    expect(await opensFile(await standalone(Overriding)(false), request)).toBe(true)
  })

  it('answers for siblings', async () => {
    const request = 'GET /page.html HTTP/1.0\r\nAccept-Encoding: br\r\n\r\n'
    const start = standalone(SimpleHTTPRequestHandler, { precompressed: ['br'] })
    expect(await opensFile(await start({}), request)).toBe(false)
  })

  it('is not used where not every link is followed', async () => {
    const site = await standalone(SimpleHTTPRequestHandler, { symlinks: 'inside' })({})
    expect(await opensFile(site, get)).toBe(true)
  })

  it.each([{ maxEntries: 0 }, { maxBytes: 4 }, { maxFileSize: 6 }])(
    'keeps to its bounds: %j',
    async (bounds) => {
      expect(await opensFile(await standalone(Overriding)(bounds), get)).toBe(true)
    },
  )

  it('is one with what the short way keeps', async () => {
    const site = await standalone(SimpleHTTPRequestHandler)({})
    await warmUp(site, get)
    expect(await opensFile(site, get.replace('\r\n\r\n', '\r\nRange: bytes=1-2\r\n\r\n'))).toBe(
      false,
    )
  })
})

describe('the short way', () => {
  const request = 'GET /page.html HTTP/1.0\r\n\r\n'

  /** Whether a handler is asked for an answer once there was time to keep it. */
  async function asksHandler(site: Site): Promise<boolean> {
    await warmUp(site, request)
    const short = countShort()
    const { bytes } = await answer(site, request)
    expect(bytes).toContain('<p>page')
    return short() === 0
  }

  it('is taken by a class that overrides nothing', async () => {
    expect(await asksHandler(await standalone(SimpleHTTPRequestHandler)({}))).toBe(false)
    expect(await asksHandler(await standalone(SimpleHTTPRequestHandler)(false))).toBe(true)
  })

  it.each([{ maxEntries: 0 }, { maxBytes: 4 }, { maxFileSize: 6 }])(
    'keeps to its bounds: %j',
    async (bounds) => {
      expect(await asksHandler(await standalone(SimpleHTTPRequestHandler)(bounds))).toBe(true)
    },
  )

  it('is taken by simpleHandler() in an app', async () => {
    const [, start] = hosts.at(-1) ?? []
    if (start === undefined) throw new Error('no host')
    expect(await asksHandler(await start({}))).toBe(false)
  })

  it('is not taken by a class that overrides something, even by its constructor', async () => {
    class Constructing extends SimpleHTTPRequestHandler {
      constructor(...args: ConstructorParameters<HandlerClass>) {
        super(...args)
        this.directory = root
      }
    }
    const site = await standalone(Overriding)({})
    expect(await asksHandler(site)).toBe(true)
    expect((await answer(site, request)).bytes).toContain('X-Override: GET\r\n')
    expect(await asksHandler(await standalone(Constructing)({}))).toBe(true)
    const guessing = { guessType: () => 'text/x-own' }
    const field = await standalone(SimpleHTTPRequestHandler, guessing)({})
    expect(await asksHandler(field)).toBe(true)
    expect((await answer(field, request)).bytes).toContain('text/x-own')
  })

  it('is not taken once a method was replaced on the prototype', async () => {
    const { prototype } = SimpleHTTPRequestHandler
    const guessType = jest.spyOn(prototype, 'guessType')
    const site = await standalone(SimpleHTTPRequestHandler)({})
    expect(await asksHandler(site)).toBe(true)
    expect(guessType).toHaveBeenCalled()
    guessType.mockRestore()
  })

  it('sees that a link or a name leads elsewhere', async () => {
    mkdirSync(join(root, 'v1'))
    mkdirSync(join(root, 'v2'))
    writeFileSync(join(root, 'v1/file'), 'old')
    writeFileSync(join(root, 'v2/file'), 'new')
    symlinkSync('v1', join(root, 'current'))
    const site = await standalone(SimpleHTTPRequestHandler)({})
    const get = 'GET /current/file HTTP/1.0\r\n\r\n'
    await warmUp(site, get)
    symlinkSync('v2', join(root, 'next'))
    renameSync(join(root, 'next'), join(root, 'current'))
    expect((await answer(site, get)).bytes).toMatch(/new$/)
    await warmUp(site, get)
    rmSync(join(root, 'current'))
    mkdirSync(join(root, 'current/file'), { recursive: true })
    expect((await answer(site, get)).bytes).toContain(' 301 ')
  })

  it('does not keep a file that was written a moment ago', async () => {
    const path = join(root, 'recent.txt')
    writeFileSync(path, 'recent')
    const stats = statSync(path)
    expect(await load(path, stats, realNow())).toBeUndefined()
    expect((await load(path, stats, realNow() + 10_000))?.bytes.toString()).toBe('recent')
  })

  it('is left at once when a method is replaced', async () => {
    const site = await standalone(SimpleHTTPRequestHandler)({})
    expect(await asksHandler(site)).toBe(false)
    const { prototype } = SimpleHTTPRequestHandler
    // Called with its own this.
    // eslint-disable-next-line @typescript-eslint/unbound-method
    const { endHeaders } = prototype
    prototype.endHeaders = function () {
      this.sendHeader('X-Replaced', 'yes')
      endHeaders.call(this)
    }
    try {
      expect((await answer(site, request)).bytes).toContain('X-Replaced: yes\r\n')
    } finally {
      prototype.endHeaders = endHeaders
    }
    const { bytes } = await answer(site, request)
    expect(bytes).not.toContain('X-Replaced')
    expect(await asksHandler(site)).toBe(false)
  })

  it('is not taken by a class of configure() with a method of its own', async () => {
    const Configured = configure(SimpleHTTPRequestHandler, {})
    Configured.prototype.guessType = () => 'text/x-own'
    const site = await standalone(Configured)({})
    expect(await asksHandler(site)).toBe(true)
    expect((await answer(site, request)).bytes).toContain('text/x-own')
  })

  it.each(['Connection', 'Content-Length', 'date', 'Transfer-Encoding'])(
    'is not taken with a field %s added to each answer',
    async (name) => {
      const extra = { extraResponseHeaders: [[name, name === 'Content-Length' ? '7' : 'close']] }
      expect(await asksHandler(await standalone(SimpleHTTPRequestHandler, extra)({}))).toBe(true)
    },
  )

  it('keeps no spelling of a path but the one, and none that is long', async () => {
    const site = await standalone(SimpleHTTPRequestHandler)({})
    const admits = jest.spyOn(HotCache.prototype, 'admits')
    for (const path of ['/x/../page.html', '/./page.html', '/%70age.html']) {
      expect((await answer(site, `GET ${path} HTTP/1.0\r\n\r\n`)).bytes).toContain('<p>page')
    }
    const long = `/${'l'.repeat(200)}`.repeat(6)
    await mkdir(join(root, long), { recursive: true })
    writeFileSync(join(root, long, 'file'), 'long')
    expect((await answer(site, `GET ${long}/file HTTP/1.0\r\n\r\n`)).bytes).toMatch(/long$/)
    expect(admits).not.toHaveBeenCalled()
    admits.mockRestore()
  })

  it('looks again when the mode of a file has changed', async () => {
    const site = await standalone(SimpleHTTPRequestHandler)({})
    const path = join(root, 'mode.txt')
    writeFileSync(path, 'mode')
    const get = 'GET /mode.txt HTTP/1.0\r\n\r\n'
    await warmUp(site, get)
    const short = countShort()
    await answer(site, get)
    expect(short()).toBe(1)
    const before = statSync(path, { bigint: true }).ctimeNs
    do chmodSync(path, 0)
    while (statSync(path, { bigint: true }).ctimeNs === before)
    // Whether it can be read still is the system's to say, which lets root read anything.
    await answer(site, get)
    expect(short()).toBe(1)
  })

  it('survives a log that throws', async () => {
    const site = await standalone(SimpleHTTPRequestHandler, {
      log: () => {
        throw new Error('disk full')
      },
    })({})
    expect(await asksHandler(site)).toBe(false)
    const app = express()
    const log = (): void => {
      throw new Error('disk full')
    }
    app.use(simpleHandler(root, { log }))
    expect(await asksHandler(await onNode(createServer(app), []))).toBe(false)
  })

  it("leaves to the app's error handler what fails after the file was looked at", async () => {
    const app = express()
    let broken = false
    app.set('trust proxy', () => {
      if (broken) throw new Error('no proxy')
      return false
    })
    const log: string[] = []
    app.use(simpleHandler(root, { log: (line) => log.push(line) }))
    app.use((_error: unknown, _req: Request, res: Response, _next: NextFunction) => {
      res.status(503).send('failed')
    })
    const site = await onNode(createServer(app), log)
    expect(await asksHandler(site)).toBe(false)
    broken = true
    expect((await answer(site, request)).bytes).toMatch(/ 503 [^]*failed$/)
    broken = false
    expect(await asksHandler(site)).toBe(false)
  })

  it('adds to what other middleware has set, as a handler does', async () => {
    const start = async (cache: CacheOptions | false): Promise<Site> => {
      const app = express()
      app.use((_req, res, next) => {
        res.cookie('sid', '1')
        res.setHeader('Link', '</other>')
        res.setHeader('X-One', 'other')
        next()
      })
      const headers: [string, string][] = [
        ['Link', '</a>'],
        ['X-One', 'a'],
        ['Set-Cookie', 'theme=dark'],
        ['link', '</b>'],
        ['x-one', 'b'],
      ]
      app.use(simpleHandler(root, { cache, headers }))
      return onNode(createServer(app), [])
    }
    const slow = await start(false)
    const fast = await start({})
    const expected = await answer(slow, request)
    expect(expected.bytes).toMatch(/Set-Cookie: sid=1[^]*Set-Cookie: theme=dark/)
    expect(await asksHandler(fast)).toBe(false)
    expect(await answer(fast, request)).toEqual(expected)
  })

  it('keeps repeated fields in their order where nobody else sets any', async () => {
    const headers: [string, string][] = [
      ['Link', '</a>'],
      ['X-One', 'a'],
      ['link', '</b>'],
      ['x-one', 'b'],
    ]
    const start = (cache: CacheOptions | false): Promise<Site> =>
      onNode(createServer(simpleHandler(root, { cache, headers, log: false }) as never), [])
    const expected = await answer(await start(false), request)
    const fast = await start({})
    expect(await asksHandler(fast)).toBe(false)
    expect(await answer(fast, request)).toEqual(expected)
  })

  it('keeps to the AsyncLocalStorage of each request', async () => {
    const storage = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const app = express()
    app.use((req, _res, next) => {
      storage.run(req.url, next)
    })
    app.use(simpleHandler(root, { log: () => seen.push(storage.getStore()) }))
    const site = await onNode(createServer(app), [])
    expect(await asksHandler(site)).toBe(false)
    seen.length = 0
    const numbers = ['0', '1', '2', '3', '4', '5']
    await Promise.all(numbers.map((n) => answer(site, `GET /page.html?${n} HTTP/1.0\r\n\r\n`)))
    expect(seen.sort()).toEqual(numbers.map((n) => `/page.html?${n}`))
  })
})
