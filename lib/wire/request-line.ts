import { repr } from '../http/repr.ts'
import { authorityOf } from '../http/target.ts'
import { isToken } from '../http/token.ts'
import type { RequestFailure } from '../../types/wire.ts'
import { badRequest, badSyntax } from './failure.ts'
import { isHost } from './host.ts'

/** A request line taken apart. */
export interface RequestLine {
  readonly method: string
  readonly target: string
  /** As sent, or `HTTP/0.9` for a simple request. */
  readonly version: string
  readonly versionMajor: number
  readonly versionMinor: number
  /** A simple request (HTTP/0.9 without a version): no fields follow. */
  readonly simple: boolean
  /** The authority of a target in absolute form, which stands in place of `Host` (RFC 9112 section 3.2.2). */
  readonly authority: string | undefined
}

/** Why a request line was refused, and whether its version was understood by then. */
export interface RequestLineRefusal {
  readonly failure: RequestFailure
  /** `HTTP/0.9` answers carry no head. */
  readonly version: string | undefined
}

// What str.split() of http.server takes for a blank and RFC 9112 does not: VT, FF, CR, LF, FS to US, NEL, NBSP.
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const foreignBlanks = /[\n-\r\x1c-\x1f\x85\xa0]/
const controls = /[\0-\x20\x7f]/
const blanks = /[ \t]+/
const version = /^HTTP\/([0-9])\.([0-9])$/

/**
 * Takes a request line apart, given as latin-1 without its line end.
 *
 * http.server's verdicts come first, in its order and with its texts; then what RFC 9112 section 3 refuses besides.
 *
 * @param anyTarget - lets a target without a leading slash through, as http.server does
 */
export function parseRequestLine(
  text: string,
  anyTarget: boolean,
): RequestLine | RequestLineRefusal {
  if (foreignBlanks.test(text)) return { failure: badSyntax(text), version: undefined }
  const words = text.split(blanks).filter((word) => word !== '')
  if (words.length < 3) return parseSimple(text, words, anyTarget)

  const last = words.at(-1) ?? ''
  const digits = version.exec(last)
  if (digits === null) {
    return { failure: badRequest(`Bad request version (${repr(last)})`), version: undefined }
  }
  const versionMajor = Number(digits[1])
  const versionMinor = Number(digits[2])
  if (versionMajor !== 1 && last !== 'HTTP/0.9') {
    const message = `Invalid HTTP version (${last.slice('HTTP/'.length)})`
    return { failure: { code: 505, message }, version: undefined }
  }
  const [method = '', target = ''] = words
  if (words.length > 3 || !isWellFormed(text, method, target, anyTarget)) {
    return { failure: badSyntax(text), version: last }
  }
  const authority = hostOf(target)
  return { method, target, version: last, versionMajor, versionMinor, simple: false, authority }
}

// --- Internal ---

function parseSimple(
  text: string,
  words: string[],
  anyTarget: boolean,
): RequestLine | RequestLineRefusal {
  const refuse = (failure: RequestFailure) => ({ failure, version: undefined })
  const [method, target] = words
  if (method === undefined || target === undefined) return refuse(badSyntax(text))
  if (method !== 'GET') return refuse(badRequest(`Bad HTTP/0.9 request type (${repr(method)})`))
  if (!isWellFormed(text, method, target, anyTarget)) return refuse(badSyntax(text))
  return {
    method,
    target,
    version: 'HTTP/0.9',
    versionMajor: 0,
    versionMinor: 9,
    simple: true,
    authority: undefined,
  }
}

function isWellFormed(text: string, method: string, target: string, anyTarget: boolean): boolean {
  return (
    !text.startsWith(' ') &&
    !text.startsWith('\t') &&
    isToken(method) &&
    !controls.test(target) &&
    (target.startsWith('/') || anyTarget || isOtherForm(method, target))
  )
}

/** Whether the target has one of the three forms without a leading slash (RFC 9112 section 3.2), where it may. */
function isOtherForm(method: string, target: string): boolean {
  // CONNECT is answered whatever its target, so that http.server's text reaches the client.
  if (method === 'CONNECT') return true
  if (target === '*') return method === 'OPTIONS'
  return hostOf(target) !== undefined
}

/** The authority that a target names, if it is a good one. */
function hostOf(target: string): string | undefined {
  if (target.startsWith('/')) return undefined
  const authority = authorityOf(target)
  return authority !== undefined && authority !== '' && isHost(authority) ? authority : undefined
}
