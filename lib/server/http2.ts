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
import { isHost } from '../wire/host.ts'
import type { Served } from './connections.ts'
import type { Listener } from './http2-listener.ts'
import { WatchedStream } from './http2-stream.ts'

// RFC 9113 section 6.5.2 recommends no fewer.
const maxStreams = 100
// A longer head than this ends its connection; by itself nghttp2 takes 64 KiB, which a script's head may have.
const maxResponseHead = 1_048_576
// Requests that a client may reset beyond those it lets be answered: a page left in the middle resets many at once.
const maxResets = 200
// The highest number of a stream: one that refuses none.
const lastStream = 2 ** 31 - 1
// What a setting of HTTP/2 can hold; `Infinity` it cannot.
const mostThere = 2 ** 31 - 1
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
    maxHeaderListPairs: Math.min(limits.maxHeaders + pseudoFields, mostThere),
    maxSessionInvalidFrames: 100,
    maxSendHeaderBlockLength: maxResponseHead,
    settings: {
      maxConcurrentStreams: maxStreams,
      maxHeaderListSize: Math.min(limits.maxHeadSize, mostThere),
    },
  })
  server.on('request', (request, response) => {
    const refusal = refuse(request, limits)
    if (refusal !== undefined) {
      response.writeHead(refusal)
      response.end()
      return
    }
    completeHeaders(request)
    if (!request.stream.endAfterHeaders) failWhenReset(request)
    // The compatibility API's objects have what handlers use of Node's own.
    listener(request as unknown as IncomingMessage, response as unknown as ServerResponse)
  })
  server.on('sessionError', ignore)
  return (socket) => new Http2Connection(server, socket, limits)
}

// --- Internal ---

/** One HTTP/2 connection. */
class Http2Connection implements Served {
  readonly #socket: Socket
  readonly #limits: WireOptions
  readonly #streams = new Set<WatchedStream>()
  readonly #timer: NodeJS.Timeout
  #session: ServerHttp2Session | undefined
  #requests = 0
  /** Requests that were reset beyond those answered. */
  #resets = 0
  #idleSince = performance.now()
  #idleTimeout: number

  constructor(server: Http2Server, socket: Socket, limits: WireOptions) {
    this.#socket = socket
    this.#limits = limits
    // The first request is a head to wait for. Whoever gives the first byte all the time in the world gives it to that, too:
    // once TLS has been agreed on, the one cannot be told from the other.
    this.#idleTimeout = limits.firstByteTimeout === 0 ? 0 : limits.headTimeout
    const opened = (session: ServerHttp2Session): void => {
      this.#session = session
    }
    server.once('session', opened)
    // Node's own way of giving a server a socket; the session is made at once.
    server.emit('connection', socket)
    server.off('session', opened)
    this.#session?.on('stream', (stream) => {
      this.#watch(stream)
    })
    this.#timer = setInterval(() => {
      this.#check(performance.now())
    }, interval(limits)).unref()
    socket.once('close', () => {
      clearInterval(this.#timer)
    })
  }

  retire(): void {
    // Announced before any stream is refused: what is on its way is still served (RFC 9113 section 6.8).
    const session = this.#session
    if (session !== undefined && !session.closed && !session.destroyed) {
      session.goaway(constants.NGHTTP2_NO_ERROR, lastStream)
    }
  }

  close(): void {
    if (this.#session === undefined) this.#socket.destroy()
    else if (!this.#session.closed) this.#session.close()
  }

  destroy(): void {
    this.#session?.destroy()
    this.#socket.destroy()
  }

  #watch(stream: ServerHttp2Stream): void {
    stream.on('error', ignore)
    const watched = new WatchedStream(stream, this.#limits)
    this.#streams.add(watched)
    this.#requests++
    stream.once('close', () => {
      this.#streams.delete(watched)
      this.#idleSince = performance.now()
      this.#idleTimeout = this.#limits.keepAliveTimeout
      this.#note(stream)
    })
    const { maxRequests } = this.#limits
    if (maxRequests > 0 && this.#requests >= maxRequests) this.close()
  }

  /** A client that resets what it has asked for makes work at no cost of its own (CVE-2023-44487). */
  #note(stream: ServerHttp2Stream): void {
    if (stream.rstCode === constants.NGHTTP2_NO_ERROR) this.#resets = Math.max(0, this.#resets - 1)
    else if (++this.#resets > maxResets) {
      const error = new Error('The client resets what it asks for')
      this.#session?.destroy(error, constants.NGHTTP2_ENHANCE_YOUR_CALM)
    }
  }

  #check(now: number): void {
    const session = this.#session
    if (session === undefined) return
    for (const stream of this.#streams) stream.check(now, this.#socket.bytesWritten)
    // Not by the session's own timeout: pings would renew that.
    if (this.#streams.size > 0 || this.#idleTimeout === 0) return
    if (now - this.#idleSince < this.#idleTimeout) return
    if (session.closed) this.destroy()
    else session.close()
  }
}

/** How often to look, in milliseconds: four times in the shortest limit, but not more often than needed. */
function interval(limits: WireOptions): number {
  const { headTimeout, bodyIdleTimeout, bodyRateGrace, keepAliveTimeout, writeTimeout } = limits
  const timers = [headTimeout, bodyIdleTimeout, bodyRateGrace, keepAliveTimeout, writeTimeout]
  const shortest = Math.min(...timers.filter((timer) => timer > 0))
  return Math.min(1000, Math.max(10, shortest / 4))
}

// HTTP/1.x refuses the others, and whoever guards paths relies on the slash.
const wellFormedPath = /^\/[^\0-\x20\x7f]*$/

/** The status to refuse a request with, for the reasons HTTP/1.x has. */
function refuse(request: Http2ServerRequest, limits: WireOptions): number | undefined {
  const { method, url, scheme, authority, headers } = request
  const isTarget = wellFormedPath.test(url) || (url === '*' && method === 'OPTIONS')
  if (!isTarget || !/^https?$/i.test(scheme)) return constants.HTTP_STATUS_BAD_REQUEST
  // RFC 9113 section 8.3.1: the two must not name different hosts.
  const host = headers.host ?? authority
  const agree = authority === '' || authority.toLowerCase() === host.toLowerCase()
  if (!agree || !isHost(host)) return constants.HTTP_STATUS_BAD_REQUEST
  const length = Number(headers['content-length'] ?? 0)
  return length > limits.maxBodySize ? constants.HTTP_STATUS_PAYLOAD_TOO_LARGE : undefined
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

/**
 * Has content that breaks off end with an error, as it does in HTTP/1.x: to whoever reads on, or later, Node's would look
 * complete. What is here of it is lost then.
 */
function failWhenReset(request: Http2ServerRequest): void {
  request.once('aborted', () => {
    if (request.readableEnded || request.destroyed) return
    request.on('error', ignore)
    request.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
  })
}

function ignore(): void {
  // Without a listener the process would end; `close` follows.
}
