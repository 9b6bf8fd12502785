import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Address, HandlerServer } from '../../types/handler.ts'
import type { NextFunction } from '../../types/middleware.ts'
import { isDeparture, isGone } from '../http/departure.ts'
import { isThenable } from '../http/thenable.ts'
import { logFailure } from '../log/failure.ts'
import { stderrSink } from '../log/sink.ts'
import { isBegun } from './begun.ts'
import { BaseHTTPRequestHandler, beginHandler, failuresOf, logDeparture, stateOf } from './base.ts'

/** An exchange's head for content that a handler writes without a status line, as HTTP/0.9 has it. */
const noHead = { bytes: '', hasBody: true, length: 'until-close' } as const

/** A request left to the host's next middleware, with an error or without. */
interface Passed {
  readonly error: unknown
}

/**
 * Runs a handler for its request: `setup()`, `handle()`, `finish()`, then the end of the response.
 *
 * The response ends when `handle()` returns or its promise resolves, unless a stream is then being piped into it.
 * Whatever the handler throws is answered with 500 (or by closing, if a head is out) and reported to `next`, else to
 * the server; it is never thrown on.
 *
 * @param handler - made for this request
 * @param next - the host's continuation, if it has one; called once at most. What it throws is the host's, and rejects
 */
export async function runHandler(
  handler: BaseHTTPRequestHandler,
  next?: NextFunction,
): Promise<void> {
  const passed = await answer(handler, next !== undefined)
  let isPassed = passed !== undefined
  failuresOf(handler).close((error) => {
    // The response is then the host's.
    if (isPassed) report(handler, error)
    else isPassed = failLate(handler, error, next)
  }, passed?.error)
  if (passed !== undefined) next?.(passed.error)
}

/**
 * Fails a request that has been answered: whatever of the response is still under way is cut off, by the host if it has
 * a continuation.
 *
 * @returns whether the request is now the host's
 */
function failLate(handler: BaseHTTPRequestHandler, error: unknown, next?: NextFunction): boolean {
  const { response, server } = handler
  if (isGone(response) && isDeparture(error)) return false
  if (server === undefined && next !== undefined) {
    next(error)
    return true
  }
  report(handler, error)
  if (!response.writableEnded) response.destroy()
  return false
}

async function answer(
  handler: BaseHTTPRequestHandler,
  canPass: boolean,
): Promise<Passed | undefined> {
  try {
    begin(handler, canPass)
    try {
      await handler.setup()
      await handler.handle()
    } finally {
      await finish(handler)
    }
    const failures = failuresOf(handler)
    if (failures.any) await failures.settle()
    return await conclude(handler, canPass)
  } catch (error) {
    return await fail(handler, error, canPass)
  }
}

function begin(handler: BaseHTTPRequestHandler, canPass: boolean): void {
  if (!canPass) handler.fallthrough = false
  beginHandler(handler)
  const { exchange } = stateOf(handler)
  if (exchange === undefined) return
  // Content written before any head is sent as it is, as http.server's wfile does.
  Object.defineProperty(handler.response, '_implicitHeader', {
    value: () => {
      handler.flushHeaders()
      if (!handler.response.headersSent) exchange.beginResponse(noHead)
    },
    configurable: true,
    writable: true,
  })
}

/** Tells a server of an error, whose `handleError()` may be a subclass's and fail itself. */
export function reportTo(
  server: HandlerServer,
  request: IncomingMessage,
  clientAddress: Address,
  error: unknown,
): void {
  const failed = (second: unknown): void => {
    logFailure(stderrSink, 'python', clientAddress, second)
  }
  try {
    // A subclass's may be async.
    const told: unknown = server.handleError(request, clientAddress, error)
    if (isThenable(told)) told.then(undefined, failed)
  } catch (second) {
    failed(second)
  }
}

async function finish(handler: BaseHTTPRequestHandler): Promise<void> {
  try {
    await handler.finish()
  } catch (error) {
    // A response that stands by then is not lost for it.
    if (!isBegun(handler.response)) throw error
    report(handler, error)
  }
}

function report({ server, request, clientAddress }: BaseHTTPRequestHandler, error: unknown): void {
  if (server !== undefined) reportTo(server, request, clientAddress, error)
}

async function conclude(
  handler: BaseHTTPRequestHandler,
  canPass: boolean,
): Promise<Passed | undefined> {
  const { response } = handler
  const state = stateOf(handler)
  if (state.declined) {
    if (canPass) return { error: state.error }
    if (state.error !== undefined) return fail(handler, state.error, canPass)
    handler.sendError(404)
    await failuresOf(handler).settle()
    return undefined
  }
  if (state.exchange !== undefined) state.exchange.persist = !state.closes
  if (response.writableEnded || isPipedInto(response)) return undefined
  if (isBegun(response)) {
    response.end()
  } else if (isGone(response)) {
    response.destroy()
    logDeparture(handler)
  } else if (state.exchange !== undefined) {
    // http.server's answer of a handler that sends nothing: an empty reply.
    response.destroy()
  } else {
    throw new Error(`${handler.constructor.name} ended without a response`)
  }
  return undefined
}

/** `readable.pipe(response)` leaves this listener as long as it runs. */
function isPipedInto(response: ServerResponse): boolean {
  return response.listenerCount('unpipe') > 0
}

async function fail(
  handler: BaseHTTPRequestHandler,
  error: unknown,
  canPass: boolean,
): Promise<Passed | undefined> {
  const { response, request } = handler
  if ((isGone(response) || request.destroyed) && isDeparture(error)) {
    response.destroy()
    logDeparture(handler)
    return undefined
  }
  if (canPass) return { error }
  report(handler, error)
  const { exchange } = stateOf(handler)
  if (exchange !== undefined) exchange.persist = false
  const status = statusOf(error)
  const sent =
    (await sendError(handler, status)) || (await sendError(plainHandler(handler), status))
  if (!sent) response.destroy()
  return undefined
}

/** Sends an error page if no head is out; returns whether there is a response then. */
async function sendError(handler: BaseHTTPRequestHandler, status: number): Promise<boolean> {
  const { response } = handler
  if (isBegun(response) || isGone(response)) return false
  try {
    handler.sendError(status)
    await failuresOf(handler).settle()
    // An override may have sent nothing.
    if (!isBegun(response)) return false
    if (!response.writableEnded) response.end()
    return true
  } catch (error) {
    report(handler, error)
    return false
  }
}

/** A handler without overrides, for what a handler's own cannot answer. */
function plainHandler(handler: BaseHTTPRequestHandler): BaseHTTPRequestHandler {
  const { request, response, server, command, requestVersion, protocolVersion, strict } = handler
  const plain = new BaseHTTPRequestHandler(request, response, server)
  return Object.assign(plain, { command, requestVersion, protocolVersion, strict, log: false })
}

/** An error's own status, as http-errors give it one, if it is a 4xx or 5xx; else 500. */
function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('status' in error)) return 500
  const { status } = error
  return typeof status === 'number' && status >= 400 && status <= 599 ? status : 500
}
