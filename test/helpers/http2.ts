import {
  connect,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type Settings,
} from 'node:http2'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** An answer by HTTP/2. */
export interface Http2Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Speaks HTTP/2 with a server on this machine, to any certificate; over a socket if one is given. */
export function connectHttp2(
  port: number,
  socket?: Socket,
  settings?: Settings,
): ClientHttp2Session {
  const insecurely = { rejectUnauthorized: false, ...(settings === undefined ? {} : { settings }) }
  const given = {
    createConnection: () => connectTls({ ...insecurely, socket, ALPNProtocols: ['h2'] }),
  }
  return connect(`https://127.0.0.1:${port}`, socket === undefined ? insecurely : given)
}

/** Sends a request and gives its answer; rejects if the stream is reset. */
export function askHttp2(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  content?: string,
): Promise<Http2Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: content === undefined })
    let answered: IncomingHttpHeaders = {}
    let body = ''
    stream.on('response', (fields) => (answered = fields))
    stream.setEncoding('latin1').on('data', (text: string) => (body += text))
    stream.on('error', reject)
    stream.on('end', () => {
      resolve({ status: Number(answered[':status']), headers: answered, body })
    })
    if (content !== undefined) stream.end(content)
  })
}
