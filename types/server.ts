import type { LogFormat, Logger, LogOption } from './logger.ts'
import type { ProxyOptions } from './proxy.ts'
import type { WireOptions } from './wire.ts'

/**
 * Options of `HTTPServer`. Limits and timers are those of {@link WireOptions}: sizes in bytes, durations in
 * milliseconds, 0 switches a timer off.
 */
export interface HTTPServerOptions extends Partial<WireOptions>, ProxyOptions {
  /**
   * Where log lines go: those of the handlers, and of what no handler saw.
   *
   * @defaultValue `true` (standard error) for a handler class, `false` for a middleware or an app
   */
  log?: LogOption
  /** How requests are logged. @defaultValue `'python'`: as http.server does */
  logFormat?: LogFormat
  /** A logger such as pino or console that gets the lines, in place of `log`. @defaultValue none */
  logger?: Logger
  /**
   * Whether connections of the peers in `trustProxy` start with a header of the PROXY protocol, version 1 or 2, before
   * anything else, TLS included; one without is dropped. It tells of the connection what a TCP proxy knows: the client's
   * address, the one it has connected to, and whether it speaks TLS. Connections of others are served as they are.
   *
   * @defaultValue `false`
   */
  proxyProtocol?: boolean
  /**
   * Most connections at a time, in each worker; a further one is closed at once.
   *
   * @defaultValue no limit
   */
  maxConnections?: number
  /**
   * Milliseconds that `shutdown()` waits for responses under way before it cuts them off.
   *
   * @defaultValue `10_000`
   */
  drainTimeout?: number
  /**
   * Milliseconds that `shutdown()` goes on serving before it stops accepting, `healthPath` answering 503: time for
   * a load balancer to look elsewhere.
   *
   * @defaultValue `0`
   */
  drainDelay?: number
  /**
   * A path, exactly as it stands in the request, that is answered with 200 while the server serves and 503 once it is
   * to stop, for GET and HEAD, before any handler and without a log line.
   *
   * @defaultValue none
   */
  healthPath?: string
}

/** Options of `HTTPSServer` on top of {@link HTTPServerOptions}. Files are read at `listen()`. */
export interface TlsOptions {
  /** File with the certificate chain in PEM, the server's own first. @defaultValue none. Python: `certfile` */
  certfile?: string
  /** File with the private key in PEM. @defaultValue {@link TlsOptions.certfile} holds it too. Python: `keyfile` */
  keyfile?: string
  /** Decrypts the key; a function is called at each reading. @defaultValue none. Python: `password` */
  password?: string | Buffer | (() => string | Buffer | Promise<string | Buffer>)
  /**
   * The certificate chain itself, in place of {@link TlsOptions.certfile}; {@link TlsOptions.key} or
   * {@link TlsOptions.keyfile} is then needed.
   *
   * @defaultValue none
   */
  cert?: string | Buffer
  /** The private key itself, in place of {@link TlsOptions.keyfile}. @defaultValue none */
  key?: string | Buffer
  /**
   * Makes a certificate for this machine at `listen()`, valid for 30 days, in place of a file. No client trusts it by
   * itself: for development.
   *
   * @defaultValue `false`
   */
  selfSigned?: boolean
  /**
   * Protocols offered, best first. A client that offers protocols of its own, and none of these, is turned away.
   *
   * @defaultValue `['http/1.1']`, with {@link TlsOptions.http2} `['h2', 'http/1.1']`. Python: `alpn_protocols`
   */
  alpnProtocols?: readonly string[]
  /**
   * 48 bytes that encrypt session tickets, for servers behind one address that are to resume each other's sessions.
   * Workers share some by themselves.
   *
   * @defaultValue random ones
   */
  ticketKeys?: Buffer
  /** Milliseconds from the first byte to the end of the handshake; 0 is no limit. @defaultValue `10_000` */
  handshakeTimeout?: number
  /** Oldest version of TLS that is spoken. @defaultValue `'TLSv1.2'` */
  minVersion?: 'TLSv1.2' | 'TLSv1.3'
  /**
   * Whether plain HTTP on this port is redirected to `https:`, with 301, or 308 for other methods than GET and HEAD.
   * Otherwise it is answered with 400.
   *
   * @defaultValue `false`
   */
  redirectHttp?: boolean
  /**
   * Whether clients that ask for it by ALPN get HTTP/2, with a handler class or a Connect-like middleware; Express
   * knows no HTTP/2. Its requests are `Http2ServerRequest`s of `node:http2`.
   *
   * @defaultValue `false`
   */
  http2?: boolean
}

/** Options of `HTTPSServer`. */
export interface HTTPSServerOptions extends HTTPServerOptions, TlsOptions {}

/** A Unix socket to listen on. */
export interface UnixSocketAddress {
  /** Where it is made. One that a dead server has left there is replaced. */
  readonly path: string
  /** Its permissions, `0o660` and the like. @defaultValue as the process's umask leaves them */
  readonly mode?: number
}

/** Sockets that listen already, inherited from the process's parent. */
export interface InheritedSockets {
  /** Their file descriptors, as systemd's socket activation passes them: 3 and up. */
  readonly fds: readonly number[]
}

/** What a server listens on. */
export type ListenAddress =
  readonly [host: string, port: number] | UnixSocketAddress | InheritedSockets
