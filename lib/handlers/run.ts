import type { ServerResponse } from 'node:http'
import type { NextFunction } from '../../types/middleware.ts'
import type { BaseHTTPRequestHandler } from './base.ts'

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
      await handler.finish()
    }
    conclude(handler, next)
  } catch (error) {
    fail(handler, error, next)
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
  if (state.exchange !== undefined) state.exchange.persist = !handler.closeConnection
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
  const { response, request, server } = handler
  const left = response.destroyed || request.destroyed || response.socket?.destroyed === true
  if (left && error instanceof Error && 'code' in error && departures.has(error.code)) {
    response.destroy()
    return
  }
  if (next !== undefined) {
    next(error)
    return
  }
  server?.handleError(request, handler.clientAddress, error)
  if (!response.headersSent && !response.destroyed) {
    try {
      handler.sendError(statusOf(error))
      if (!response.writableEnded) response.end()
      return
    } catch (second) {
      server?.handleError(request, handler.clientAddress, second)
    }
  }
  response.destroy()
}

/** An error's own status, as http-errors give it one, if it is a 4xx or 5xx; else 500. */
function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('status' in error)) return 500
  const { status } = error
  return typeof status === 'number' && status >= 400 && status <= 599 ? status : 500
}
