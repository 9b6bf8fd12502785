import { percentDecode } from './octets.ts'
import { firstValue, type Environment, type RequestFacts, type ScriptFacts } from './environment.ts'

/** What CPython's handler knows beyond the request itself. */
export interface StrictFacts {
  /** The host name the server was given. */
  readonly serverName: string
  /** The version in status lines, not that of the request. */
  readonly protocolVersion: string
}

/**
 * The variables that CPython's http.server sets, by its names and with its values; all of them, without those of the
 * server's own environment. The path in `script` is as CPython passes it on, decoded once too often.
 */
export function strictEnvironment(
  request: RequestFacts,
  script: ScriptFacts,
  facts: StrictFacts,
): Environment {
  const { rawHeaders } = request
  const value = (name: string): string => firstValue(rawHeaders, name) ?? ''
  const pathInfo = percentDecode(script.pathInfo)
  return {
    SERVER_SOFTWARE: request.server.software,
    SERVER_NAME: facts.serverName,
    GATEWAY_INTERFACE: 'CGI/1.1',
    SERVER_PROTOCOL: facts.protocolVersion,
    SERVER_PORT: String(request.server.port),
    REQUEST_METHOD: request.method,
    PATH_INFO: pathInfo,
    PATH_TRANSLATED: script.pathTranslated ?? '',
    SCRIPT_NAME: percentDecode(request.mount) + script.name,
    QUERY_STRING: request.query,
    REMOTE_HOST: '',
    REMOTE_ADDR: request.client.address,
    ...credentials(value('authorization')),
    CONTENT_TYPE: value('content-type') || 'text/plain',
    CONTENT_LENGTH: request.contentLength === undefined ? '' : String(request.contentLength),
    HTTP_REFERER: value('referer'),
    HTTP_ACCEPT: values(rawHeaders, 'accept').join(','),
    HTTP_USER_AGENT: value('user-agent'),
    HTTP_COOKIE: values(rawHeaders, 'cookie')
      .filter((cookie) => cookie !== '')
      .join(', '),
  }
}

function values(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name,
  )
}

/** `AUTH_TYPE` of any scheme; `REMOTE_USER` of Basic, unless the password has a colon, too. Nothing is verified. */
function credentials(authorization: string): Environment {
  const [scheme = '', code, ...more] = authorization.trim().split(/\s+/)
  if (code === undefined || more.length > 0) return {}
  if (scheme.toLowerCase() !== 'basic') return { AUTH_TYPE: scheme }
  const decoded = Buffer.from(code, 'base64').toString('latin1')
  const [user = '', password, ...rest] = decoded.split(':')
  const plain = password !== undefined && rest.length === 0 && !/[\0\x80-\xff]/.test(decoded)
  return plain ? { AUTH_TYPE: scheme, REMOTE_USER: user } : { AUTH_TYPE: scheme }
}
