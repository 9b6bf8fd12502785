import type { Writable } from 'node:stream'
import type { LogSink } from '../../types/logger.ts'
import type { Middleware } from '../../types/middleware.ts'
import type {
  HTTPServerOptions,
  HTTPSServerOptions,
  ListenAddress,
  TlsOptions,
} from '../../types/server.ts'
import type { HandlerClass } from '../handlers/base.ts'
import { checkCount } from '../handlers/options.ts'
import type { HTTPServer } from './http-server.ts'
import type { SignalSource } from './signals.ts'

/** Options of `serve()`. */
export interface ServeOptions {
  /** Class of the server. @defaultValue {@link ThreadingHTTPServer}, with {@link ServeOptions.tls} {@link ThreadingHTTPSServer} */
  ServerClass?: new (
    address: ListenAddress,
    handler: HandlerClass | Middleware,
    options: HTTPSServerOptions,
  ) => HTTPServer
  /** The handler's `protocolVersion`, `'HTTP/1.0'` or `'HTTP/1.1'`. @defaultValue the class's own; Python sets `HTTP/1.0` */
  protocol?: string
  /** Port to listen on; 0 lets the system choose. @defaultValue `8000` */
  port?: number
  /** Address to listen on. @defaultValue every address, IPv4 and IPv6 */
  bind?: string | undefined
  /** A Unix socket, or sockets inherited, in place of {@link ServeOptions.port} and {@link ServeOptions.bind}. */
  address?: ListenAddress | undefined
  /** The server's own options. */
  options?: HTTPServerOptions
  /** Serves over TLS, with these options. `SIGHUP` reads certificate and key again. */
  tls?: TlsOptions | undefined
  /**
   * How many processes serve, each in a process of its own that runs the program anew. What a worker does differently
   * from the first process, it does within this function: everything before its call is done by every one of them.
   *
   * @defaultValue none: this process serves
   */
  workers?: number | undefined
  /** A file that holds the number of the process to signal as long as it serves. */
  pidFile?: string | undefined
  /** Where the first and the last line go. @defaultValue `process.stdout` */
  stdout?: Pick<Writable, 'write'>
  /** Where lines on reloads and workers go. @defaultValue standard error */
  stderr?: LogSink
  /** Called with the server's URL when clients can connect; of a Unix socket it is `unix:` and its path. */
  onListening?: (url: string) => void
  /** What emits `SIGINT`, `SIGTERM`, `SIGHUP` and `SIGUSR1`. @defaultValue `process` */
  signals?: SignalSource
}

// As a record, so that none can be forgotten.
const known: Readonly<Record<keyof ServeOptions, true>> = {
  ServerClass: true,
  protocol: true,
  port: true,
  bind: true,
  address: true,
  options: true,
  tls: true,
  workers: true,
  pidFile: true,
  stdout: true,
  stderr: true,
  onListening: true,
  signals: true,
}

/**
 * Checks the options of `serve()`; `port`, `bind`, `address`, `options` and `tls` are also looked at by the server itself.
 *
 * @throws TypeError or RangeError naming the option
 */
export function checkServeOptions(options: unknown): void {
  checkObject('options', options)
  for (const name of Object.keys(options)) {
    // Those of the server are easily taken for these.
    if (!Object.hasOwn(known, name)) {
      throw new TypeError(`unknown option ${name}; the server's own are in option options`)
    }
  }
  const given: { readonly [K in keyof ServeOptions]: unknown } = options
  checkFunction('ServerClass', given.ServerClass)
  checkFunction('onListening', given.onListening)
  checkProtocol(given.protocol)
  checkPort(given.port)
  checkText('bind', given.bind)
  checkText('pidFile', given.pidFile)
  if (given.options !== undefined) checkObject('option options', given.options)
  if (given.tls !== undefined) checkObject('option tls', given.tls)
  checkCount('workers', given.workers, 1)
  if (given.workers === Infinity) throw new RangeError('option workers must be finite')
  checkMethods('stdout', given.stdout, ['write'])
  checkMethods('stderr', given.stderr, ['write'])
  checkMethods('signals', given.signals, ['on', 'off'])
}

// --- Internal ---

function checkObject(name: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${name} must be an object`)
}

function checkFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') {
    throw new TypeError(`option ${name} must be a ${name === 'ServerClass' ? 'class' : 'function'}`)
  }
}

function checkText(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'string') {
    throw new TypeError(`option ${name} must be a string`)
  }
}

function checkProtocol(value: unknown): void {
  checkText('protocol', value)
  if (value !== undefined && value !== 'HTTP/1.0' && value !== 'HTTP/1.1') {
    throw new RangeError("option protocol must be 'HTTP/1.0' or 'HTTP/1.1'")
  }
}

function checkPort(value: unknown): void {
  checkCount('port', value)
  if (Number(value ?? 0) > 65_535) throw new RangeError('option port must be from 0 to 65535')
}

function checkMethods(name: string, value: unknown, methods: readonly string[]): void {
  if (value === undefined) return
  const object: Readonly<Record<string, unknown>> = Object(value) as Record<string, unknown>
  if (!methods.every((method) => typeof object[method] === 'function')) {
    throw new TypeError(`option ${name} must have ${methods.map((it) => `${it}()`).join(' and ')}`)
  }
}
