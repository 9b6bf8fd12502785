import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Address } from '../../types/handler.ts'
import type { ListenAddress, UnixSocketAddress } from '../../types/server.ts'
import { errorCode } from '../http/error.ts'
import { clearStaleSocket, withMode } from './unix.ts'

/** How to listen. */
export interface ListenOptions {
  /** Where; host `''` is every address, IPv4 and IPv6 alike, and port 0 lets the system choose. */
  readonly address: ListenAddress
  /** Connections the system keeps waiting. */
  readonly backlog: number
  /** Called with each accepted connection. */
  readonly onConnection: (socket: Socket) => void
}

/** What a server listens on. */
export interface Listener {
  /** Host and port; every address is written `0.0.0.0`, a Unix socket by its path and port 0. */
  readonly address: Address
  /** `IPv4`, `IPv6` (a dual-stack socket's, too) or `Unix`. */
  readonly family: string
  /** Stops accepting; connections already made go on. */
  close(): void
}

/**
 * Listens on TCP, a Unix socket or inherited sockets.
 *
 * @throws the system's error (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, `ENOTFOUND`, …) as a rejection
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { address } = options
  if ('path' in address) return listenOnPath(options, address)
  if ('fds' in address) return listenOnAll(options, address.fds)
  const [host, port] = address
  if (host !== '') return listenOn(options, { host, port })
  try {
    return await listenOn(options, { host: '::', port }, '0.0.0.0')
  } catch (error) {
    // A machine without IPv6.
    if (isUnsupported(error)) return listenOn(options, { host: '0.0.0.0', port })
    throw error
  }
}

// --- Internal ---

type Target = { host: string; port: number } | { path: string } | { fd: number }

function isUnsupported(error: unknown): boolean {
  return ['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(errorCode(error))
}

async function listenOnPath(options: ListenOptions, address: UnixSocketAddress): Promise<Listener> {
  const { path, mode } = address
  const bind = (): Promise<Listener> => withMode(path, mode, () => listenOn(options, { path }))
  try {
    return await bind()
  } catch (error) {
    if (errorCode(error) !== 'EADDRINUSE') throw error
    if (await clearStaleSocket(path)) return bind()
    throw Object.assign(error as Error, { path })
  }
}

async function listenOnAll(options: ListenOptions, fds: readonly number[]): Promise<Listener> {
  const listeners: Listener[] = []
  const close = (): void => {
    for (const listener of listeners) listener.close()
  }
  try {
    for (const fd of fds) listeners.push(await listenOn(options, { fd }))
  } catch (error) {
    close()
    throw error
  }
  const [first] = listeners
  if (first === undefined) throw new RangeError('fds must name a socket')
  return { address: first.address, family: first.family, close }
}

function listenOn(options: ListenOptions, target: Target, shown?: string): Promise<Listener> {
  // A client that has sent all it wants may close its half: it still gets its answer.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, options.onConnection)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ ...target, backlog: options.backlog }, () => {
      server.off('error', reject)
      // An accept that fails later (EMFILE) concerns one client, not the server.
      server.on('error', () => undefined)
      resolve(describe(server, target, shown))
    })
  })
}

function describe(server: Server, target: Target, shown: string | undefined): Listener {
  const close = (): void => {
    server.close()
  }
  const bound: AddressInfo | string | null = server.address()
  // An inherited Unix socket may tell its path, or nothing.
  if (bound === null || typeof bound === 'string') {
    const path = 'path' in target ? target.path : (bound ?? '')
    return { address: [path, 0], family: 'Unix', close }
  }
  return { address: [shown ?? bound.address, bound.port], family: bound.family, close }
}
