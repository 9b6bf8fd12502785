import { ServerResponse } from 'node:http'
import type { IncomingMessage } from 'node:http'

/**
 * Whether none of a request's fields has a say in how a file is sent: no condition, range or expectation, and none of
 * cross-origin rules.
 *
 * @param rawHeaders - names and values in turn
 */
export function asksForWhole(rawHeaders: readonly string[]): boolean {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    switch (name.charCodeAt(0) | 0x20) {
      case 0x69: // i
        if (/^if-/i.test(name)) return false
        break
      case 0x72: // r
        if (name.length === 5 && /^range$/i.test(name)) return false
        break
      case 0x65: // e
      case 0x6f: // o
        if (/^(?:expect|origin)$/i.test(name)) return false
        break
      case 0x61: // a
        if (/^access-control-/i.test(name)) return false
        break
    }
  }
  return true
}

/** Fields of a file's answer: set by others before, they would change it. */
const fileFields = [
  'accept-ranges',
  'cache-control',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
  'date',
  'etag',
  'last-modified',
  'server',
  'transfer-encoding',
  'vary',
]

/** Request fields as middleware may have set them. */
const conditions = [
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
  'range',
  'origin',
] as const

/**
 * Whether nobody has begun to answer a request, or wants to see how it is answered.
 *
 * @param shared - whether other middleware had the request before
 */
export function isUntouched(
  request: IncomingMessage,
  response: ServerResponse,
  shared: boolean,
): boolean {
  if (response.headersSent || response.statusCode !== 200 || response.writableEnded) return false
  // A name given to the status by others.
  if ((response.statusMessage as string | undefined) !== undefined) return false
  if (!hasNodesMethods(response)) return false
  if (shared && conditions.some((name) => request.headers[name] !== undefined)) return false
  return response.getHeaderNames().length === 0 || !fileFields.some((n) => response.hasHeader(n))
}

// --- Internal ---

const { prototype } = ServerResponse

/** `compression`, `morgan` and others wrap them. Compared, not called. */
function hasNodesMethods(response: ServerResponse): boolean {
  return (
    response.writeHead === prototype.writeHead &&
    response.end === prototype.end &&
    response.write === prototype.write &&
    response.setHeader === prototype.setHeader &&
    response.appendHeader === prototype.appendHeader
  )
}
