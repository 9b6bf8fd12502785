import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable, Writable } from 'node:stream'
import type { Address, HandlerServer } from '../../types/handler.ts'
import type { LogFormat, LogLevel, LogOption } from '../../types/logger.ts'
import type { TrustProxy } from '../../types/proxy.ts'
import type { Exchange } from '../../types/wire.ts'
import { formatHttpDate, formatLogDate } from '../http/date.ts'
import { escapeHtml } from '../http/escape.ts'
import { directExchangeOf } from '../http/exchange-of.ts'
import { HTTPMessage } from '../http/message.ts'
import { printf, printfNamed } from '../http/printf.ts'
import { repr } from '../http/repr.ts'
import { responses } from '../http/status.ts'
import { toFieldText } from '../http/token.ts'
import { DEFAULT_ERROR_CONTENT_TYPE, DEFAULT_ERROR_MESSAGE } from './error-page.ts'
import { baseChecks } from './base-checks.ts'
import { Failures } from './failures.ts'
import { declareFields } from './fields.ts'
import { noteForwarded, trustOf } from './forwarded.ts'
import { CLIENT_GONE, logMessageOf, ResponseLog } from './log.ts'
import { markOwn } from './own-classes.ts'
import { recorderKey, type Recorded } from './recorder.ts'
import {
  clientAddressOf,
  connectionTokens,
  isSimpleRequest,
  mountOf,
  relativeTarget,
  requestlineOf,
} from './request.ts'
import { checkField, checkReason, ResponseHeadBuffer } from './response-head.ts'

/** What `sendError()` logs. */
const ERROR_LINE = 'code %d, message %s'

/**
 * A request handler class, as {@link BaseHTTPRequestHandler} and its subclasses are.
 */
export type HandlerClass = new (
  request: IncomingMessage,
  response: ServerResponse,
  server?: HandlerServer,
) => BaseHTTPRequestHandler

/** What whoever runs a handler needs to know of it. */
export interface HandlerState {
  readonly declined: boolean
  /** What it was declined with. */
  readonly error: unknown
  readonly exchange: Exchange | undefined
  readonly closes: boolean
}

// Set by the class, whose private members they reach: public ones would be in the way of a subclass's of the same name.

/** Does what a handler's constructor could not do, for fields of a subclass are set after it. */
export let beginHandler: (handler: BaseHTTPRequestHandler) => void
/** How a handler stands. */
export let stateOf: (handler: BaseHTTPRequestHandler) => HandlerState
/** Logs a request whose client has left, if nothing was logged of it yet and requests are logged after their responses. */
export let logDeparture: (handler: BaseHTTPRequestHandler) => void
/** What goes wrong of a handler where nobody waits for it. */
export let failuresOf: (handler: BaseHTTPRequestHandler) => Failures

/**
 * Handles one request: reads it, calls `do_GET`, `do_POST`, … by its method and logs it.
 *
 * It handles nothing itself: a subclass adds `do_*` methods. A request whose method has none is answered with 501.
 * The constructor does no work, since a subclass's fields are initialised after it; whoever constructs a handler
 * calls {@link BaseHTTPRequestHandler.setup | setup()}, `handle()` and `finish()`, as `HTTPServer` and
 * `toMiddleware()` do.
 *
 * Python: `BaseHTTPRequestHandler`
 */
export class BaseHTTPRequestHandler {
  /** The methods it handles: `do_` and the method's token, case kept. */
  [method: `do_${string}`]: (() => void | Promise<void>) | undefined

  /** The request as Node's own object, whatever the host. Python: `request`, there the socket */
  readonly request: IncomingMessage
  /** The response as Node's own object, whatever the host. */
  readonly response: ServerResponse
  /** The server the handler runs on; absent in a foreign host. Python: `server` */
  readonly server: HandlerServer | undefined
  /** Host and port of the client; an IPv4 address is written as such also on a dual-stack socket. Python: `client_address` */
  clientAddress: Address
  /** The request line without its line end. Python: `requestline` */
  requestline = ''
  /** The method; `''` while none was read. Python: `command` */
  command = ''
  /** The request target, relative to {@link BaseHTTPRequestHandler.mount}, never percent-decoded. Python: `path` */
  path = ''
  /** The raw prefix under which an Express or Connect app has mounted the handler, or `''`. */
  mount = ''
  /** `HTTP/1.1` and the like; `''` while none was read. Python: `request_version` */
  requestVersion = ''
  /** The request's fields. Python: `headers` */
  headers: HTTPMessage
  /** The request's content. Python: `rfile` */
  rfile: Readable
  /** The response's content. Python: `wfile` */
  wfile: Writable
  /** Whether the connection ends with this response. A host other than `HTTPServer` decides for itself. Python: `close_connection` */
  closeConnection = true

  /** First product of the `Server` field. Python: `server_version` */
  serverVersion = 'BaseHTTP/0.6'
  /** Second product of the `Server` field. Python: `sys_version` */
  sysVersion = `Node/${process.versions.node}`
  /**
   * The version in status lines. From `HTTP/1.1` on connections persist, so every response then needs an exact
   * `Content-Length`; one without is ended by closing. A foreign host writes its own. Python: `protocol_version`
   *
   * @defaultValue `'HTTP/1.0'`
   */
  protocolVersion = 'HTTP/1.0'
  /** Version of a request line that names none. Python: `default_request_version` */
  defaultRequestVersion = 'HTTP/0.9'
  /** Page of {@link BaseHTTPRequestHandler.sendError}: `%(code)d`, `%(message)s`, `%(explain)s`. Python: `error_message_format` */
  errorMessageFormat: string = DEFAULT_ERROR_MESSAGE
  /** Media type of the error page. Python: `error_content_type` */
  errorContentType: string = DEFAULT_ERROR_CONTENT_TYPE
  /** Phrase and description of each status. Python: `responses` */
  responses: Readonly<Record<number, readonly [phrase: string, description: string]>> = responses
  /** Class of {@link BaseHTTPRequestHandler.headers}. Python: `MessageClass` */
  MessageClass: typeof HTTPMessage = HTTPMessage
  /**
   * Milliseconds the standalone server waits for a silent client, instead of its own limits. Python: `timeout`, there in seconds
   *
   * @defaultValue `undefined`: the server's limits
   */
  timeout: number | undefined = undefined
  /** Whether to send byte for byte what CPython's http.server sends. @defaultValue `false` */
  strict = false
  /** Where log lines go. @defaultValue `true`: standard error */
  log: LogOption = true
  /**
   * How requests are logged. All but `python` log a request after its response, with its size; a class that overrides
   * {@link BaseHTTPRequestHandler.logMessage} gets http.server's lines all the same.
   */
  logFormat: LogFormat = 'python'
  /**
   * Which proxies' word counts for who the client is: {@link BaseHTTPRequestHandler.clientAddress} is then the client's
   * from `setup()` on, and not the proxy's.
   */
  trustProxy: TrustProxy = false
  /**
   * Whether a request that the handler has no answer for is left to the next middleware.
   *
   * @defaultValue `false`; always so where there is no next one
   */
  fallthrough = false
  /** Whether {@link BaseHTTPRequestHandler.sendResponse} adds `Server` and `Date`. */
  protected announces = true

  static {
    markOwn(this)
    declareFields(this, baseChecks)
    beginHandler = (handler) => {
      handler.#begin()
    }
    stateOf = (handler) => handler.#state
    logDeparture = (handler) => {
      if (handler.#responseLog === undefined && handler.#logsResponses)
        handler.#logResponse(CLIENT_GONE)
    }
    failuresOf = (handler) => handler.#failures
  }

  readonly #exchange: Exchange | undefined
  readonly #head = new ResponseHeadBuffer()
  readonly #failures = new Failures()
  #handled = false
  #closes: boolean | undefined
  #declined = false
  #declinedWith: unknown = undefined
  #received: number | undefined
  #responseLog: ResponseLog | undefined
  #level: LogLevel = 'info'

  /**
   * @param request - the request
   * @param response - the response to it
   * @param server - the server that calls, if it is one of this package
   */
  constructor(request: IncomingMessage, response: ServerResponse, server?: HandlerServer) {
    this.request = request
    this.response = response
    this.server = server
    this.clientAddress = clientAddressOf(request)
    this.headers = new HTTPMessage(request.rawHeaders)
    this.rfile = request
    this.wfile = response
    this.#exchange = directExchangeOf(response)
  }

  /** Called before {@link BaseHTTPRequestHandler.handle}; does nothing by itself. Python: `setup` */
  setup(): void | Promise<void> {
    // For subclasses: there is nothing to set up that the constructor has not.
  }

  /** Called after {@link BaseHTTPRequestHandler.handle}, also when that threw; does nothing by itself. Python: `finish` */
  finish(): void | Promise<void> {
    // For subclasses: whoever runs the handler ends the response.
  }

  /** Handles the request. The server constructs a handler a request, so there is no loop. Python: `handle` */
  handle(): void | Promise<void> {
    return this.handleOneRequest()
  }

  /**
   * Reads the request and calls its `do_*` method. Called again, as a `handle()` ported with its loop does, it finds no
   * further request and ends the loop by `closeConnection`; what that was before still decides about the connection.
   *
   * Python: `handle_one_request`
   */
  handleOneRequest(): void | Promise<void> {
    if (this.#handled) {
      this.#closes ??= this.closeConnection
      this.closeConnection = true
      return
    }
    this.#handled = true
    const parsed = this.parseRequest()
    if (typeof parsed === 'boolean') return parsed ? this.#dispatch() : undefined
    return this.#failures.ofOwn(parsed.then((good) => (good ? this.#dispatch() : undefined)))
  }

  #dispatch(): void | Promise<void> {
    const method = this[`do_${this.command}`]
    if (typeof method === 'function') return method.call(this)
    return this.handleUnknownMethod()
  }

  /** Answers a request whose method has no `do_*`: 501 `Unsupported method ('X')`, or leaves it to the next middleware. */
  protected handleUnknownMethod(): void | Promise<void> {
    if (this.fallthrough) this.decline()
    else this.sendError(501, `Unsupported method (${repr(this.command)})`)
  }

  /**
   * Sets `requestline`, `command`, `path`, `requestVersion`, `headers` and `closeConnection`.
   *
   * @returns whether the request is good; if not, an error has been sent. Python: `parse_request`
   */
  parseRequest(): boolean | Promise<boolean> {
    const { request } = this
    this.requestline = this.#exchange?.requestline ?? requestlineOf(request)
    this.command = request.method ?? ''
    const failure = this.#exchange?.failure
    if (failure !== undefined) {
      this.closeConnection = true
      // What names HTTP/0.9 and is wrong otherwise is answered without a head, too.
      if (request.httpVersion === '0.9') this.requestVersion = 'HTTP/0.9'
      this.sendError(failure.code, failure.message, failure.explain)
      return false
    }
    this.mount = mountOf(request)
    this.path = relativeTarget(request)
    this.requestVersion = isSimpleRequest(this.requestline)
      ? this.defaultRequestVersion
      : `HTTP/${request.httpVersion}`
    if (this.MessageClass !== HTTPMessage) this.headers = new this.MessageClass(request.rawHeaders)
    return this.#readConnection()
  }

  #readConnection(): boolean | Promise<boolean> {
    const { request } = this
    const current = request.httpVersionMajor > 1 || request.httpVersionMinor >= 1
    const persistent = this.protocolVersion >= 'HTTP/1.1'
    const tokens = connectionTokens(request)
    this.closeConnection =
      tokens.has('close') || !persistent || !(current || tokens.has('keep-alive'))
    const expects = request.headers.expect?.toLowerCase() === '100-continue'
    return expects && current && persistent ? this.handleExpect100() : true
  }

  /**
   * Tells the client to go on and send the content it announced. A subclass may send 417 and refuse.
   * A foreign host sends `100 Continue` by itself before any handler runs.
   *
   * @returns whether to go on. Python: `handle_expect_100`
   */
  handleExpect100(): boolean | Promise<boolean> {
    if (this.#exchange !== undefined) {
      this.sendResponseOnly(100)
      this.endHeaders()
    }
    return true
  }

  /**
   * Answers with an error page, logs it and closes the connection.
   *
   * The page is omitted for HEAD and for 1xx, 204, 205 and 304.
   *
   * @param code - the status
   * @param message - reason phrase; the status's own by default
   * @param explain - long explanation; the status's own by default
   *
   * Python: `send_error`
   */
  sendError(code: number, message?: string, explain?: string): void {
    const [phrase, description] = this.responses[code] ?? ['???', '???']
    const shown = message ?? phrase
    this.logError(ERROR_LINE, code, shown)
    this.sendResponse(code, toFieldText(shown))
    if (this.#responseLog !== undefined) this.#responseLog.error = shown
    this.sendHeader('Connection', 'close')
    let body: Buffer | undefined
    if (code >= 200 && code !== 204 && code !== 205 && code !== 304) {
      const page = printfNamed(this.errorMessageFormat, {
        code,
        message: escapeHtml(shown, false),
        explain: escapeHtml(explain ?? description, false),
      })
      body = Buffer.from(page, 'utf8')
      this.sendHeader('Content-Type', this.errorContentType)
      this.sendHeader('Content-Length', body.length)
      if (!this.strict) this.sendHeader('X-Content-Type-Options', 'nosniff')
    }
    this.endHeaders()
    if (body !== undefined && this.command !== 'HEAD') this.response.end(body)
  }

  /**
   * Logs the request and begins a response: status line, `Server` and `Date`.
   *
   * @param code - the status
   * @param message - reason phrase; the status's own by default
   *
   * Python: `send_response`
   */
  sendResponse(code: number, message?: string): void {
    this.logRequest(code)
    this.sendResponseOnly(code, message)
    if (this.announces) {
      this.sendHeader('Server', this.versionString())
      this.sendHeader('Date', this.dateTimeString())
    }
  }

  /**
   * Begins a response with the status line alone and logs nothing.
   *
   * @throws TypeError if the phrase has a control character or one beyond latin-1
   *
   * Python: `send_response_only`
   */
  sendResponseOnly(code: number, message?: string): void {
    const reason = message ?? this.responses[code]?.[0] ?? ''
    checkReason(reason)
    this.#head.begin(code, reason)
  }

  /**
   * Adds a field to the head. `Connection: close` and `keep-alive` also set {@link BaseHTTPRequestHandler.closeConnection}.
   *
   * @throws TypeError if the name is no token, or the value has a control character or one beyond latin-1
   *
   * Python: `send_header`
   */
  sendHeader(keyword: string, value: string | number): void {
    const text = typeof value === 'number' ? String(value) : value
    checkField(keyword, text)
    this.#head.add(keyword, text)
    if (keyword.length === 10 && keyword.toLowerCase() === 'connection') {
      const option = text.toLowerCase()
      if (option === 'close') this.closeConnection = true
      else if (option === 'keep-alive') this.closeConnection = false
    }
  }

  /** Ends the head and sends it. Python: `end_headers` */
  endHeaders(): void {
    this.flushHeaders()
  }

  /** Sends the head as it stands, if one was begun. Python: `flush_headers` */
  flushHeaders(): void {
    if (!this.#head.begun) return
    const recorder = (this as Recorded)[recorderKey]
    if (recorder !== undefined) this.#head.record(recorder)
    if (this.#exchange === undefined) this.#head.sendByNode(this.response)
    else this.#head.sendByExchange(this.#exchange, this)
  }

  /**
   * Logs an accepted request; in a {@link BaseHTTPRequestHandler.logFormat} other than `python`, when its response has
   * ended.
   *
   * Python: `log_request`
   */
  logRequest(code: number | string = '-', size: number | string = '-'): void {
    if (this.#logsResponses) this.#logResponse(Number(code))
    else this.logMessage('"%s" %s %s', this.requestline, String(code), String(size))
  }

  /** Logs an error; the same as {@link BaseHTTPRequestHandler.logMessage} unless overridden. Python: `log_error` */
  logError(format: string, ...args: unknown[]): void {
    // The line of the response tells the same.
    if (format === ERROR_LINE && this.#logsResponses) return
    this.#level = 'error'
    try {
      this.logMessage(format, ...args)
    } finally {
      this.#level = 'info'
    }
  }

  /**
   * Logs one line, `ADDRESS - - [DD/Mon/YYYY HH:MM:SS] MESSAGE`, control characters written as `\xHH`.
   *
   * @param format - a printf format
   * @param args - its arguments
   *
   * Python: `log_message`
   */
  logMessage(format: string, ...args: unknown[]): void {
    if (this.log !== false) logMessageOf(this, this.#level, printf(format, ...args))
  }

  /** Whether requests are logged after their responses, which an override of `logMessage()` would not see. */
  get #logsResponses(): boolean {
    // Compared, not called.
    // eslint-disable-next-line @typescript-eslint/unbound-method
    const { logMessage } = BaseHTTPRequestHandler.prototype
    return this.logFormat !== 'python' && this.logMessage === logMessage
  }

  #logResponse(status: number): void {
    if (this.#responseLog !== undefined) this.#responseLog.status = status
    else {
      const started = this.#received ?? performance.now()
      this.#responseLog = new ResponseLog(this, this.#exchange, started, status)
    }
  }

  /** The `Server` field's value. Python: `version_string` */
  versionString(): string {
    return `${this.serverVersion} ${this.sysVersion}`
  }

  /**
   * A time as `Date` and `Last-Modified` write it.
   *
   * @param timestamp - milliseconds since the epoch; now by default
   *
   * Python: `date_time_string`, there in seconds
   */
  dateTimeString(timestamp: number = Date.now()): string {
    return formatHttpDate(timestamp)
  }

  /** Now, in local time, as log lines have it. Python: `log_date_time_string` */
  logDateTimeString(): string {
    return formatLogDate(Date.now())
  }

  /** The client's address as log lines have it. Python: `address_string` */
  addressString(): string {
    return this.clientAddress[0]
  }

  /**
   * Leaves the request to the next middleware: nothing is written, and the runner calls `next(err)`.
   * Without a next middleware the runner answers, with 404 or the error's status.
   */
  protected decline(err?: unknown): void {
    this.#declined = true
    this.#declinedWith = err
  }

  #begin(): void {
    // For a log that tells how long it took.
    if (this.logFormat !== 'python') this.#received = performance.now()
    const trusts = trustOf(this.trustProxy)
    if (trusts === undefined) return
    noteForwarded(this.request, trusts)
    this.clientAddress = clientAddressOf(this.request)
  }

  get #state(): HandlerState {
    return {
      declined: this.#declined,
      error: this.#declinedWith,
      exchange: this.#exchange,
      closes: this.#closes ?? this.closeConnection,
    }
  }
}
