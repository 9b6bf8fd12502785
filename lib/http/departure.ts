import { errorCode } from './error.ts'

interface Departing {
  readonly destroyed: boolean
  readonly socket?: { readonly destroyed: boolean } | null
  /** That of a response of `node:http2`, which has no `destroyed` of its own. */
  readonly stream?: { readonly destroyed: boolean }
}

/** Whether nothing written to a response, or to another output, can reach its client any more. */
export function isGone(output: { readonly destroyed: boolean }): boolean {
  const { destroyed, stream, socket }: Departing = output
  return destroyed || stream?.destroyed === true || socket?.destroyed === true
}

/** What errors say that come of a client's leaving, which is no fault to report. */
const departures: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
  'ERR_HTTP2_INVALID_STREAM',
  'ERR_HTTP2_STREAM_ERROR',
  'ERR_HTTP2_STREAM_CANCEL',
  'ERR_HTTP2_SESSION_ERROR',
])

/** Whether an error is one that comes of a client's leaving. */
export function isDeparture(error: unknown): boolean {
  return error instanceof Error && departures.has(errorCode(error))
}
