import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Middleware } from '../../types/middleware.ts'
import type { HTTPServerOptions } from '../../types/server.ts'
import type { HandlerClass } from '../handlers/base.ts'
import { configure, isHandlerClass } from '../handlers/configure.ts'
import { runHandler } from '../handlers/run-handler.ts'
import { handlerFields, toListener } from './dispatch.ts'
import { withHealthListener } from './health.ts'
import { lifecycleOf, type HTTPServer } from './http-server.ts'

/** Answers requests given by Node's own objects. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => void

/**
 * Refuses what cannot serve HTTP/2: Express gives requests its own prototypes, of HTTP/1.x.
 *
 * @throws TypeError
 */
export function checkHttp2Handler(handler: HandlerClass | Middleware): void {
  if (!isHandlerClass(handler) && 'handle' in handler && 'request' in handler) {
    throw new TypeError('option http2 does not go with an Express app, which knows no HTTP/2')
  }
}

/** Makes of what a server was given to run a listener for HTTP/2. */
export function toHttp2Listener(
  server: HTTPServer,
  handler: HandlerClass | Middleware,
  options: HTTPServerOptions,
): Listener {
  const listener = toPlainListener(server, handler, options)
  if (options.healthPath === undefined) return listener
  return withHealthListener(listener, options.healthPath, lifecycleOf(server))
}

// --- Internal ---

function toPlainListener(
  server: HTTPServer,
  handler: HandlerClass | Middleware,
  options: HTTPServerOptions,
): Listener {
  const fields = handlerFields(handler, options)
  if (!isHandlerClass(handler)) return toListener(handler, server, fields)
  const Handler = configure(handler, fields)
  return (request, response) => {
    void runHandler(new Handler(request, response, server))
  }
}
