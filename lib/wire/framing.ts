import type { RequestFailure, RequestFraming } from '../../types/wire.ts'
import { isToken, trimWhitespace } from '../http/token.ts'
import {
  badFraming,
  badRequest,
  badTransferEncoding,
  contentTooLarge,
  unsupportedTransferEncoding,
} from './failure.ts'

const none: RequestFraming = { kind: 'none' }
const chunked: RequestFraming = { kind: 'chunked' }
const digits = /^[0-9]+$/
const chunkedToken = /^chunked$/i

/**
 * Decides how a request's content is delimited (RFC 9112 section 6), refusing whatever two recipients could read
 * differently.
 *
 * @param lengths - the values of all `Content-Length` lines
 * @param codings - the values of all `Transfer-Encoding` lines
 * @param http11 - whether the client speaks HTTP/1.1 or later: only then may it use a transfer coding
 * @param maxBodySize - most bytes of content
 */
export function decideFraming(
  lengths: readonly string[],
  codings: readonly string[],
  http11: boolean,
  maxBodySize: number,
): RequestFraming | RequestFailure {
  if (codings.length > 0) {
    if (lengths.length > 0 || !http11) return badFraming
    return byCoding(codings)
  }
  if (lengths.length === 0) return none
  const [value = ''] = lengths
  const length = Number(value)
  if (lengths.length > 1 || !digits.test(value) || !Number.isSafeInteger(length)) {
    return badRequest('Bad Content-Length')
  }
  return length > maxBodySize ? contentTooLarge : { kind: 'length', length }
}

// --- Internal ---

function byCoding(codings: readonly string[]): RequestFraming | RequestFailure {
  const [value = ''] = codings
  if (codings.length > 1) return badTransferEncoding(codings.join(', '))
  if (isChunked(value)) return chunked
  const tokens = value.split(',').map(trimWhitespace)
  const others = tokens.length > 1 && isChunked(tokens.at(-1) ?? '') ? tokens.slice(0, -1) : tokens
  // A single coding other than chunked, or several of which only the last is chunked: well formed but unknown.
  const known = others.every((token) => isToken(token) && !isChunked(token))
  const wellFormed = known && (others.length < tokens.length || tokens.length === 1)
  return wellFormed ? unsupportedTransferEncoding(value) : badTransferEncoding(value)
}

/** Not by lower-casing, which would make `k` of a KELVIN SIGN. */
function isChunked(value: string): boolean {
  return chunkedToken.test(value)
}
