import { hostname } from 'node:os'
import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { inspect } from 'node:util'
import type { Address, HandlerServer } from '../../types/handler.ts'
import type { LogSink } from '../../types/logger.ts'
import type { Middleware } from '../../types/middleware.ts'
import type { HTTPServerOptions } from '../../types/server.ts'
import type { Exchange, WireOptions } from '../../types/wire.ts'
import type { HandlerClass } from '../handlers/base.ts'
import { isHandlerClass } from '../handlers/configure.ts'
import { clientAddressOf } from '../handlers/request.ts'
import { toSink } from '../log/sink.ts'
import { Connection } from '../wire/connection.ts'
import { toDispatch, type Dispatch } from './dispatch.ts'
import { listen, type Listener } from './listen.ts'
import { resolveServerOptions, type ResolvedServerOptions } from './options.ts'

/**
 * An HTTP server on its own sockets: it reads HTTP/1.x itself, so that a handler class answers with its very bytes.
 *
 * Requests are served concurrently. {@link HTTPServer.listen} binds; Python's constructor does.
 *
 * @example
 * ```ts
 * const server = await new HTTPServer(['127.0.0.1', 8000], SimpleHTTPRequestHandler).listen()
 * ```
 *
 * Python: `HTTPServer`
 */
export class HTTPServer implements HandlerServer {
  /** Connections the system keeps waiting for {@link HTTPServer.listen}'s socket. Python: `request_queue_size`, there 5 */
  requestQueueSize = 511
  /** Always so: a port can be bound again at once after a server on it has ended. Python: `allow_reuse_address` */
  readonly allowReuseAddress = true
  /** Whether {@link HTTPServer.serverClose} leaves requests under way to themselves. Python: `daemon_threads` */
  daemonThreads = false

  readonly #address: Address
  readonly #options: ResolvedServerOptions
  readonly #wire: WireOptions
  readonly #dispatch: Dispatch
  readonly #sink: LogSink | undefined
  readonly #connections = new Set<Connection>()
  readonly #stopped: Promise<void>
  #stop: () => void = () => undefined
  #listening: Promise<void> | undefined
  #listener: Listener | undefined
  #drained: (() => void) | undefined

  /**
   * @param address - host and port to listen on; host `''` is every address, IPv4 and IPv6, port 0 one that is free
   * @param handler - a request handler class, a middleware, or an Express or Connect app
   * @param options - see {@link HTTPServerOptions}; `strict` is also the handlers' default
   * @throws TypeError or RangeError naming a wrong argument or option
   */
  constructor(
    address: readonly [host: string, port: number],
    handler: HandlerClass | Middleware,
    options: HTTPServerOptions = {},
  ) {
    checkAddress(address)
    this.#address = [address[0], address[1]]
    this.#options = resolveServerOptions(options)
    const log = options.log ?? isHandlerClass(handler)
    this.#sink = toSink(log)
    this.#dispatch = toDispatch(handler, this, {
      ...(isHandlerClass(handler) && options.log === undefined ? {} : { log }),
      ...(options.strict === undefined ? {} : { strict: options.strict }),
    })
    this.#wire = withHandlerTimeout(this.#options.wire, handler)
    this.#stopped = new Promise((resolve) => {
      this.#stop = resolve
    })
  }

  /** Host and port listened on, or to be listened on. Python: `server_address` */
  get serverAddress(): Address {
    return this.#listener?.address ?? this.#address
  }

  /** The name clients are told: the host given, or this machine's. No name server is asked. Python: `server_name` */
  get serverName(): string {
    const [host] = this.#address
    return host === '' || host === '0.0.0.0' || host === '::' ? hostname() : host
  }

  /** The port listened on. Python: `server_port` */
  get serverPort(): number {
    return this.serverAddress[1]
  }

  /** `IPv4` or `IPv6`, a dual-stack socket's; `''` before {@link HTTPServer.listen}. Python: `address_family` */
  get addressFamily(): string {
    return this.#listener?.family ?? ''
  }

  /**
   * Binds and starts serving.
   *
   * @returns this server, when clients can connect
   * @throws the system's error as a rejection: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, `ENOTFOUND`
   *
   * Python: `server_bind` and `server_activate`
   */
  async listen(): Promise<this> {
    this.#listening ??= this.#listen()
    await this.#listening
    return this
  }

  async #listen(): Promise<void> {
    const [host, port] = this.#address
    this.#listener = await listen({
      host,
      port,
      backlog: this.requestQueueSize,
      maxConnections: this.#options.maxConnections,
      onConnection: (socket) => {
        this.#accept(socket)
      },
    })
  }

  /**
   * Serves until {@link HTTPServer.shutdown} or {@link HTTPServer.serverClose}; listens first if need be.
   *
   * Python: `serve_forever`
   */
  async serveForever(): Promise<void> {
    await this.listen()
    await this.#stopped
  }

  /**
   * Stops accepting, closes idle connections and waits for responses under way, at most `drainTimeout`; what is then
   * left is cut off.
   *
   * Python: `shutdown`
   */
  async shutdown(): Promise<void> {
    this.#closeListener()
    await this.#drain(this.#options.drainTimeout)
    this.#stop()
  }

  /**
   * Stops listening. Waits for responses under way unless {@link HTTPServer.daemonThreads} says to leave them.
   *
   * Python: `server_close`
   */
  async serverClose(): Promise<void> {
    this.#closeListener()
    if (!this.daemonThreads) await this.#drain(this.#options.drainTimeout)
    this.#stop()
  }

  /** Cuts off every connection at once. */
  closeAllConnections(): void {
    for (const connection of this.#connections) connection.destroy()
  }

  /** As {@link HTTPServer.shutdown}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown()
  }

  /**
   * Whether to serve a connection just accepted; override it to refuse some.
   *
   * Python: `verify_request`
   */
  verifyRequest(_request: Socket, _clientAddress: Address): boolean {
    return true
  }

  /**
   * Told of what a handler threw, and logs it with its stack. Nothing of it goes to the client.
   *
   * Python: `handle_error`
   */
  handleError(_request: IncomingMessage, clientAddress: Address, error: unknown): void {
    const [host, port] = clientAddress
    const rule = '-'.repeat(40)
    this.#sink?.write(
      `${rule}\nException occurred during processing of request from ('${host}', ${port})\n${inspect(error)}\n${rule}\n`,
    )
  }

  /** Called when `serveForever()` has waited in vain; Node's event loop never does. Python: `handle_timeout` */
  handleTimeout(): void {
    // As in socketserver, for subclasses to override.
  }

  #accept(socket: Socket): void {
    const clientAddress: Address = [socket.remoteAddress ?? '', socket.remotePort ?? 0]
    if (!this.verifyRequest(socket, clientAddress)) {
      socket.destroy()
      return
    }
    const connection = new Connection(socket, this.#host, this.#wire)
    this.#connections.add(connection)
    socket.once('close', () => {
      this.#connections.delete(connection)
      if (this.#connections.size === 0) this.#drained?.()
    })
  }

  readonly #host = {
    dispatch: (exchange: Exchange): void => {
      try {
        this.#dispatch(exchange)
      } catch (error) {
        // A handler class's constructor threw.
        this.handleError(exchange.request, clientAddressOf(exchange.request), error)
        exchange.response.destroy()
      }
    },
  }

  #closeListener(): void {
    this.#listener?.close()
  }

  async #drain(milliseconds: number): Promise<void> {
    for (const connection of this.#connections) connection.close()
    if (this.#connections.size === 0) return
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(() => {
        this.closeAllConnections()
      }, milliseconds)
      this.#drained = () => {
        clearTimeout(deadline)
        resolve()
      }
    })
  }
}

/**
 * An {@link HTTPServer} whose {@link HTTPServer.serverClose} does not wait for requests under way.
 *
 * Python: `ThreadingHTTPServer`
 */
export class ThreadingHTTPServer extends HTTPServer {
  override daemonThreads = true
}

function checkAddress(address: readonly unknown[]): void {
  const [host, port] = Array.isArray(address) ? (address as unknown[]) : []
  if (typeof host !== 'string') throw new TypeError('address must be [host, port]')
  if (typeof port !== 'number' || !Number.isInteger(port)) {
    throw new TypeError('address must be [host, port], port a whole number')
  }
  if (port < 0 || port > 65_535) throw new RangeError('port must be from 0 to 65535')
}

/** A handler class's own `timeout` stands for the server's waiting times, as http.server's does. */
function withHandlerTimeout(wire: WireOptions, handler: HandlerClass | Middleware): WireOptions {
  if (!isHandlerClass(handler)) return wire
  // A handler's constructor does no work, so one without a connection tells the class's fields.
  const request = new IncomingMessage(undefined as unknown as Socket)
  const { timeout } = new handler(request, new ServerResponse(request))
  if (timeout === undefined) return wire
  return {
    ...wire,
    firstByteTimeout: timeout,
    headTimeout: timeout,
    keepAliveTimeout: timeout,
    bodyIdleTimeout: timeout,
  }
}
