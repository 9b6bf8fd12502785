import type { Middleware } from '../../types/middleware.ts'
import { BaseHTTPRequestHandler, type HandlerClass } from '../handlers/base.ts'
import { configure, isHandlerClass } from '../handlers/configure.ts'
import { stderrSink } from '../log/sink.ts'
import type * as Cluster from './cluster.ts'
import { ThreadingHTTPServer, type HTTPServer } from './http-server.ts'
import type * as Https from './https-server.ts'
import { runInForeground, type RunOptions, type ServeResult } from './foreground.ts'
import { checkServeOptions, type ServeOptions } from './serve-options.ts'
import { ServerRun } from './server-run.ts'
import type { WorkerSettings } from './worker.ts'

/**
 * Serves until `SIGINT` or `SIGTERM`, as the command does: prints
 * `Serving HTTP on HOST port PORT (http://HOST:PORT/) ...` when clients can connect.
 *
 * At a signal, responses under way are finished first, for at most `drainTimeout`; a second one cuts them off. `SIGHUP`
 * takes up a renewed certificate and replaces workers one by one; with neither it ends a process whose standard streams
 * are on a terminal, as this is then closed. `SIGUSR1` opens log files again.
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
    const make = (renewed?: WorkerSettings) => makeServer(Handler, options, renewed)
    return cluster.serveByWorkers(workers, { make, tls: options.tls, log }, surroundings)
  }
  return runInForeground(new ServerRun(makeServer(Handler, options), log), surroundings)
}

// --- Internal ---

function makeServer(
  Handler: HandlerClass | Middleware,
  options: ServeOptions,
  renewed: WorkerSettings = {},
): HTTPServer {
  const { protocol, port = 8000, bind = '' } = options
  const tls = renewed.tls ?? options.tls
  const { ServerClass = tls === undefined ? ThreadingHTTPServer : httpsServer() } = options
  const handler =
    isHandlerClass(Handler) && protocol !== undefined
      ? configure(Handler, { protocolVersion: protocol })
      : Handler
  const inherited = renewed.fds === undefined ? options.address : { fds: renewed.fds }
  const address = inherited ?? [bind, renewed.port ?? port]
  return new ServerClass(address, handler, { ...options.options, ...tls })
}

/** As workers are: what most do not use is not loaded at start. */
function httpsServer(): typeof Https.ThreadingHTTPSServer {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { ThreadingHTTPSServer } = require('./https-server') as typeof Https
  return ThreadingHTTPSServer
}
