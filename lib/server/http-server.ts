import { hostname } from 'node:os'
import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Address, HandlerServer } from '../../types/handler.ts'
import type { LogFormat, LogSink } from '../../types/logger.ts'
import type { Middleware } from '../../types/middleware.ts'
import type { HTTPServerOptions, ListenAddress } from '../../types/server.ts'
import type { WireOptions } from '../../types/wire.ts'
import type { HandlerClass } from '../handlers/base.ts'
import { configure, isHandlerClass } from '../handlers/configure.ts'
import { resolveLog } from '../handlers/log-options.ts'
import { checkFields, probe } from '../handlers/probe.ts'
import { clientAddressOf } from '../handlers/request.ts'
import { reportTo } from '../handlers/run-handler.ts'
import { unmapped } from '../http/address.ts'
import { isThenable } from '../http/thenable.ts'
import { compileTrust, type Trust } from '../http/trust.ts'
import { logFailure } from '../log/failure.ts'
import { toSink } from '../log/sink.ts'
import { Connection, type ConnectionHost } from '../wire/connection.ts'
import { checkAddress } from './address.ts'
import { Silent } from './connections.ts'
import { seeOff } from './departure.ts'
import { handlerFields, toDispatch, type Dispatch } from './dispatch.ts'
import { withHealth } from './health.ts'
import { Lifecycle } from './lifecycle.ts'
import { listen, type Listener } from './listen.ts'
import { resolveServerOptions, type ResolvedServerOptions } from './options.ts'
import { readProxyHeader } from './proxy-protocol.ts'

// Set by the class, whose private members they reach: public ones would be in the way of a subclass's of the same name.

/** Limits and timers of a server's connections. */
export let wireOf: (server: HTTPServer) => WireOptions
/** A server's way from listening to its end. */
export let lifecycleOf: (server: HTTPServer) => Lifecycle
/** Reads HTTP/1.x from a socket for a server; `dispatch` answers in place of its handler. */
export let serveHttp: (server: HTTPServer, socket: Socket, dispatch?: Dispatch) => Connection
/** Puts something before a server. */
export let setFront: (server: HTTPServer, front: Front) => void

/** What takes a server's connections before HTTP is read from them: TLS. */
export interface Front {
  /** What there is to do before the server listens. */
  prepare(): Promise<void>
  /** Takes over a connection just accepted. */
  accept(socket: Socket): void
}

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

  readonly #options: ResolvedServerOptions
  readonly #host: ConnectionHost
  readonly #routes: boolean
  readonly #sink: LogSink | undefined
  readonly #logFormat: LogFormat
  readonly #proxies: Trust | undefined
  readonly #wire: WireOptions
  readonly #lifecycle: Lifecycle
  #front: Front | undefined

  static {
    wireOf = (server) => server.#wire
    lifecycleOf = (server) => server.#lifecycle
    serveHttp = (server, socket, dispatch) => server.#serveHttp(socket, dispatch)
    setFront = (server, front) => {
      server.#front = front
    }
  }

  /**
   * @param address - host and port to listen on; host `''` is every address, IPv4 and IPv6, port 0 one that is free.
   * Or a Unix socket, or sockets inherited
   * @param handler - a request handler class, a middleware, or an Express or Connect app. Of a class one instance is
   * made here, for a request without a connection, to read its fields
   * @param options - see {@link HTTPServerOptions}; `strict` is the handlers' too, and without it a handler class's own
   * counts for the server
   * @throws TypeError or RangeError naming a wrong argument or option, or a wrong field of a handler class
   */
  constructor(
    address: ListenAddress,
    handler: HandlerClass | Middleware,
    options: HTTPServerOptions = {},
  ) {
    const checked = checkAddress(address)
    this.#options = resolveServerOptions(options)
    this.#lifecycle = new Lifecycle(checked, this.#options)
    const { log, logFormat = 'python' } = resolveLog(options, isHandlerClass(handler))
    this.#sink = toSink(log)
    this.#logFormat = logFormat
    this.#proxies =
      options.proxyProtocol === true ? compileTrust(options.trustProxy ?? false) : undefined
    const fields = handlerFields(handler, options)
    this.#wire = isHandlerClass(handler)
      ? withFieldsOf(configure(handler, fields), this.#options.wire)
      : this.#options.wire
    const dispatch = toDispatch(handler, this, fields)
    this.#routes = !isHandlerClass(handler)
    const { healthPath } = this.#options
    this.#host = this.#guard(
      healthPath === undefined ? dispatch : withHealth(dispatch, healthPath, this.#lifecycle),
    )
  }

  /**
   * Host and port listened on, or to be listened on; of a Unix socket its path, and 0. Python: `server_address`
   */
  get serverAddress(): Address {
    const { address, listener } = this.#lifecycle
    if (listener !== undefined) return listener.address
    if ('path' in address) return [address.path, 0]
    return 'fds' in address ? ['', 0] : [address[0], address[1]]
  }

  /** The name clients are told: the host given, or this machine's. No name server is asked. Python: `server_name` */
  get serverName(): string {
    const { address } = this.#lifecycle
    const host = 'path' in address || 'fds' in address ? '' : address[0]
    return host === '' || host === '0.0.0.0' || host === '::' ? hostname() : host
  }

  /** The port listened on; a Unix socket's is that of the scheme. Python: `server_port` */
  get serverPort(): number {
    const [, port] = this.serverAddress
    if (port !== 0 || this.addressFamily !== 'Unix') return port
    return this.scheme === 'https' ? 443 : 80
  }

  /** What its URLs start with. */
  // A subclass says otherwise; a field of it would not be there yet when this class's constructor looks.
  // eslint-disable-next-line @typescript-eslint/class-literal-property-style
  get scheme(): 'http' | 'https' {
    return 'http'
  }

  /** Whether it is to stop: {@link HTTPServer.shutdown} or {@link HTTPServer.serverClose} was called. */
  get draining(): boolean {
    return this.#lifecycle.draining
  }

  /** `IPv4`, `IPv6` (a dual-stack socket's, too) or `Unix`; `''` before {@link HTTPServer.listen}. Python: `address_family` */
  get addressFamily(): string {
    return this.#lifecycle.listener?.family ?? ''
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
    await this.#lifecycle.start(() => this.#listen())
    return this
  }

  async #listen(): Promise<Listener> {
    await this.#front?.prepare()
    return listen({
      address: this.#lifecycle.address,
      backlog: this.requestQueueSize,
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
    await this.#lifecycle.stopped
  }

  /**
   * Stops accepting, closes idle connections and waits for responses under way, at most `drainTimeout`; what is then
   * left is cut off. `drainDelay` goes by first.
   *
   * Python: `shutdown`
   */
  shutdown(): Promise<void> {
    return this.#lifecycle.shutdown()
  }

  /**
   * Stops listening. Waits for responses under way unless {@link HTTPServer.daemonThreads} says to leave them.
   *
   * Python: `server_close`
   */
  serverClose(): Promise<void> {
    return this.daemonThreads ? this.#lifecycle.abandon() : this.shutdown()
  }

  /** Cuts off every connection at once, and whatever a shutdown waits for. */
  closeAllConnections(): void {
    this.#lifecycle.cutOff()
  }

  /** As {@link HTTPServer.shutdown}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown()
  }

  /**
   * Whether to serve a connection just accepted; override it to refuse some. A connection waits for a promise's answer;
   * a failure refuses.
   *
   * Python: `verify_request`
   */
  verifyRequest(_request: Socket, _clientAddress: Address): boolean | Promise<boolean> {
    return true
  }

  /**
   * Told of what a handler threw, and logs it with its stack. Nothing of it goes to the client.
   *
   * Python: `handle_error`
   */
  handleError(
    _request: IncomingMessage,
    clientAddress: Address,
    error: unknown,
  ): void | Promise<void> {
    if (this.#sink !== undefined) logFailure(this.#sink, this.#logFormat, clientAddress, error)
  }

  /** Called when `serveForever()` has waited in vain; Node's event loop never does. Python: `handle_timeout` */
  handleTimeout(): void {
    // As in socketserver, for subclasses to override.
  }

  #accept(socket: Socket): void {
    const { connections } = this.#lifecycle
    const { maxConnections } = this.#options
    // Not by net.Server's own limit: in a worker that one hands the connection back, again and again.
    if (maxConnections !== undefined && connections.size >= maxConnections) {
      socket.destroy()
      return
    }
    const { firstByteTimeout } = this.#wire
    if (this.#proxies?.(unmapped(socket.remoteAddress ?? '')) !== true) {
      this.#admit(socket)
      return
    }
    connections.add(socket, new Silent(socket))
    readProxyHeader(socket, firstByteTimeout, () => {
      this.#admit(socket)
    })
  }

  #admit(socket: Socket): void {
    const clientAddress: Address = [socket.remoteAddress ?? '', socket.remotePort ?? 0]
    // A subclass's check that fails refuses, and ends no server.
    const refuse = (error: unknown): void => {
      socket.destroy()
      reportTo(this, new IncomingMessage(socket), clientAddress, error)
    }
    const decide = (good: boolean): void => {
      if (!good) socket.destroy()
      else if (!socket.destroyed) this.#serve(socket)
    }
    try {
      const verdict = this.verifyRequest(socket, clientAddress)
      if (!isThenable(verdict)) {
        decide(verdict)
        return
      }
      this.#lifecycle.connections.add(socket, new Silent(socket))
      // A client that leaves meanwhile is no fault.
      socket.on('error', ignore)
      verdict.then((good) => {
        socket.off('error', ignore)
        decide(good)
      }, refuse)
    } catch (error) {
      refuse(error)
    }
  }

  #serve(socket: Socket): void {
    if (this.#front !== undefined) this.#front.accept(socket)
    else this.#lifecycle.connections.add(socket, this.#serveHttp(socket))
  }

  #serveHttp(socket: Socket, dispatch?: Dispatch): Connection {
    const host = dispatch === undefined ? this.#host : this.#guard(dispatch)
    return new Connection(socket, host, this.#wire)
  }

  #guard(dispatch: Dispatch): ConnectionHost {
    return {
      routes: this.#routes,
      ...(this.#routes ? { depart: seeOff } : {}),
      dispatch: (exchange) => {
        try {
          dispatch(exchange)
        } catch (error) {
          // A handler class's constructor threw.
          reportTo(this, exchange.request, clientAddressOf(exchange.request), error)
          exchange.response.destroy()
        }
      },
    }
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

// --- Internal ---

function ignore(): void {
  // Whoever serves the socket has a listener of its own.
}

/**
 * What a handler class says of the wire by its own fields: its `timeout` stands for the server's waiting times, as
 * http.server's does, and `strict` is the server's too unless the option says otherwise.
 */
function withFieldsOf(Handler: HandlerClass, wire: WireOptions): WireOptions {
  const handler = probe(Handler)
  checkFields(handler)
  const { timeout, strict } = handler
  const own = { ...wire, strict }
  if (timeout === undefined) return own
  return {
    ...own,
    firstByteTimeout: timeout,
    headTimeout: timeout,
    keepAliveTimeout: timeout,
    bodyIdleTimeout: timeout,
  }
}
