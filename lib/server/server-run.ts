import type { Address } from '../../types/handler.ts'
import type { LogOption } from '../../types/logger.ts'
import { LogFile } from '../log/file-sink.ts'
import type { HTTPServer } from './http-server.ts'
import type { HTTPSServer } from './https-server.ts'
import type { Runnable } from './foreground.ts'

/** A server that this process runs in the foreground. */
export class ServerRun implements Runnable {
  readonly scheme: 'http' | 'https'
  readonly ended: Promise<void>
  readonly reload: (() => Promise<void>) | undefined
  readonly #server: HTTPServer
  readonly #log: LogFile | undefined
  #end: () => void = () => undefined

  /** @param log - the server's; a {@link LogFile} is opened again at signals */
  constructor(server: HTTPServer, log: LogOption | undefined) {
    this.#server = server
    this.#log = log instanceof LogFile ? log : undefined
    this.scheme = server.scheme
    this.ended = new Promise((resolve) => (this.#end = resolve))
    const renewable = hasCertificate(server) || this.#log !== undefined
    this.reload = renewable ? () => this.#reload() : undefined
  }

  async start(): Promise<Address> {
    await this.#server.listen()
    void this.#server.serveForever().then(this.#end)
    return this.#server.serverAddress
  }

  async #reload(): Promise<void> {
    this.reopen()
    if (hasCertificate(this.#server)) await this.#server.reloadCertificate()
  }

  reopen(): void {
    this.#log?.reopen()
  }

  async stop(): Promise<void> {
    await this.#server.shutdown()
  }

  force(): void {
    this.#server.closeAllConnections()
  }
}

// --- Internal ---

/** Tells without the class, which is loaded only by those who serve TLS. */
function hasCertificate(server: HTTPServer): server is HTTPSServer {
  return 'reloadCertificate' in server
}
