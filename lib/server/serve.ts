import type { Writable } from 'node:stream'
import type { LogSink } from '../../types/logger.ts'
import type { Middleware } from '../../types/middleware.ts'
import type {
  HTTPServerOptions,
  HTTPSServerOptions,
  ListenAddress,
  TlsOptions,
} from '../../types/server.ts'
import { BaseHTTPRequestHandler, type HandlerClass } from '../handlers/base.ts'
import { configure, isHandlerClass } from '../handlers/configure.ts'
import { stderrSink } from '../log/sink.ts'
import type * as Cluster from './cluster.ts'
import { ThreadingHTTPServer, type HTTPServer } from './http-server.ts'
import { ThreadingHTTPSServer } from './https-server.ts'
import { run, type RunOptions, type ServeResult } from './run.ts'
import { checkServeOptions } from './serve-options.ts'
import { ServerRun } from './server-run.ts'
import type { SignalSource } from './signals.ts'

/** Options of {@link serve}. */
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

/**
 * Serves until `SIGINT` or `SIGTERM`, as the command does: prints
 * `Serving HTTP on HOST port PORT (http://HOST:PORT/) ...` when clients can connect.
 *
 * At a signal, responses under way are finished first, for at most `drainTimeout`; a second one cuts them off. `SIGHUP`
 * takes up a renewed certificate and replaces workers one by one; with neither it ends the process. `SIGUSR1` opens log
 * files again.
 *
 * @param Handler - a handler class, a middleware or an app
 * @param options - see {@link ServeOptions}
 * @returns how it came to its end, when the server has stopped
 * @throws TypeError or RangeError naming a wrong option, and what `HTTPServer` and its `listen()` throw, as a rejection
 *
 * Python: `http.server.test`
 */
export async function serve(
  Handler: HandlerClass | Middleware = BaseHTTPRequestHandler,
  options: ServeOptions = {},
): Promise<ServeResult> {
  checkServeOptions(options)
  const { workers, stderr = stderrSink } = options
  const log = options.options?.log
  const surroundings: RunOptions = {
    stdout: options.stdout ?? process.stdout,
    stderr,
    signals: options.signals ?? process,
    pidFile: options.pidFile,
    onListening: options.onListening,
  }
  if (workers !== undefined) {
    // Few serve by several processes. An import() would take a turn.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const cluster = require('./cluster') as typeof Cluster
    const make: Cluster.MakeServer = (renewed) => makeServer(Handler, options, renewed)
    return cluster.serveByWorkers(workers, { make, tls: options.tls, log }, surroundings)
  }
  return run(new ServerRun(makeServer(Handler, options), log), surroundings)
}

// --- Internal ---

function makeServer(
  Handler: HandlerClass | Middleware,
  options: ServeOptions,
  renewed: Cluster.WorkerSettings = {},
): HTTPServer {
  const { protocol, port = 8000, bind = '' } = options
  const tls = renewed.tls ?? options.tls
  const { ServerClass = tls === undefined ? ThreadingHTTPServer : ThreadingHTTPSServer } = options
  const handler =
    isHandlerClass(Handler) && protocol !== undefined
      ? configure(Handler, { protocolVersion: protocol })
      : Handler
  const inherited = renewed.fds === undefined ? options.address : { fds: renewed.fds }
  const address = inherited ?? [bind, renewed.port ?? port]
  return new ServerClass(address, handler, { ...options.options, ...tls })
}
