import type { LogOptions } from '../../types/logger.ts'
import type { ProxyOptions } from '../../types/proxy.ts'
import type { Middleware } from '../../types/middleware.ts'
import type { HandlerClass } from '../handlers/base.ts'
import { configure, isHandlerClass } from '../handlers/configure.ts'
import { checkBoolean, checkKnown, checkOptions } from '../handlers/check.ts'
import { resolveTrust } from '../handlers/forwarded.ts'
import { resolveLog } from '../handlers/log-options.ts'
import { runHandler } from '../handlers/run-handler.ts'

/** Options of {@link toMiddleware}. Nothing is logged unless an option says where to. */
export interface ToMiddlewareOptions extends LogOptions, ProxyOptions {
  /**
   * Whether a request whose method has no `do_*` goes to the next middleware instead of being answered with 501.
   *
   * @defaultValue `true`, under `strict` `false`
   */
  fallthrough?: boolean
  /** Whether the handler sends what CPython's http.server sends. @defaultValue the class's own */
  strict?: boolean
}

// As a record, so that none can be forgotten.
const known: Readonly<Record<keyof ToMiddlewareOptions, true>> = {
  fallthrough: true,
  strict: true,
  log: true,
  logFormat: true,
  logger: true,
  trustProxy: true,
}

/**
 * Makes an Express or Connect middleware of a request handler class. It also serves as a listener of `node:http`.
 *
 * What a handler throws goes to `next(err)`. The host parses the request and frames the response: its status line, and
 * whether its connections persist, are not the handler's.
 *
 * @param Handler - the class; one instance is made for each request
 * @param options - see {@link ToMiddlewareOptions}
 * @throws TypeError if `Handler` is no handler class, or naming a wrong or unknown option
 */
export function toMiddleware(Handler: HandlerClass, options: ToMiddlewareOptions = {}): Middleware {
  if (!isHandlerClass(Handler)) throw new TypeError('Handler must be a request handler class')
  checkOptions(options)
  checkKnown(options, known)
  const { fallthrough, strict } = options
  checkBoolean('fallthrough', fallthrough)
  checkBoolean('strict', strict)
  const Configured = configure(Handler, {
    ...resolveLog(options, false),
    ...resolveTrust(options.trustProxy),
    fallthrough: fallthrough ?? strict !== true,
    ...(strict === undefined ? {} : { strict }),
  })
  return function handlerMiddleware(req, res, next) {
    void runHandler(new Configured(req, res), next)
  }
}
