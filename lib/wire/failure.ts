import { repr } from '../http/repr.ts'
import type { RequestFailure } from '../../types/wire.ts'

// Longest text quoted in a message that http.server has no wording for.
const quoted = 100

/** 400 with a reason of its own. */
export function badRequest(message: string): RequestFailure {
  return { code: 400, message }
}

/** http.server's answer to a request line it cannot split; `line` is quoted whole, as there. */
export function badSyntax(line: string): RequestFailure {
  return badRequest(`Bad request syntax (${repr(line)})`)
}

/** A field line that is none: no token, no colon, folded, or with bytes a field cannot hold. */
export function badField(line: string): RequestFailure {
  return badRequest(`Bad header line (${repr(line.slice(0, quoted))})`)
}

/** A `Transfer-Encoding` that does not end in `chunked` or is no list of tokens. */
export function badTransferEncoding(value: string): RequestFailure {
  return badRequest(`Bad Transfer-Encoding (${repr(value.slice(0, quoted))})`)
}

/** A `Transfer-Encoding` that is well formed but names a coding we do not know. */
export function unsupportedTransferEncoding(value: string): RequestFailure {
  return { code: 501, message: `Unsupported transfer encoding (${repr(value.slice(0, quoted))})` }
}

/** http.server's answer to a field line longer than `limit` bytes. */
export function lineTooLong(limit: number): RequestFailure {
  return {
    code: 431,
    message: 'Line too long',
    explain: `got more than ${limit} bytes when reading header line`,
  }
}

/** http.server's answer to more than `limit` fields. */
export function tooManyHeaders(limit: number): RequestFailure {
  return { code: 431, message: 'Too many headers', explain: `got more than ${limit} headers` }
}

/** A head that is too large in all though each of its lines is not. */
export function headTooLarge(limit: number): RequestFailure {
  return { code: 431, explain: `got more than ${limit} bytes when reading the head` }
}

/** A trailer section beyond its limits. */
export const trailersTooLarge: RequestFailure = {
  code: 431,
  explain: 'got too many trailers',
}

/** Neither the fields nor the end of the content tell where the message ends. */
export const badFraming: RequestFailure = badRequest('Bad message framing')

/** The client ended its side in the middle of a request's content. */
export const truncated: RequestFailure = badFraming

/** A tunnel is wanted of an app. */
export const unsupportedConnect: RequestFailure = {
  code: 501,
  message: "Unsupported method ('CONNECT')",
}

/** The client took too long. */
export const timedOut: RequestFailure = { code: 408 }

/** The content, or what its chunks carry beside it, is larger than allowed. */
export const contentTooLarge: RequestFailure = { code: 413 }

/** The request line is too long. */
export const targetTooLong: RequestFailure = { code: 414 }
