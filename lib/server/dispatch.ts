import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Exchange } from '../../types/wire.ts'
import type { HandlerServer } from '../../types/handler.ts'
import type { LogFormat, LogOption, LogOptions } from '../../types/logger.ts'
import type { Middleware } from '../../types/middleware.ts'
import type { TrustProxy } from '../../types/proxy.ts'
import { BaseHTTPRequestHandler, type HandlerClass } from '../handlers/base.ts'
import { configure, isHandlerClass } from '../handlers/configure.ts'
import { noteForwarded, trustOf } from '../handlers/forwarded.ts'
import { resolveLog } from '../handlers/log-options.ts'
import { markOwn } from '../handlers/own-classes.ts'
import { clientAddressOf, requestlineOf } from '../handlers/request.ts'
import { reportTo, runHandler } from '../handlers/run-handler.ts'
import { recorderKey, type Recorded, type Recorder } from '../handlers/recorder.ts'
import { ShortWay } from '../handlers/short-way.ts'
import { isThenable } from '../http/thenable.ts'

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

/** Answers one exchange of a connection. */
export type Dispatch = (exchange: Exchange) => void

/** What a server sets on its handlers. */
export type HandlerFields = Readonly<{
  log?: LogOption
  logFormat?: LogFormat
  strict?: boolean
  trustProxy?: TrustProxy
}>

/** The fields of a server's handlers that its options decide. */
export function handlerFields(
  handler: HandlerClass | Middleware,
  options: LogOptions & { readonly strict?: boolean; readonly trustProxy?: TrustProxy },
): HandlerFields {
  const { strict, trustProxy } = options
  const { log, ...format } = resolveLog(options, false)
  // A handler class has a log of its own.
  const own = isHandlerClass(handler) && options.log === undefined && options.logger === undefined
  return {
    ...format,
    ...(own ? {} : { log }),
    ...(strict === undefined ? {} : { strict }),
    ...(trustProxy === undefined ? {} : { trustProxy }),
  }
}

/**
 * Makes of what a server was given to run the function that answers its requests.
 *
 * @param handler - a handler class, a middleware, or an Express or Connect app
 * @param fields - values of every handler's fields
 * @throws TypeError for anything else
 */
export function toDispatch(
  handler: HandlerClass | Middleware,
  server: HandlerServer,
  fields: HandlerFields,
): Dispatch {
  if (isHandlerClass(handler)) {
    const Handler = configure(handler, fields)
    const answer = (recorder: Recorder | undefined, exchange: Exchange): void => {
      exchange.direct = true
      exchange.redispatch = (request) => {
        void runHandler(new Handler(request, exchange.response, server))
      }
      const first = new Handler(exchange.request, exchange.response, server)
      if (recorder !== undefined) (first as Recorded)[recorderKey] = recorder
      void runHandler(first)
    }
    const fail = (error: unknown, { request, response }: Exchange): void => {
      reportTo(server, request, clientAddressOf(request), error)
      response.destroy()
    }
    const shortWay = ShortWay.of(Handler)
    if (shortWay === undefined) {
      return (exchange) => {
        answer(undefined, exchange)
      }
    }
    return (exchange) => {
      shortWay.answer(exchange, { answer, fail })
    }
  }
  if (typeof handler !== 'function') {
    throw new TypeError('handler must be a request handler class, a middleware or an app')
  }
  return dispatchTo(handler, server, fields)
}

function dispatchTo(
  // An async middleware returns a promise, whatever its type says.
  app: (...args: Parameters<Middleware>) => unknown,
  server: HandlerServer,
  fields: HandlerFields,
): Dispatch {
  const Refused = configure(BaseHTTPRequestHandler, { ...fields, protocolVersion: 'HTTP/1.1' })
  const answer = toListener(app, server, fields)
  return (exchange) => {
    if (exchange.failure !== undefined) {
      exchange.direct = true
      void runHandler(new Refused(exchange.request, exchange.response, server))
      return
    }
    if (exchange.head?.expectContinue === true) exchange.sendInterim(CONTINUE)
    exchange.redispatch = (request) => {
      answer(request, exchange.response)
    }
    answer(exchange.request, exchange.response)
  }
}

/** Makes of a middleware or an app a listener that also answers what it passes on. */
export function toListener(
  app: (...args: Parameters<Middleware>) => unknown,
  server: HandlerServer,
  fields: HandlerFields,
): (request: IncomingMessage, response: ServerResponse) => void {
  const Unanswered = configure(UnansweredRequestHandler, fields)
  // An app answers by itself what none of its middleware does; next() would keep it from that. Polka's is a bound method,
  // whose third parameter is something else.
  const isApp = 'handle' in app || app.name === 'bound handler'
  const trusts = trustOf(fields.trustProxy ?? false)
  return (request, response) => {
    if (trusts !== undefined) noteForwarded(request, trusts)
    const next = (error?: unknown): void => {
      const handler = new Unanswered(request, response, server)
      handler.reason = error
      void runHandler(handler)
    }
    try {
      const result = app(request, response, isApp ? undefined : next)
      // Nobody else would see an async middleware's rejection.
      if (isThenable(result)) result.then(undefined, next)
    } catch (error) {
      next(error)
    }
  }
}

/** Answers what a middleware has passed on: 404, or its error. */
class UnansweredRequestHandler extends BaseHTTPRequestHandler {
  static {
    markOwn(this)
  }

  /** What `next()` was called with. */
  reason: unknown = undefined

  override handleOneRequest(): void {
    this.command = this.request.method ?? ''
    this.requestline = requestlineOf(this.request)
    this.decline(this.reason ?? undefined)
  }
}
