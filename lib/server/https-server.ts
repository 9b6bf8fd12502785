import type { Socket } from 'node:net'
import type { Middleware } from '../../types/middleware.ts'
import type { HTTPSServerOptions, ListenAddress } from '../../types/server.ts'
import type { HandlerClass } from '../handlers/base.ts'
import type { Served } from './connections.ts'
import { explainCertificate, readCredentials, type Credentials } from './credentials.ts'
import { HTTPServer, lifecycleOf, serveHttp, setFront, wireOf } from './http-server.ts'
import { checkHttp2Handler, toHttp2Listener } from './http2-listener.ts'
import { plainDispatch } from './plain-http.ts'
import { resolveTlsOptions, splitTlsOptions, type ResolvedTlsOptions } from './tls-options.ts'
import type * as Http2 from './http2.ts'
import type * as Tls from './tls.ts'
import type { TlsFront } from './tls.ts'

/**
 * An {@link HTTPServer} over TLS: 1.2 and later, HTTP/2 by option. Its certificate is read by `listen()`.
 *
 * Plain HTTP on its port is answered with 400, or redirected.
 *
 * @example
 * ```ts
 * const server = new HTTPSServer(['', 8443], SimpleHTTPRequestHandler, { certfile: 'cert.pem', keyfile: 'key.pem' })
 * await server.listen()
 * ```
 *
 * Python: `HTTPSServer`, since 3.14
 */
export class HTTPSServer extends HTTPServer {
  readonly #options: HTTPSServerOptions
  readonly #tls: ResolvedTlsOptions
  readonly #handler: HandlerClass | Middleware
  #front: TlsFront | undefined

  /**
   * @param address - as of {@link HTTPServer}
   * @param handler - as of {@link HTTPServer}
   * @param options - those of {@link HTTPServer}, and `certfile`, `keyfile`, `password`, … of TLS
   * @throws TypeError or RangeError naming a wrong argument or option
   */
  constructor(
    address: ListenAddress,
    handler: HandlerClass | Middleware,
    options: HTTPSServerOptions,
  ) {
    const { tls, http } = splitTlsOptions(options)
    super(address, handler, http)
    this.#options = http
    this.#tls = resolveTlsOptions(tls)
    this.#handler = handler
    if (this.#tls.http2) checkHttp2Handler(handler)
    setFront(this, {
      prepare: async () => {
        this.#use(await readCredentials(this.#tls))
      },
      accept: (accepted) => this.#front?.accept(accepted),
    })
  }

  override get scheme(): 'http' | 'https' {
    return 'https'
  }

  /**
   * Reads the certificate and the key again, for the next connections; those there are go on.
   *
   * @throws the system's error or a `CertificateError` (`code` `ERR_TLS_CERTIFICATE`) as a rejection; the old
   * certificate then stays in use
   */
  async reloadCertificate(): Promise<void> {
    const credentials = await readCredentials(this.#tls)
    if (this.#front !== undefined) this.#use(credentials)
  }

  #use(credentials: Credentials): void {
    try {
      if (this.#front === undefined) this.#front = this.#open(credentials)
      else this.#front.renew(credentials)
    } catch (error) {
      throw explainCertificate(error, this.#tls)
    }
  }

  #open(credentials: Credentials): TlsFront {
    // What is slow to load is loaded by those who use it. An import() would make that asynchronous.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const tls = require('./tls') as typeof Tls
    const refuse = plainDispatch(this, this.#handler, this.#options, this.#tls.redirectHttp)
    return new tls.TlsFront(
      credentials,
      { ...this.#tls, firstByteTimeout: wireOf(this).firstByteTimeout },
      lifecycleOf(this).connections,
      {
        serveHttp: (socket, plain) => serveHttp(this, socket, plain ? refuse : undefined),
        serveHttp2: this.#tls.http2 ? this.#openHttp2() : undefined,
      },
    )
  }

  #openHttp2(): (socket: Socket) => Served {
    // As TLS is: few serve HTTP/2, and it takes milliseconds to load.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const http2 = require('./http2') as typeof Http2
    const listener = toHttp2Listener(this, this.#handler, this.#options)
    return http2.openHttp2(listener, wireOf(this))
  }
}

/**
 * An {@link HTTPSServer} whose `serverClose()` does not wait for requests under way.
 *
 * Python: `ThreadingHTTPSServer`, since 3.14
 */
export class ThreadingHTTPSServer extends HTTPSServer {
  override daemonThreads = true
}
