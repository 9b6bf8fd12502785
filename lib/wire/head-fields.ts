import type { RequestFailure, RequestHead } from '../../types/wire.ts'
import { trimWhitespace } from '../http/token.ts'
import { badRequest } from './failure.ts'
import { decideFraming } from './framing.ts'
import { isHost } from './host.ts'
import type { RequestLine } from './request-line.ts'

/** What the end of a head needs of the options. */
export interface HeadRules {
  readonly strict: boolean
  readonly maxBodySize: number
}

const nothing: readonly string[] = []

/**
 * Judges the fields of a complete head and makes the head of them.
 *
 * @param rawHeaders - names and values in turn, each of them valid by itself; becomes the head's
 */
export function completeHead(
  line: RequestLine,
  requestline: string,
  rawHeaders: string[],
  rules: HeadRules,
): RequestHead | RequestFailure {
  let hosts = 0
  let host = ''
  let lengths = nothing
  let codings = nothing
  let connection = ''
  let expect = ''
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const value = rawHeaders[i + 1] ?? ''
    switch (framingField(rawHeaders[i] ?? '')) {
      case 'host':
        hosts++
        host = value
        if (line.authority !== undefined) rawHeaders[i + 1] = line.authority
        break
      case 'content-length':
        lengths = lengths.concat(value)
        break
      case 'transfer-encoding':
        codings = codings.concat(value)
        break
      case 'connection':
        connection = connection === '' ? value : `${connection},${value}`
        break
      case 'expect':
        expect = expect === '' ? value : `${expect},${value}`
        break
    }
  }
  const http11 = line.versionMajor === 1 && line.versionMinor > 0
  const badHost = judgeHost(hosts, host, http11 && !rules.strict)
  if (badHost !== undefined) return badHost
  const framing = decideFraming(lengths, codings, http11, rules.maxBodySize)
  if ('code' in framing) return framing
  const expectContinue = http11 && expect !== ''
  if (expectContinue && expect.toLowerCase() !== '100-continue') return { code: 417 }
  return {
    requestline,
    method: line.method,
    target: line.target,
    version: line.version,
    versionMajor: line.versionMajor,
    versionMinor: line.versionMinor,
    rawHeaders,
    framing,
    expectContinue,
    // What follows a CONNECT could be meant for a tunnel.
    connectionClose:
      line.method === 'CONNECT' || (connection !== '' && hasToken(connection, 'close')),
    connectionKeepAlive: connection !== '' && hasToken(connection, 'keep-alive'),
  }
}

/** The lower-case name of a field that decides where a message ends or what becomes of its connection, or `''`. */
export function framingField(name: string): string {
  switch (name.length) {
    case 4:
      return match(name, 'Host', 'host')
    case 6:
      return match(name, 'Expect', 'expect')
    case 10:
      return match(name, 'Connection', 'connection')
    case 14:
      return match(name, 'Content-Length', 'content-length')
    case 17:
      return match(name, 'Transfer-Encoding', 'transfer-encoding')
    default:
      return ''
  }
}

// --- Internal ---

// Hosts repeat from request to request; the last valid one is not judged again.
let validHost = ''

function judgeHost(count: number, host: string, needed: boolean): RequestFailure | undefined {
  if (count === 0 && needed) return badRequest('Missing Host header')
  if (count > 1) return badRequest('Bad Host header')
  if (host === validHost) return undefined
  if (!isHost(host)) return badRequest('Bad Host header')
  validHost = host
  return undefined
}

/** Whether a comma-separated list holds a token, whatever its case (RFC 9110 section 7.6.1). */
function hasToken(list: string, token: string): boolean {
  if (list === token) return true
  if (list.length < token.length) return false
  return list.split(',').some((member) => trimWhitespace(member).toLowerCase() === token)
}

/** Names are tokens by now, so lower-casing stays within ASCII. */
function match(name: string, usual: string, lower: string): string {
  return name === usual || name === lower || name.toLowerCase() === lower ? lower : ''
}
