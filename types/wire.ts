import type { IncomingMessage, ServerResponse } from 'node:http'

/** How the content of a request is delimited (RFC 9112 section 6.3). */
export type RequestFraming =
  { kind: 'none' } | { kind: 'length'; length: number } | { kind: 'chunked' }

/** The head of a request as it stood on the wire, after it was found valid. */
export interface RequestHead {
  /** The request line without its line end, decoded as latin-1. */
  readonly requestline: string
  /** The method token, case kept. */
  readonly method: string
  /** The request target as sent; never percent-decoded. */
  readonly target: string
  /** `HTTP/1.1`, `HTTP/1.0`, … or `HTTP/0.9` for a simple request. */
  readonly version: string
  readonly versionMajor: number
  readonly versionMinor: number
  /** Field names and values in turn, order, case and duplicates kept, latin-1. */
  readonly rawHeaders: string[]
  readonly framing: RequestFraming
  /** `Expect: 100-continue` was sent by an HTTP/1.1 client. */
  readonly expectContinue: boolean
  /** `Connection` holds the token `close` (RFC 9110 section 7.6.1). */
  readonly connectionClose: boolean
  /** `Connection` holds the token `keep-alive`. */
  readonly connectionKeepAlive: boolean
}

/** Why bytes were refused before they became a request. */
export interface RequestFailure {
  /** The status to answer with. */
  readonly code: number
  /** The reason phrase; the status's own when absent. */
  readonly message?: string
  /** The long explanation on the error page; the status's own when absent. */
  readonly explain?: string
}

/** The head of a response that a handler has written itself. */
export interface ResponseHead {
  /** Status line, fields and the empty line, one latin-1 character a byte; `''` for none (HTTP/0.9). */
  readonly bytes: string
  /** Whether content may follow (false for HEAD, 1xx, 204, 304). */
  readonly hasBody: boolean
  /**
   * Octets of content, or how it ends: `until-close` makes this the connection's last response,
   * `self-delimited` trusts the handler to write the chunked coding it announced.
   */
  readonly length: number | 'self-delimited' | 'until-close'
}

/** One request on a connection of the standalone server, and the answer to it. */
export interface Exchange {
  /** The request's head; absent when the bytes were refused. */
  readonly head: RequestHead | undefined
  /** Why the bytes were refused; absent for a good request. */
  readonly failure: RequestFailure | undefined
  /** The request line as far as it was read, latin-1, without line end; `''` when it was too long. */
  readonly requestline: string
  /** The client's address as the socket has it; `''` when it is gone. */
  readonly remoteAddress: string
  /** A real `IncomingMessage`, made at first use. */
  readonly request: IncomingMessage
  /** A real `ServerResponse` on the connection's socket, made at first use. */
  readonly response: ServerResponse
  /** Whether the handler wants the connection kept; read when the response ends. */
  persist: boolean
  /** Whether a handler class answers by itself, with no middleware that would want to see its head by Node's methods. */
  direct?: boolean
  /** Has the server's handler answer another request on this exchange's response, in place of its own. */
  redispatch?: (request: IncomingMessage) => void
  /**
   * Whether the connection may outlive this response at all: false when the client wants it closed, the limit of
   * requests is reached, the server is closing or the bytes were refused. Decides `Connection: close`.
   */
  readonly mayPersist: boolean
  /** Writes an interim response (`HTTP/1.1 100 Continue` and the like), latin-1, before the head. */
  sendInterim(bytes: string): void
  /**
   * Gives {@link Exchange.response} a head written by the caller; content follows by `response.write()` and
   * `response.end()`. Node adds nothing to it.
   */
  beginResponse(head: ResponseHead): void
  /** Told how many bytes of content {@link Exchange.reply} has sent. */
  onReply?: (length: number) => void
  /** Answers in one write and ends the exchange, without making Node's objects. */
  reply(head: ResponseHead, body?: Uint8Array): void
}

/** Limits and timers of one connection. Sizes are bytes, durations milliseconds; 0 switches a timer off. */
export interface WireOptions {
  /** Longest request line or field line, line end included. @defaultValue `65_536` */
  readonly maxLineSize: number
  /** Most fields in a head. @defaultValue `100` */
  readonly maxHeaders: number
  /** Largest head in all. @defaultValue `262_144` */
  readonly maxHeadSize: number
  /** Largest request content; `Infinity` leaves it to the handler. @defaultValue `Infinity` */
  readonly maxBodySize: number
  /** Requests answered on one connection; 0 is no limit. @defaultValue `0` */
  readonly maxRequests: number
  /** From connecting to the first byte. @defaultValue `10_000` */
  readonly firstByteTimeout: number
  /** From the first byte of a head to its end, in all. @defaultValue `20_000` */
  readonly headTimeout: number
  /** Between two reads of a request's content. @defaultValue `20_000` */
  readonly bodyIdleTimeout: number
  /**
   * Least average rate of a request's content in bytes a second, once {@link WireOptions.bodyRateGrace} is over; 0 is none.
   *
   * @defaultValue `240`
   */
  readonly minBodyRate: number
  /** How long a request's content may be slower than {@link WireOptions.minBodyRate}. @defaultValue `5_000` */
  readonly bodyRateGrace: number
  /** Between a response and the next request. @defaultValue `5_000` */
  readonly keepAliveTimeout: number
  /** Without progress while a response is written. @defaultValue `60_000` */
  readonly writeTimeout: number
  /**
   * How long a closed connection is still read, so that the client sees the answer; 0 is not at all.
   *
   * @defaultValue `1_000`
   */
  readonly lingerTimeout: number
  /** `http.server`'s leniences in request lines, targets and `Host`; never in framing. @defaultValue `false` */
  readonly strict: boolean
}
