import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  constants,
  createServer,
  type Http2Server,
  type Http2ServerRequest,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Socket } from 'node:net'
import type { WireOptions } from '../../types/wire.ts'
import type { Served } from './connections.ts'
import type { Listener } from './http2-listener.ts'

// RFC 9113 section 6.5.2 recommends no fewer.
const maxStreams = 100
// `:method`, `:scheme`, `:authority` and `:path` count as fields.
const pseudoFields = 4

/**
 * Speaks HTTP/2 by `node:http2`, within the limits of HTTP/1.x as far as they make sense: what a head may hold, the
 * size of content, requests on a connection, and how long a client may be silent.
 *
 * @returns what takes over a socket after TLS's handshake
 */
export function openHttp2(listener: Listener, limits: WireOptions): (socket: Socket) => Served {
  const server = createServer({
    maxHeaderListPairs: limits.maxHeaders + pseudoFields,
    maxSessionInvalidFrames: 100,
    settings: { maxConcurrentStreams: maxStreams, maxHeaderListSize: limits.maxHeadSize },
  })
  server.on('request', (request, response) => {
    const { stream } = request
    if (!limitContent(stream, request, limits.maxBodySize)) {
      response.writeHead(constants.HTTP_STATUS_PAYLOAD_TOO_LARGE)
      response.end()
      return
    }
    completeHeaders(request)
    // The compatibility API's objects have what handlers use of Node's own.
    listener(request as unknown as IncomingMessage, response as unknown as ServerResponse)
  })
  server.on('sessionError', ignore)
  server.on('stream', (stream) => {
    watch(stream, limits)
  })
  return (socket) => new Http2Connection(server, socket, limits)
}

// --- Internal ---

/** One HTTP/2 connection. */
class Http2Connection implements Served {
  readonly #socket: Socket
  #session: ServerHttp2Session | undefined
  #streams = 0
  #requests = 0

  constructor(server: Http2Server, socket: Socket, limits: WireOptions) {
    this.#socket = socket
    const opened = (session: ServerHttp2Session): void => {
      this.#session = session
    }
    server.once('session', opened)
    // Node's own way of giving a server a socket; the session is made at once.
    server.emit('connection', socket)
    server.off('session', opened)
    this.#session?.on('stream', (stream) => {
      this.#count(stream, limits.maxRequests)
    })
    this.#watch(limits)
  }

  retire(): void {
    // Clients know from GOAWAY which requests were not taken, and send them again elsewhere.
    this.close()
  }

  close(): void {
    if (this.#session === undefined) this.#socket.destroy()
    else if (!this.#session.closed) this.#session.close()
  }

  destroy(): void {
    this.#session?.destroy()
    this.#socket.destroy()
  }

  #count(stream: ServerHttp2Stream, maxRequests: number): void {
    this.#streams++
    this.#requests++
    stream.once('close', () => {
      this.#streams--
    })
    if (maxRequests > 0 && this.#requests >= maxRequests) this.close()
  }

  /** Closes the connection when it has been silent with nothing to answer. */
  #watch(limits: WireOptions): void {
    const session = this.#session
    if (session === undefined || limits.keepAliveTimeout === 0) return
    session.setTimeout(limits.keepAliveTimeout)
    session.on('timeout', () => {
      if (this.#streams > 0) return
      if (session.closed) this.destroy()
      else session.close()
    })
  }
}

/** Gives up on a request whose client takes nothing of the answer, or sends nothing of the content. */
function watch(stream: ServerHttp2Stream, limits: WireOptions): void {
  stream.on('error', ignore)
  const { writeTimeout, bodyIdleTimeout } = limits
  const wait = Math.max(writeTimeout, bodyIdleTimeout)
  if (writeTimeout === 0 || bodyIdleTimeout === 0) return
  stream.setTimeout(wait, () => {
    if (stream.writableLength > 0 || !stream.readableEnded) stream.close(constants.NGHTTP2_CANCEL)
  })
}

/** Bounds the content of a request; returns whether what is announced is within bounds. */
function limitContent(
  stream: ServerHttp2Stream,
  request: Http2ServerRequest,
  limit: number,
): boolean {
  if (limit === Infinity) return true
  if (Number(request.headers['content-length'] ?? 0) > limit) return false
  let received = 0
  const push = stream.push.bind(stream)
  stream.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    received += chunk?.length ?? 0
    if (received <= limit) return push(chunk, encoding)
    stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM)
    return false
  }
  return true
}

/** Leaves out what is no field in HTTP/1.x, and says `Host` as that does (RFC 9113 section 8.3.1). */
function completeHeaders(request: Http2ServerRequest): void {
  const { headers, rawHeaders } = request
  const authority = headers[':authority']
  const fields: string[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (!name.startsWith(':')) fields.push(name, rawHeaders[i + 1] ?? '')
  }
  if (authority !== undefined && headers.host === undefined) {
    headers.host = authority
    fields.unshift('host', authority)
  }
  rawHeaders.splice(0, rawHeaders.length, ...fields)
}

function ignore(): void {
  // Without a listener the process would end; `close` follows.
}
