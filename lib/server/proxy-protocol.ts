import type { Socket } from 'node:net'
import type { ProxyHeader } from '../../types/proxy.ts'
import { proxiedKey } from '../handlers/forwarded.ts'
import { parseProxyHeader } from '../wire/proxy-header.ts'

/**
 * Reads the header of the PROXY protocol at the start of a connection. The socket then has the client's address as its
 * `remoteAddress`, what the client has connected to as `localAddress`, and `encrypted` if the client speaks TLS with the
 * proxy, so that every handler and middleware sees the client.
 *
 * @param timeout - milliseconds until all of the header has to be here; 0 is no limit
 * @param accept - called with the socket once the header is read, what follows it unread; not called for a connection
 * without one, which is dropped: its bytes must not pass for the client's
 */
export function readProxyHeader(
  socket: Socket,
  timeout: number,
  accept: (socket: Socket) => void,
): void {
  const timer = timeout === 0 ? undefined : setTimeout(() => socket.destroy(), timeout).unref()
  let received: Buffer = Buffer.alloc(0)
  const settle = (): void => {
    clearTimeout(timer)
    socket.off('readable', read)
    socket.off('error', settle)
    socket.off('close', settle)
  }
  const read = (): void => {
    const chunk = socket.read() as Buffer | null
    if (chunk !== null) received = Buffer.concat([received, chunk])
    const header = parseProxyHeader(received)
    if (header === 'incomplete' && chunk !== null) return
    settle()
    if (typeof header === 'string') {
      socket.destroy()
      return
    }
    if (received.length > header.length) socket.unshift(received.subarray(header.length))
    applyHeader(socket, header)
    accept(socket)
  }
  socket.on('readable', read)
  socket.on('error', settle)
  socket.on('close', settle)
}

const told = ['remoteAddress', 'remotePort', 'localAddress', 'localPort', 'encrypted', proxiedKey]

/** Has the socket that speaks TLS on another one tell the same of its ends. */
export function copyEnds(from: Socket, to: Socket): void {
  for (const name of told) {
    const property = Object.getOwnPropertyDescriptor(from, name)
    // A TLS socket is encrypted by itself.
    if (property !== undefined && name !== 'encrypted') Object.defineProperty(to, name, property)
  }
}

// --- Internal ---

function applyHeader(socket: Socket, { source, destination, tls }: ProxyHeader): void {
  if (source === undefined || destination === undefined) return
  const values: Record<PropertyKey, unknown> = {
    remoteAddress: source.address,
    remotePort: source.port,
    localAddress: destination.address,
    localPort: destination.port,
    ...(tls === true ? { encrypted: true } : {}),
    [proxiedKey]: true,
  }
  for (const name of Reflect.ownKeys(values)) {
    // The names of the addresses are getters of its class.
    Object.defineProperty(socket, name, { value: values[name], configurable: true })
  }
}
