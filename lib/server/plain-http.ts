import type { Middleware } from '../../types/middleware.ts'
import type { HTTPServerOptions } from '../../types/server.ts'
import { BaseHTTPRequestHandler, type HandlerClass } from '../handlers/base.ts'
import { configure } from '../handlers/configure.ts'
import { markOwn } from '../handlers/own-classes.ts'
import { runHandler } from '../handlers/run-handler.ts'
import { handlerFields, type Dispatch } from './dispatch.ts'
import type { HTTPServer } from './http-server.ts'

/**
 * Answers plain HTTP on a port of TLS: 400, or a redirect to `https:`.
 *
 * @param handler - what serves the requests that come over TLS; a class's log is used
 */
export function plainDispatch(
  server: HTTPServer,
  handler: HandlerClass | Middleware,
  options: HTTPServerOptions,
  redirect: boolean,
): Dispatch {
  const fields = { ...handlerFields(handler, options), protocolVersion: 'HTTP/1.1', redirect }
  const Refused = configure(PlainHTTPRequestHandler, fields)
  return (exchange) => {
    exchange.direct = true
    void runHandler(new Refused(exchange.request, exchange.response, server))
  }
}

// --- Internal ---

class PlainHTTPRequestHandler extends BaseHTTPRequestHandler {
  static {
    markOwn(this)
  }

  redirect = false

  override async handleOneRequest(): Promise<void> {
    // parseRequest() answers what is no request at all. An expectation is not met: nothing is to be sent here.
    if (!(await this.parseRequest())) return
    const host = this.headers.get('Host') ?? ''
    if (this.redirect && host !== '' && this.path.startsWith('/')) this.#redirect(host)
    else this.sendError(400, 'Client sent an HTTP request to an HTTPS server')
  }

  override handleExpect100(): boolean {
    return true
  }

  #redirect(host: string): void {
    const safe = this.command === 'GET' || this.command === 'HEAD'
    this.sendResponse(safe ? 301 : 308)
    this.sendHeader('Location', `https://${host}${this.path}`)
    this.sendHeader('Content-Length', 0)
    this.sendHeader('Connection', 'close')
    this.endHeaders()
  }
}
