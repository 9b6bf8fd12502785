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
import {
  checkCount,
  checkFunction,
  checkKnown,
  checkOptions,
  checkPath,
  checkString,
  isRecord,
} from '../handlers/check.ts'
import { reasonOf } from '../http/error.ts'
import { checkAddress } from './address.ts'
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
  /** A Unix socket, or sockets inherited, in place of {@link ServeOptions.port} and {@link ServeOptions.bind}. @defaultValue none */
  address?: ListenAddress | undefined
  /** The server's own options. @defaultValue `{}` */
  options?: HTTPServerOptions
  /** Serves over TLS, with these options. `SIGHUP` reads certificate and key again. @defaultValue none: plain HTTP */
  tls?: TlsOptions | undefined
  /**
   * How many processes serve, each in a process of its own that runs the program anew. What a worker does differently
   * from the first process, it does within this function: everything before its call is done by every one of them.
   *
   * @defaultValue none: this process serves
   */
  workers?: number | undefined
  /** A file that holds the number of the process to signal as long as it serves. @defaultValue none */
  pidFile?: string | undefined
  /** Where the first and the last line go. @defaultValue `process.stdout` */
  stdout?: Pick<Writable, 'write'>
  /** Where lines on reloads and workers go. @defaultValue standard error */
  stderr?: LogSink
  /** Called with the server's URL when clients can connect; of a Unix socket it is `unix:` and its path. @defaultValue none */
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
 * Checks the options of `serve()`; those in `options` and `tls` are checked by the server itself.
 *
 * @throws TypeError or RangeError naming the option
 */
export function checkServeOptions(options: unknown): void {
  checkOptions(options)
  // Those of the server are easily taken for these.
  checkKnown(options, known, "; the server's own are in option options")
  const given: { readonly [K in keyof ServeOptions]: unknown } = options
  checkServerClass(given.ServerClass)
  checkFunction('onListening', given.onListening)
  checkProtocol(given.protocol)
  checkCount('port', given.port, 0, 65_535)
  checkString('bind', given.bind)
  checkPath('pidFile', given.pidFile)
  checkListenAddress(given.address)
  checkRecord('options', given.options)
  checkRecord('tls', given.tls)
  checkCount('workers', given.workers, 1, Number.MAX_SAFE_INTEGER)
  checkMethods('stdout', given.stdout, ['write'])
  checkMethods('stderr', given.stderr, ['write'])
  checkMethods('signals', given.signals, ['on', 'off'])
}

// --- Internal ---

function checkRecord(name: string, value: unknown): void {
  if (value !== undefined && !isRecord(value)) {
    throw new TypeError(`option ${name} must be an object`)
  }
}

function checkProtocol(value: unknown): void {
  checkString('protocol', value)
  if (value !== undefined && value !== 'HTTP/1.0' && value !== 'HTTP/1.1') {
    throw new RangeError("option protocol must be 'HTTP/1.0' or 'HTTP/1.1'")
  }
}

/** Refuses functions that are no classes, too. */
function checkServerClass(value: unknown): void {
  if (value === undefined) return
  const prototype: unknown = typeof value === 'function' ? value.prototype : undefined
  if (!hasMethods(prototype, ['listen', 'shutdown'])) {
    throw new TypeError('option ServerClass must be a class of servers')
  }
}

function checkListenAddress(value: unknown): void {
  if (value === undefined) return
  try {
    checkAddress(value)
  } catch (error) {
    const message = `option address: ${reasonOf(error)}`
    throw error instanceof RangeError
      ? new RangeError(message, { cause: error })
      : new TypeError(message, { cause: error })
  }
}

function checkMethods(name: string, value: unknown, methods: readonly string[]): void {
  if (value !== undefined && !hasMethods(value, methods)) {
    throw new TypeError(`option ${name} must have ${methods.map((it) => `${it}()`).join(' and ')}`)
  }
}

function hasMethods(value: unknown, methods: readonly string[]): boolean {
  const object = Object(value) as Readonly<Record<string, unknown>>
  return methods.every((method) => typeof object[method] === 'function')
}
