import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Address } from '../../types/handler.ts'

/** Where to listen. */
export interface ListenOptions {
  /** Host name or address; `''` is every address, IPv4 and IPv6 alike. */
  readonly host: string
  /** Port; 0 lets the system choose. */
  readonly port: number
  /** Connections the system keeps waiting. */
  readonly backlog: number
  /** Most connections at a time. */
  readonly maxConnections: number | undefined
  /** Called with each accepted connection. */
  readonly onConnection: (socket: Socket) => void
}

/** A listening socket. */
export interface Listener {
  /** Host and port listened on; every address is written `0.0.0.0`. */
  readonly address: Address
  /** Whether addresses are IPv4 or IPv6 (a dual-stack socket is IPv6). */
  readonly family: string
  /** Stops accepting; connections already made go on. */
  close(): void
}

/**
 * Listens on TCP.
 *
 * @throws the system's error (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, `ENOTFOUND`, …) as a rejection
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  if (options.host !== '') return listenOn(options, options.host)
  try {
    return await listenOn(options, '::')
  } catch (error) {
    // A machine without IPv6.
    if (isUnsupported(error)) return listenOn(options, '0.0.0.0')
    throw error
  }
}

function isUnsupported(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  return error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL'
}

function listenOn(options: ListenOptions, host: string): Promise<Listener> {
  // A client that has sent all it wants may close its half: it still gets its answer.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, options.onConnection)
  if (options.maxConnections !== undefined) server.maxConnections = options.maxConnections
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port: options.port, backlog: options.backlog }, () => {
      server.off('error', reject)
      // An accept that fails later (EMFILE) concerns one client, not the server.
      server.on('error', () => undefined)
      resolve(describe(server, options.host))
    })
  })
}

function describe(server: Server, host: string): Listener {
  // A TCP server that listens has an address, and it is no pipe's name.
  const { address, port, family } = server.address() as AddressInfo
  return {
    address: [host === '' ? '0.0.0.0' : address, port],
    family,
    close: () => {
      server.close()
    },
  }
}
