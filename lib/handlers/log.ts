import type { IncomingMessage, ServerResponse } from 'node:http'
import type { LogFormat, LogLevel, LogOption } from '../../types/logger.ts'
import type { Exchange } from '../../types/wire.ts'
import { logEvent, logResponse } from '../log/logger.ts'
import { toSink } from '../log/sink.ts'
import { ResponseMeter } from './response-meter.ts'

/** What of a handler is logged. */
export interface LoggedHandler {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly requestline: string
  readonly command: string
  readonly log: LogOption
  readonly logFormat: LogFormat
  addressString(): string
}

/**
 * Logs a line that is no answered request.
 *
 * @param log - where to, if not where the handler's other lines go
 */
export function logMessageOf(
  handler: LoggedHandler,
  level: LogLevel,
  message: string,
  log: LogOption = handler.log,
): void {
  const sink = toSink(log)
  if (sink === undefined) return
  const client = handler.addressString()
  logEvent(sink, handler.logFormat, { time: Date.now(), level, client, message })
}

/** Status of a request whose client has left before there was any other, as nginx logs it. */
export const CLIENT_GONE = 499

/** Logs a request when its response has ended: its size and duration are known then. */
export class ResponseLog {
  /** The status last begun. */
  status: number
  /** What an error page says. */
  error: string | undefined

  /**
   * @param handler - whose response it is
   * @param exchange - the standalone server's, if the handler writes its head itself
   * @param started - when the request was received, by `performance.now()`
   * @param status - the status begun
   */
  constructor(
    handler: LoggedHandler,
    exchange: Exchange | undefined,
    started: number,
    status: number,
  ) {
    this.status = status
    const { response } = handler
    const meter = new ResponseMeter(response)
    let size: number | undefined
    let finished = false
    response.once('finish', () => {
      finished = true
    })
    const closed = (): void => {
      // In a foreign host whoever writes the head last has the last word on the status.
      if (exchange === undefined && response.headersSent) this.status = response.statusCode
      try {
        this.#write(handler, started, size ?? meter.size, !finished || isReset(response))
      } catch {
        // An override of addressString() has failed, and there is no request left to fail: the line is lost.
      }
    }
    if (exchange !== undefined) {
      exchange.onReply = (length) => {
        size = length
        finished = true
      }
    }
    if (!isClosed(response)) {
      response.once('close', closed)
    } else if (exchange === undefined || handler.request.complete) {
      // Nothing has reached the client. What had incomplete content was refused, and that is logged.
      this.status = CLIENT_GONE
      closed()
    }
  }

  #write(handler: LoggedHandler, started: number, size: number, aborted: boolean): void {
    const sink = toSink(handler.log)
    if (sink === undefined) return
    const { request, requestline, command } = handler
    const duration = performance.now() - started
    const { host, referer } = request.headers
    logResponse(sink, handler.logFormat, {
      time: Date.now() - duration,
      client: handler.addressString(),
      requestline,
      method: command,
      target: requestline.split(/[ \t]+/)[1] ?? '',
      version: `HTTP/${request.httpVersion}`,
      status: this.status,
      size,
      duration,
      aborted,
      host,
      referer,
      userAgent: request.headers['user-agent'],
      error: this.error,
    })
  }
}

// --- Internal ---

/** What a response of `node:http2` has, whose `finish` comes whatever became of it. */
interface StreamResponse extends ServerResponse {
  readonly stream?: { readonly rstCode: number; readonly destroyed: boolean }
}

function isReset({ stream }: StreamResponse): boolean {
  return stream !== undefined && stream.rstCode !== 0
}

/** Whether a response's `close` has been told. */
function isClosed(response: StreamResponse): boolean {
  return response.closed || response.stream?.destroyed === true
}
