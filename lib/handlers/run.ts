import type { ServerResponse } from 'node:http'
import type { NextFunction } from '../../types/middleware.ts'
import { logFailure } from '../log/failure.ts'
import { stderrSink } from '../log/sink.ts'
import { BaseHTTPRequestHandler } from './base.ts'

/** An exchange's head for content that a handler writes without a status line, as HTTP/0.9 has it. */
const noHead = { bytes: '', hasBody: true, length: 'until-close' } as const

/** What errors say that come of a client's leaving, which is no fault to report. */
const departures: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
])

/**
 * Runs a handler for its request: `setup()`, `handle()`, `finish()`, then the end of the response.
 *
 * The response ends when `handle()` returns or its promise resolves, unless a stream is then being piped into it.
 * Whatever the handler throws is answered with 500 (or by closing, if a head is out) and reported to `next`, else to
 * the server; it is never thrown on.
 *
 * @param handler - made for this request
 * @param next - the host's continuation, if it has one
 */
export async function runHandler(
  handler: BaseHTTPRequestHandler,
  next?: NextFunction,
): Promise<void> {
  if (next === undefined) handler.fallthrough = false
  handler.begin()
  const { exchange } = handler.state
  if (exchange !== undefined) {
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
  try {
    try {
      await handler.setup()
      await handler.handle()
    } finally {
      await finish(handler)
    }
    conclude(handler, next)
  } catch (error) {
    fail(handler, error, next)
  }
}

async function finish(handler: BaseHTTPRequestHandler): Promise<void> {
  try {
    await handler.finish()
  } catch (error) {
    // A response that stands by then is not lost for it.
    if (!handler.response.headersSent) throw error
    report(handler, error)
  }
}

/** Tells the server, whose `handleError()` may be a subclass's and fail itself. */
function report({ server, request, clientAddress }: BaseHTTPRequestHandler, error: unknown): void {
  try {
    server?.handleError(request, clientAddress, error)
  } catch (second) {
    logFailure(stderrSink, 'python', clientAddress, second)
  }
}

function conclude(handler: BaseHTTPRequestHandler, next: NextFunction | undefined): void {
  const { response, state } = handler
  if (state.declined) {
    if (next !== undefined) next(state.error)
    else if (state.error !== undefined) fail(handler, state.error, next)
    else handler.sendError(404)
    return
  }
  if (state.exchange !== undefined) state.exchange.persist = !state.closes
  if (response.writableEnded || isPipedInto(response)) return
  if (response.headersSent) {
    response.end()
  } else if (state.exchange !== undefined) {
    // http.server's answer of a handler that sends nothing: an empty reply.
    response.destroy()
  } else {
    throw new Error(`${handler.constructor.name} ended without a response`)
  }
}

/** `readable.pipe(response)` leaves this listener as long as it runs. */
function isPipedInto(response: ServerResponse): boolean {
  return response.listenerCount('unpipe') > 0
}

function fail(
  handler: BaseHTTPRequestHandler,
  error: unknown,
  next: NextFunction | undefined,
): void {
  const { response, request } = handler
  const left = response.destroyed || request.destroyed || response.socket?.destroyed === true
  if (left && error instanceof Error && 'code' in error && departures.has(error.code)) {
    response.destroy()
    return
  }
  if (next !== undefined) {
    next(error)
    return
  }
  report(handler, error)
  const { exchange } = handler.state
  if (exchange !== undefined) exchange.persist = false
  const status = statusOf(error)
  const sent = sendError(handler, status) || sendError(plainHandler(handler), status)
  if (!sent) response.destroy()
}

/** Sends an error page if no head is out; returns whether there is a response then. */
function sendError(handler: BaseHTTPRequestHandler, status: number): boolean {
  const { response } = handler
  if (response.headersSent || response.destroyed) return false
  try {
    handler.sendError(status)
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
