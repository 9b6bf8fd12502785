import type { HTTPMessage } from '../http/message.ts'
import { isToken, splitList } from '../http/token.ts'

/** What of a handler answers a preflight request. */
interface CorsHandler {
  readonly cors: boolean | string
  readonly command: string
  readonly headers: HTTPMessage
  sendResponse(code: number): void
  sendHeader(keyword: string, value: string): void
  endHeaders(): void
}

/** The value of `Access-Control-Allow-Origin`, if the handler lets pages of other origins read. */
export function allowedOrigin(cors: boolean | string): string | undefined {
  if (cors === false) return undefined
  return cors === true ? '*' : cors
}

/** Whether a browser asks by this request what another one may hold (Fetch standard, CORS-preflight fetch). */
export function isPreflight(handler: CorsHandler): boolean {
  return (
    handler.cors !== false &&
    handler.command === 'OPTIONS' &&
    handler.headers.has('access-control-request-method')
  )
}

/** Tells a browser that pages of the allowed origin may read files, with whatever fields they like. */
export function sendPreflight(handler: CorsHandler): void {
  const wanted = splitList(handler.headers.get('access-control-request-headers') ?? '')
  handler.sendResponse(204)
  handler.sendHeader('Access-Control-Allow-Methods', 'GET, HEAD')
  if (wanted.length > 0 && wanted.every(isToken)) {
    handler.sendHeader('Access-Control-Allow-Headers', wanted.join(', '))
  }
  handler.sendHeader('Access-Control-Max-Age', '86400')
  handler.sendHeader('Vary', 'Access-Control-Request-Headers')
  handler.endHeaders()
}
