import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls'
import { Silent, type ConnectionSet, type Served } from './connections.ts'
import type { Credentials } from './credentials.ts'
import { copyEnds } from './proxy-protocol.ts'

/** What comes after TLS's handshake, or instead of it. */
export interface TlsHost {
  /** HTTP/1.x, encrypted or, for `plain`, as it is. */
  serveHttp(socket: Socket, plain: boolean): Served
  /** HTTP/2; absent when it is not spoken. */
  readonly serveHttp2?: ((socket: Socket) => Served) | undefined
}

/** Settings of {@link TlsFront}. */
export interface TlsSettings {
  readonly alpnProtocols: readonly string[]
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  /** What encrypts session tickets; random if absent. */
  readonly ticketKeys?: Buffer
  /** Milliseconds until the first byte; 0 is no limit. */
  readonly firstByteTimeout: number
  /** Milliseconds for the handshake; 0 is no limit. */
  readonly handshakeTimeout: number
}

// RFC 8446 section 5.1: the first byte of a handshake record.
const handshakeRecord = 22

/** Speaks TLS on connections just accepted, and knows plain HTTP by its first byte. */
export class TlsFront {
  readonly #settings: TlsSettings
  readonly #connections: ConnectionSet
  readonly #host: TlsHost
  readonly #server: Server

  /** @throws OpenSSL's error if the credentials do not fit */
  constructor(
    credentials: Credentials,
    settings: TlsSettings,
    connections: ConnectionSet,
    host: TlsHost,
  ) {
    this.#settings = settings
    this.#connections = connections
    this.#host = host
    // It listens nowhere: it is handed connections.
    this.#server = createServer({
      ...this.#secure(credentials),
      ALPNProtocols: [...settings.alpnProtocols],
      handshakeTimeout: settings.handshakeTimeout,
    })
    this.#server.on('secureConnection', (secured: TLSSocket) => {
      this.#serve(secured)
    })
    // A client that speaks TLS wrongly is told by an alert; there is nobody else to tell.
    this.#server.on('tlsClientError', (_error, secured: TLSSocket) => {
      secured.destroy()
      socketUnder(secured)?.destroy()
    })
  }

  /**
   * Uses another certificate from the next connection on.
   *
   * @throws OpenSSL's error if the credentials do not fit; the old ones then stay
   */
  renew(credentials: Credentials): void {
    this.#server.setSecureContext(this.#secure(credentials))
  }

  #secure(credentials: Credentials): TlsOptions {
    const { minVersion, ticketKeys } = this.#settings
    const tickets = ticketKeys === undefined ? {} : { ticketKeys }
    return { ...credentials, ...tickets, minVersion, honorCipherOrder: true }
  }

  /** Takes over a connection just accepted. */
  accept(socket: Socket): void {
    this.#connections.add(socket, new Silent(socket))
    socket.on('error', ignore)
    const timer = this.#timer(socket, this.#settings.firstByteTimeout)
    socket.once('readable', () => {
      clearTimeout(timer)
      const chunk = socket.read() as Buffer | null
      if (chunk === null) {
        socket.destroy()
        return
      }
      socket.unshift(chunk)
      if (chunk[0] !== handshakeRecord) {
        this.#connections.replace(socket, this.#host.serveHttp(socket, true))
        return
      }
      // Whoever leaves amid the handshake wants no answer. TLS's socket takes this over.
      socket.allowHalfOpen = false
      this.#server.emit('connection', socket)
    })
    socket.once('close', () => {
      clearTimeout(timer)
    })
  }

  #serve(secured: TLSSocket): void {
    const socket = socketUnder(secured)
    secured.on('error', ignore)
    if (socket === undefined) {
      secured.destroy()
      return
    }
    secured.once('close', () => {
      socket.destroy()
    })
    copyEnds(socket, secured)
    this.#connections.replace(socket, this.#speak(secured))
  }

  #speak(secured: TLSSocket): Served {
    const { serveHttp2 } = this.#host
    // A session of HTTP/2 ends with its socket: there is no half of it that could go on.
    if (secured.alpnProtocol === 'h2' && serveHttp2 !== undefined) return serveHttp2(secured)
    secured.allowHalfOpen = true
    return this.#host.serveHttp(secured, false)
  }

  #timer(socket: Socket, milliseconds: number): NodeJS.Timeout | undefined {
    if (milliseconds === 0) return undefined
    return setTimeout(() => {
      socket.destroy()
    }, milliseconds).unref()
  }
}

// --- Internal ---

/** The connection that TLS is spoken on. Node keeps it in a private member. */
function socketUnder(secured: TLSSocket & { _parent?: Socket | null }): Socket | undefined {
  return secured._parent ?? undefined
}

function ignore(): void {
  // Without a listener the process would end; `close` follows.
}
