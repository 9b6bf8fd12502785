import { describe, expect, it } from '@jest/globals'
import { BaseHTTPRequestHandler } from '../../lib/handlers/base.ts'
import { CGIHTTPRequestHandler } from '../../lib/handlers/cgi.ts'
import { configure } from '../../lib/handlers/configure.ts'
import type { ToMiddlewareOptions } from '../../lib/middleware/handler.ts'
import { cgiHandler, simpleHandler, toMiddleware } from '../../lib/middleware.ts'
import { HTTPServer } from '../../lib/server/http-server.ts'
import { HTTPSServer } from '../../lib/server/https-server.ts'
import { checkServeOptions, type ServeOptions } from '../../lib/server/serve-options.ts'

import type { CgiHandlerOptions } from '../../types/cgi.ts'
import type { LogOptions } from '../../types/logger.ts'
import type { SimpleHandlerOptions } from '../../types/options.ts'
import type { ProxyOptions } from '../../types/proxy.ts'
import type { HTTPServerOptions, TlsOptions } from '../../types/server.ts'

/** What callers in JavaScript may give, each by a name that the tables below have. */
const values: Readonly<Record<string, unknown>> = {
  null: null,
  0: 0,
  1: 1,
  '-1': -1,
  '1.5': 1.5,
  NaN: NaN,
  Infinity: Infinity,
  '-Infinity': -Infinity,
  '2^31': 2 ** 31,
  bigint: 1n,
  true: true,
  false: false,
  empty: '',
  blank: ' ',
  frob: 'frob',
  '1h': '1h',
  '/frob': '/frob',
  '../frob': '../frob',
  'frob\\n': 'frob\n',
  'frob\\0': 'frob\0',
  '{}': {},
  '{frob:1}': { frob: 1 },
  '{frob}': { frob: 'frob' },
  '{.frob}': { '.frob': 'frob' },
  '[]': [],
  '[1]': [1],
  '[frob]': ['frob'],
  '[[frob]]': [['frob']],
  '()=>1': () => 1,
  Buffer: Buffer.from('frob'),
  file: new URL('file:///frob'),
  http: new URL('http://frob/'),
  symbol: Symbol('frob'),
}

/** The values that an option takes; every other one is to be refused. */
type Table<Names extends PropertyKey> = Readonly<Record<Names, string>>

const boolean = 'true false'
const timer = '0 1 1.5'
const count = '0 1 Infinity 2^31'
const positive = '1 Infinity 2^31'

// Anything with a method write, which a Buffer has.
const sink = 'Buffer'
const log = `${boolean} ()=>1 ${sink}`

const logs = {
  log,
  logFormat: '',
  logger: '',
} satisfies Table<keyof LogOptions>

const proxies = {
  trustProxy: `${boolean} empty blank []`,
} satisfies Table<keyof ProxyOptions>

const files = {
  ...logs,
  ...proxies,
  acceptRanges: `${boolean} null`,
  cache: 'false {}',
  cacheControl: `${boolean} null frob 1h /frob ../frob`,
  charset: 'false frob 1h',
  cors: boolean,
  defaultContentType: 'frob 1h /frob ../frob',
  dotfiles: '',
  etag: `${boolean} null`,
  extensions: 'null false empty blank frob 1h /frob ../frob frob\\n frob\\0 [] [frob]',
  extensionsMap: '{} {.frob}',
  fallthrough: `${boolean} null`,
  headers: '{} {frob} {.frob} []',
  immutable: `${boolean} null`,
  index: 'null false empty blank frob 1h /frob ../frob frob\\n frob\\0 [] [frob]',
  lastModified: `${boolean} null`,
  listing: boolean,
  maxAge: '0 1 -1 1.5 Infinity -Infinity 2^31 1h null false empty',
  precompressed: `${boolean} []`,
  redirect: `${boolean} null`,
  sendfile: 'false',
  sendfilePrefix: '/frob',
  setHeaders: 'null 0 NaN false empty ()=>1',
  spa: `${boolean} blank frob 1h /frob frob\\n`,
  strict: boolean,
  symlinks: '',
} satisfies Table<keyof SimpleHandlerOptions>

const isRoot = process.getuid?.() === 0

const cgi = {
  ...logs,
  ...proxies,
  acceptStatusLine: boolean,
  cgiDirectories: '[]',
  closeDelay: timer,
  directory: 'blank frob 1h /frob ../frob frob\\n file',
  dotfiles: '',
  env: '{} {frob} {.frob} ()=>1',
  fallthrough: boolean,
  interpreters: '{} {.frob}',
  maxBodySize: count,
  maxConcurrent: positive,
  maxHeaderSize: positive,
  maxQueue: count,
  passAuthorization: boolean,
  passEnv: '[] [frob]',
  script: '',
  spawnHelper: boolean,
  stderr: log,
  strict: boolean,
  symlinks: '',
  timeout: timer,
  totalTimeout: timer,
  user: isRoot ? 'false 0 1 2^31' : 'false',
} satisfies Table<keyof CgiHandlerOptions>

const classes = {
  ...logs,
  ...proxies,
  fallthrough: boolean,
  strict: boolean,
} satisfies Table<keyof ToMiddlewareOptions>

const server = {
  ...logs,
  ...proxies,
  bodyIdleTimeout: timer,
  bodyRateGrace: timer,
  drainDelay: timer,
  drainTimeout: timer,
  firstByteTimeout: timer,
  headTimeout: timer,
  healthPath: '/frob',
  keepAliveTimeout: timer,
  lingerTimeout: timer,
  maxBodySize: count,
  maxConnections: positive,
  maxHeadSize: positive,
  maxHeaders: positive,
  maxLineSize: positive,
  maxRequests: count,
  minBodyRate: '0 1 2^31',
  proxyProtocol: boolean,
  strict: boolean,
  writeTimeout: timer,
} satisfies Table<keyof HTTPServerOptions>

const text = 'blank frob 1h /frob ../frob frob\\n'

const tls = {
  alpnProtocols: '[frob]',
  cert: `${text} frob\\0 Buffer`,
  certfile: text,
  handshakeTimeout: timer,
  http2: boolean,
  key: `${text} frob\\0 Buffer`,
  keyfile: text,
  minVersion: '',
  password: `${text} empty frob\\0 Buffer ()=>1`,
  redirectHttp: boolean,
  selfSigned: 'false',
  ticketKeys: '',
} satisfies Table<keyof TlsOptions>

const serving = {
  ServerClass: '',
  address: '',
  bind: `${text} empty frob\\0`,
  onListening: '()=>1',
  options: '{} {frob:1} {frob} {.frob}',
  pidFile: text,
  port: '0 1',
  protocol: '',
  signals: '',
  stderr: sink,
  stdout: sink,
  tls: '{} {frob:1} {frob} {.frob}',
  workers: '1 2^31',
} satisfies Table<keyof ServeOptions>

/** What is no field to set, but the request, its answer or a method. */
type Field<Handler> = {
  [Name in keyof Handler]: NonNullable<Handler[Name]> extends (...args: never[]) => unknown
    ? never
    : Name
}[keyof Handler]
type State =
  | 'cgiInfo'
  | 'clientAddress'
  | 'closeConnection'
  | 'command'
  | 'headers'
  | 'mount'
  | 'path'
  | 'request'
  | 'requestVersion'
  | 'requestline'
  | 'response'
  | 'rfile'
  | 'server'
  | 'wfile'

const fields = {
  MessageClass: '()=>1',
  acceptRanges: boolean,
  acceptStatusLine: cgi.acceptStatusLine,
  cache: files.cache,
  cacheControl: files.cacheControl.replace(' null', ''),
  cgiDirectories: cgi.cgiDirectories,
  cgiScript: text,
  cgiTimeout: timer,
  charset: files.charset,
  closeDelay: cgi.closeDelay,
  cors: files.cors,
  defaultContentType: files.defaultContentType,
  defaultRequestVersion: '',
  // The current directory, as in Python.
  directory: `${text} empty`,
  dotfiles: files.dotfiles,
  env: cgi.env,
  errorContentType: files.defaultContentType,
  errorMessageFormat: `${text} empty frob\\0`,
  etag: boolean,
  extensions: '[] [frob]',
  extensionsMap: files.extensionsMap,
  extraResponseHeaders: '[]',
  fallthrough: boolean,
  immutable: boolean,
  indexPages: '[] [frob]',
  interpreters: cgi.interpreters,
  lastModified: boolean,
  listing: files.listing,
  log: files.log,
  logFormat: files.logFormat,
  maxAge: '0 1 -1 1.5 Infinity -Infinity 2^31',
  maxBodySize: cgi.maxBodySize,
  maxConcurrent: cgi.maxConcurrent,
  maxHeaderSize: cgi.maxHeaderSize,
  maxQueue: cgi.maxQueue,
  passAuthorization: cgi.passAuthorization,
  passEnv: cgi.passEnv,
  precompressed: '[]',
  protocolVersion: '',
  redirect: boolean,
  responses: '{} {frob:1} {frob} {.frob}',
  sendfile: files.sendfile,
  sendfilePrefix: files.sendfilePrefix,
  serverVersion: `${files.defaultContentType} empty`,
  spa: files.spa,
  spawnHelper: cgi.spawnHelper,
  stderr: cgi.stderr,
  strict: files.strict,
  symlinks: files.symlinks,
  sysVersion: `${files.defaultContentType} empty`,
  timeout: timer,
  totalTimeout: cgi.totalTimeout,
  trustProxy: files.trustProxy,
  user: cgi.user,
} satisfies Table<Exclude<Field<CGIHTTPRequestHandler>, State>>

type Make = (options: Record<string, unknown>) => unknown

/** How the options of a table are given, and what else has to be given with one. */
interface Subject {
  readonly table: Table<string>
  readonly make: Make
  readonly with?: Readonly<Record<string, object>>
  readonly unknown?: 'refused' | 'dropped'
}

const subjects: Readonly<Record<string, Subject>> = {
  'simpleHandler()': {
    table: files,
    make: (options) => simpleHandler('.', options),
    with: { sendfilePrefix: { sendfile: 'x-sendfile' } },
    // As serve-static does: options of its own, and an app's, are spread into these.
    unknown: 'dropped',
  },
  'cgiHandler()': { table: cgi, make: (options) => cgiHandler(options) },
  'toMiddleware()': {
    table: classes,
    make: (options) => toMiddleware(BaseHTTPRequestHandler, options),
  },
  HTTPServer: {
    table: server,
    make: (options) => new HTTPServer(['', 0], BaseHTTPRequestHandler, options),
    with: { proxyProtocol: { trustProxy: 'loopback' } },
  },
  HTTPSServer: {
    table: { ...server, ...tls },
    make: (options) => new HTTPSServer(['', 0], BaseHTTPRequestHandler, options),
    with: {
      alpnProtocols: { certfile: 'c' },
      cert: { key: 'k' },
      certfile: {},
      key: { cert: 'c' },
      keyfile: { certfile: 'c' },
      password: { certfile: 'c' },
      proxyProtocol: { certfile: 'c', trustProxy: 'loopback' },
      selfSigned: { certfile: 'c' },
    },
  },
  'serve()': {
    table: serving,
    make: checkServeOptions,
  },
  'a class of HTTPServer': {
    table: fields,
    make: (options) =>
      new HTTPServer(['', 0], configure(CGIHTTPRequestHandler, { log: false, ...options })),
  },
}

/** What comes of each value of an option: `taken`, or the error that is thrown. */
function outcomes(make: (value: unknown) => unknown): Map<string, unknown> {
  return new Map(
    Object.entries(values).map(([label, value]) => {
      try {
        make(value)
        return [label, 'taken']
      } catch (error) {
        return [label, error]
      }
    }),
  )
}

const otherwise = { HTTPSServer: { selfSigned: true } } as Readonly<Record<string, object>>

describe.each(Object.entries(subjects))('%s', (of, subject) => {
  it.each(Object.entries(subject.table))('takes as %s only %s', (name, takes) => {
    const others = subject.with?.[name] ?? otherwise[of]
    const found = outcomes((value) => subject.make({ ...others, [name]: value }))
    const taken = [...found].filter(([, outcome]) => outcome === 'taken').map(([label]) => label)
    expect(taken.sort()).toEqual(takes.split(' ').filter(Boolean).sort())
    for (const [label, error] of found) {
      if (error === 'taken') continue
      expect([label, error instanceof TypeError || error instanceof RangeError]).toEqual([
        label,
        true,
      ])
      // By its name, and always in the same words.
      expect(String(error)).toMatch(
        new RegExp(`^(?:Type|Range)Error: option ${name}(?:[ :]|\\.max)`),
      )
    }
  })
})

/** Right values of options that take none of those above, or only such as switch them off. */
const right: Readonly<Record<string, unknown>> = {
  ServerClass: HTTPServer,
  address: { path: '/run/frob.sock' },
  cgiDirectories: ['/', '/cgi-bin'],
  defaultRequestVersion: 'HTTP/0.9',
  dotfiles: 'allow',
  extraResponseHeaders: [['X-Frob', '1']],
  logFormat: 'json',
  logger: console,
  minVersion: 'TLSv1.3',
  precompressed: ['gzip'],
  protocol: 'HTTP/1.1',
  protocolVersion: 'HTTP/1.1',
  script: __filename,
  selfSigned: true,
  sendfile: 'x-accel-redirect',
  signals: process,
  stderr: process.stderr,
  stdout: process.stdout,
  symlinks: 'inside',
  ticketKeys: Buffer.alloc(48),
}

const offOnly = new Set(['', 'false', '[]', 'Buffer'])

describe.each(Object.entries(subjects))('%s', (of, subject) => {
  const names = Object.keys(subject.table).filter((name) => offOnly.has(subject.table[name] ?? ''))

  it.each(names)('takes a right value of %s', (name) => {
    const others = name === 'selfSigned' ? {} : otherwise[of]
    expect(right).toHaveProperty(name)
    expect(() => subject.make({ ...others, [name]: right[name] })).not.toThrow()
  })
})

describe.each(Object.entries(subjects).filter(([, { table }]) => table !== fields))(
  '%s',
  (of, subject) => {
    it('takes what is undefined for what is not given', () => {
      const none = Object.fromEntries(Object.keys(subject.table).map((name) => [name, undefined]))
      expect(() => subject.make({ ...none, ...otherwise[of], frob: undefined })).not.toThrow()
    })

    it('refuses a name that it does not know, or drops it where serve-static does', () => {
      const make = (): unknown => subject.make({ ...otherwise[of], frob: 1 })
      if (subject.unknown === 'dropped') expect(make).not.toThrow()
      else expect(make).toThrow(/^unknown option frob/)
    })
  },
)

describe('options', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['simpleHandler()', { cors: 'https://a.example' }, 'taken'],
    ['simpleHandler()', { cors: 'http://localhost:5173' }, 'taken'],
    ['simpleHandler()', { cors: '*' }, 'taken'],
    ['simpleHandler()', { cors: 'null' }, 'taken'],
    ['simpleHandler()', { cors: 'chrome-extension://abcdef' }, 'taken'],
    ['simpleHandler()', { cors: 'https://a.example/' }, 'option cors must be'],
    ['simpleHandler()', { cors: 'https://A.example' }, 'option cors must be'],
    ['simpleHandler()', { cors: 'https://a.example:443' }, 'option cors must be'],
    ['simpleHandler()', { cors: 'https://a.example, https://b.example' }, 'option cors must be'],
    ['simpleHandler()', { cache: { maxEntries: 5, maxBytes: Infinity } }, 'taken'],
    ['simpleHandler()', { cache: { maxBytes: -1 } }, 'option cache.maxBytes must be'],
    ['simpleHandler()', { cache: { maxAge: 5 } }, 'option cache has no maxAge'],
    ['simpleHandler()', { headers: [['a', 'b']] }, 'taken'],
    ['simpleHandler()', { headers: new Map([['a', 'b']]) }, 'taken'],
    ['simpleHandler()', { headers: new Headers({ a: 'b' }) }, 'taken'],
    ['simpleHandler()', { headers: [['a', 'b', 'c']] }, 'option headers must have'],
    ['simpleHandler()', { headers: { 'a b': 'c' } }, 'option headers: Header name must be'],
    ['simpleHandler()', { maxage: '1h' }, 'taken'],
    ['simpleHandler()', { maxAge: 'soon' }, 'option maxAge must be'],
    ['simpleHandler()', { spa: 'a\\..\\..\\x' }, 'option spa must be'],
    ['simpleHandler()', { spa: 'app/index.html' }, 'taken'],
    ['simpleHandler()', { spa: true, index: false }, 'option spa needs a page'],
    ['simpleHandler()', { sendfilePrefix: '/x/' }, 'option sendfilePrefix needs option sendfile'],
    ['simpleHandler()', { precompressed: ['gzip', 'deflate'] }, 'option precompressed must be'],
    ['simpleHandler()', { trustProxy: 'nobody' }, 'option trustProxy: '],
    ['simpleHandler()', { log: true, logger: console }, 'option logger takes the place of'],
    ['cgiHandler()', { cgiDirectories: ['cgi-bin'] }, 'option cgiDirectories must be'],
    ['cgiHandler()', { cgiDirectories: ['/%00'] }, 'option cgiDirectories must be'],
    ['cgiHandler()', { directory: new URL('http://a/') }, 'option directory must be'],
    ['cgiHandler()', { interpreters: { py: 'python3' } }, 'option interpreters must map'],
    ['cgiHandler()', { interpreters: { '.py': [] } }, 'option interpreters must map'],
    ['cgiHandler()', { env: { 'A=B': 'c' } }, 'option env must have'],
    ['cgiHandler()', { env: { A: undefined } }, 'taken'],
    ['cgiHandler()', { script: '/none/at/all' }, 'option script: ENOENT'],
    ['cgiHandler()', { script: '.' }, 'option script must name a file'],
    ['HTTPServer', { proxyProtocol: true }, 'option proxyProtocol needs trustProxy'],
    ['HTTPServer', { certfile: 'c' }, 'unknown option certfile'],
    ['HTTPSServer', { certfile: 'c' }, 'taken'],
    ['HTTPSServer', { certfile: 'c', cert: 'd' }, 'option cert takes the place of'],
    ['HTTPSServer', { certfile: 'c', alpnProtocols: ['h2'] }, 'option alpnProtocols must not'],
    ['serve()', { address: ['', 70_000] }, 'option address: port must be'],
    ['serve()', { ServerClass: Date }, 'option ServerClass must be'],
    ['serve()', { strict: true }, "unknown option strict; the server's own are in option options"],
    ['a class of HTTPServer', { extraResponseHeaders: [['a', 1]] }, 'option extraResponseHeaders'],
    ['a class of HTTPServer', { cgiTimeout: undefined }, 'taken'],
  ])('of %s %j: %s', (of, options, expected) => {
    let outcome = 'taken'
    try {
      subjects[of]?.make(options)
    } catch (error) {
      outcome = error instanceof TypeError || error instanceof RangeError ? error.message : ''
    }
    expect(outcome.slice(0, expected.length)).toBe(expected)
  })
})

describe('fields of a class', () => {
  it('are left alone where they may depend on the request', () => {
    class Varying extends CGIHTTPRequestHandler {
      override log = false

      // @ts-expect-error an accessor, as JavaScript has it
      override get directory(): string {
        return (this as { headers: { get(name: string): string } }).headers.get('x-root')
      }
    }
    expect(() => new HTTPServer(['', 0], Varying)).not.toThrow()
  })

  it("are a subclass's own under any other name", () => {
    class Own extends BaseHTTPRequestHandler {
      override log = false
      readonly symlinks = 5
      readonly env = []
    }
    expect(() => new HTTPServer(['', 0], Own)).not.toThrow()
  })
})
