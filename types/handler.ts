import type { IncomingMessage } from 'node:http'

/** A client's or a server's address: host (IPv6 without brackets) and port. */
export type Address = [host: string, port: number]

/** What a request handler may ask of the server it runs on; `HTTPServer` is one. */
export interface HandlerServer {
  /** The host name clients are told. Python: `server_name` */
  readonly serverName: string
  /** The port listened on. Python: `server_port` */
  readonly serverPort: number
  /** Host and port listened on. Python: `server_address` */
  readonly serverAddress: Address
  /** Told of what a handler threw. Python: `handle_error` */
  handleError(
    request: IncomingMessage,
    clientAddress: Address,
    error: unknown,
  ): void | Promise<void>
}
