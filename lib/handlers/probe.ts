import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { BaseHTTPRequestHandler, HandlerClass } from './base.ts'
import { checkBoolean, checkTimer } from './check.ts'
import { checkDeclared } from './fields.ts'
import { trustOf } from './forwarded.ts'
import { checkLog, checkLogFormat } from './log-options.ts'

/**
 * An instance that answers nothing, to read a class's own fields from: for `GET /`, on a socket that is not connected,
 * for fields may be made of what a request always has.
 */
export function probe<T extends BaseHTTPRequestHandler>(
  Handler: new (...args: ConstructorParameters<HandlerClass>) => T,
): T {
  const request = new IncomingMessage(new Socket())
  request.method = 'GET'
  request.url = '/'
  return new Handler(request, new ServerResponse(request))
}

/**
 * Checks the fields of a handler class: those that a server goes by, and those that its classes have declared.
 *
 * @throws TypeError or RangeError naming the field
 */
export function checkFields(handler: BaseHTTPRequestHandler): void {
  checkLog('log', handler.log)
  checkLogFormat(handler.logFormat)
  checkBoolean('strict', handler.strict)
  checkTimer('timeout', handler.timeout)
  trustOf(handler.trustProxy)
  checkDeclared(handler)
}
