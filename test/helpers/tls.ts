import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { RawConnection } from './raw.ts'
import { PATIENCE } from './wait.ts'

/** A raw connection over TLS, to any certificate; rejects when the handshake fails. */
export function connectSecurely(
  port: number,
  options: ConnectionOptions = {},
): Promise<{ connection: RawConnection; socket: TLSSocket }> {
  return new Promise((resolve, reject) => {
    // Node takes the options of net.connect(), too; its types do not say so.
    const halfOpen: ConnectionOptions & { allowHalfOpen: boolean } = {
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      allowHalfOpen: true,
      ...options,
    }
    const socket = connectTls(halfOpen)
    const timer = setTimeout(() => {
      socket.destroy(new Error('no handshake in time'))
    }, PATIENCE)
    const fail = (error: Error): void => {
      clearTimeout(timer)
      reject(error)
    }
    socket.once('error', fail)
    socket.once('close', () => {
      fail(new Error('closed before the handshake'))
    })
    socket.once('secureConnect', () => {
      clearTimeout(timer)
      socket.off('error', fail)
      resolve({ connection: new RawConnection(socket), socket })
    })
  })
}

/** Sends bytes over TLS and resolves with all that comes back until the server closes. */
export async function exchangeSecurely(
  port: number,
  bytes: string,
  options: ConnectionOptions = {},
): Promise<string> {
  const { connection } = await connectSecurely(port, options)
  try {
    void connection.send(bytes)
    return (await connection.waitForClose()).toString('latin1')
  } finally {
    connection.destroy()
  }
}
