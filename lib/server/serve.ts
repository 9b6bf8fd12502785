import type { Writable } from 'node:stream'
import type { Middleware } from '../../types/middleware.ts'
import type { HTTPServerOptions } from '../../types/server.ts'
import { BaseHTTPRequestHandler, type HandlerClass } from '../handlers/base.ts'
import { configure, isHandlerClass } from '../handlers/configure.ts'
import { ThreadingHTTPServer, type HTTPServer } from './http-server.ts'
import { untilSignal, type SignalSource } from './signals.ts'

/** Options of {@link serve}. */
export interface ServeOptions {
  /** Class of the server. @defaultValue {@link ThreadingHTTPServer} */
  ServerClass?: new (
    address: readonly [string, number],
    handler: HandlerClass | Middleware,
    options?: HTTPServerOptions,
  ) => HTTPServer
  /** The handler's `protocolVersion`. @defaultValue `'HTTP/1.0'` */
  protocol?: string
  /** Port to listen on; 0 lets the system choose. @defaultValue `8000` */
  port?: number
  /** Address to listen on. @defaultValue every address, IPv4 and IPv6 */
  bind?: string | undefined
  /** The server's own options. */
  options?: HTTPServerOptions
  /** Where the first and the last line go. @defaultValue `process.stdout` */
  stdout?: Pick<Writable, 'write'>
  /** Called with the server's URL when clients can connect. */
  onListening?: (url: string) => void
  /** What emits `SIGINT` and `SIGTERM`. @defaultValue `process` */
  signals?: SignalSource
}

/**
 * Serves until `SIGINT` or `SIGTERM`, as the command does: prints
 * `Serving HTTP on HOST port PORT (http://HOST:PORT/) ...` when clients can connect.
 *
 * At a signal, responses under way are finished first; a second one cuts them off.
 *
 * @param Handler - a handler class, a middleware or an app
 * @param options - see {@link ServeOptions}
 * @returns a promise that resolves when the server has stopped
 * @throws what `HTTPServer` and its `listen()` throw, as a rejection
 *
 * Python: `http.server.test`
 */
export async function serve(
  Handler: HandlerClass | Middleware = BaseHTTPRequestHandler,
  options: ServeOptions = {},
): Promise<void> {
  const {
    ServerClass = ThreadingHTTPServer,
    protocol = 'HTTP/1.0',
    port = 8000,
    bind = '',
    stdout = process.stdout,
    signals = process,
  } = options
  const handler = isHandlerClass(Handler)
    ? configure(Handler, { protocolVersion: protocol })
    : Handler
  outliveReader(stdout)
  const server = new ServerClass([bind, port], handler, options.options)
  // Before the first line: whoever reads it may already stop the server.
  const signalled = untilSignal(signals)
  await server.listen()
  const [host, number] = server.serverAddress
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${number}/`
  stdout.write(`Serving HTTP on ${host} port ${number} (${url}) ...\n`)
  options.onListening?.(url)
  const signal = await signalled
  if (signal === 'SIGINT') stdout.write('\nKeyboard interrupt received, exiting.\n')
  const stopped = server.shutdown()
  void untilSignal(signals).then(() => {
    server.closeAllConnections()
  })
  await stopped
}

// --- Internal ---

const outlived = new WeakSet<object>()

/** Whoever reads the first line (`| head -1`) may be gone before the last: that is no reason to end. */
function outliveReader(stream: Pick<Writable, 'write'> | Writable): void {
  if (!('on' in stream) || outlived.has(stream)) return
  outlived.add(stream)
  stream.on('error', () => {
    // The line is lost.
  })
}
