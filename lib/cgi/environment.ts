import { percentDecode, toOctets } from './octets.ts'

/** Variables of a script, octets. Names are those of RFC 3875 section 4.1 and what common servers add to them. */
export type Environment = Record<string, string>

/**
 * Without a prototype, which makes it a dictionary from the start: objects of two dozen names, spread one into another,
 * were most of what outlived a request in V8's young generation.
 */
export function emptyEnvironment(): Environment {
  return Object.create(null) as Environment
}

/** What of a request goes into a script's environment. All text is octets. */
export interface RequestFacts {
  readonly method: string
  /** `HTTP/1.1` and the like. */
  readonly protocol: string
  /** The whole request target as the client sent it. */
  readonly target: string
  /** The undecoded query. */
  readonly query: string
  /** The raw prefix below which the handler is mounted, or `''`. */
  readonly mount: string
  /** Names and values in turn, as received. */
  readonly rawHeaders: readonly string[]
  /** Octets of content that standard input will give; `undefined` when the request has none. */
  readonly contentLength: number | undefined
  /** Whether something has undone the content's `Content-Encoding`. */
  readonly contentDecoded: boolean
  readonly scheme: 'http' | 'https'
  readonly client: { readonly address: string; readonly port: number }
  readonly server: {
    /** The value of the `Server` field. */
    readonly software: string
    /** The name to use when the request's `Host` gives none. */
    readonly name: string
    /** The port the request was received on. */
    readonly port: number
    /** The address the request was received on. */
    readonly address: string
  }
  /** The host that a trusted proxy says the client has asked for; it stands for that of `Host`. */
  readonly forwardedHost: string | undefined
  /** Whether to pass `Authorization` on. */
  readonly passAuthorization: boolean
  /** Path of the request that a script redirected here. */
  readonly redirectedFrom: string | undefined
}

/** The script's part of its environment. All text is octets. */
export interface ScriptFacts {
  /** Its decoded path, without the mount. */
  readonly name: string
  readonly file: string
  readonly pathInfo: string
  /** What `pathInfo` would be as a path of its own; `undefined` if it can name no file. */
  readonly pathTranslated: string | undefined
  readonly documentRoot: string
}

const inheritedNames: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['DYLD_LIBRARY_PATH'],
  win32: ['SystemRoot', 'ComSpec', 'PATHEXT', 'windir', 'TEMP', 'TMP'],
}
// By name, since to list all variables of the process takes longer than all the rest.
const categories =
  'ALL ADDRESS COLLATE CTYPE IDENTIFICATION MEASUREMENT MESSAGES MONETARY NAME NUMERIC PAPER TELEPHONE TIME'
const everywhere = [
  ...['PATH', 'LD_LIBRARY_PATH', 'TZ', 'LANG'],
  ...categories.split(' ').map((category) => `LC_${category}`),
]
const defaultPath = '/usr/local/bin:/usr/bin:/bin'

/**
 * The variables a script inherits from the server: `PATH`, `LD_LIBRARY_PATH`, `TZ`, `LANG`, `LC_*`, and those that
 * programs on macOS and Windows need; then those asked for.
 *
 * @param from - the server's environment
 * @param pass - further names, or `'all'`
 */
export function inheritedEnvironment(
  from: Readonly<Record<string, string | undefined>>,
  pass: readonly string[] | 'all',
  platform: NodeJS.Platform = process.platform,
): Environment {
  const names =
    pass === 'all'
      ? Object.keys(from)
      : [...everywhere, ...(inheritedNames[platform] ?? []), ...pass]
  const inherited = emptyEnvironment()
  if (platform !== 'win32') inherited['PATH'] = defaultPath
  for (const name of names) {
    const value = from[name]
    if (value !== undefined) inherited[name] = toOctets(value)
  }
  return inherited
}

/** The meta-variables of a request (RFC 3875 section 4.1), and the extensions that Apache, lighttpd and nginx agree on. */
export function requestEnvironment(request: RequestFacts, script: ScriptFacts): Environment {
  const { client, server } = request
  const host =
    hostName(request.forwardedHost ?? firstValue(request.rawHeaders, 'host')) ?? server.name
  const environment = headerVariables(request.rawHeaders, request)
  environment['GATEWAY_INTERFACE'] = 'CGI/1.1'
  environment['SERVER_SOFTWARE'] = server.software
  environment['SERVER_NAME'] = host
  environment['SERVER_PORT'] = String(server.port)
  environment['SERVER_PROTOCOL'] = request.protocol
  environment['SERVER_ADDR'] = server.address
  environment['REMOTE_ADDR'] = client.address
  environment['REMOTE_PORT'] = String(client.port)
  environment['REQUEST_METHOD'] = request.method
  environment['REQUEST_SCHEME'] = request.scheme
  environment['REQUEST_URI'] = request.target
  environment['QUERY_STRING'] = request.query
  environment['SCRIPT_NAME'] = percentDecode(request.mount) + script.name
  environment['SCRIPT_FILENAME'] = script.file
  environment['DOCUMENT_ROOT'] = script.documentRoot
  // php-cgi runs nothing without it: a sign that a server, not a client, chose the script.
  environment['REDIRECT_STATUS'] = '200'
  if (request.scheme === 'https') environment['HTTPS'] = 'on'
  if (script.pathInfo !== '') {
    environment['PATH_INFO'] = script.pathInfo
    if (script.pathTranslated !== undefined) environment['PATH_TRANSLATED'] = script.pathTranslated
  }
  if (request.contentLength !== undefined) {
    environment['CONTENT_LENGTH'] = String(request.contentLength)
  }
  const type = firstValue(request.rawHeaders, 'content-type')
  if (type !== undefined && type !== '') environment['CONTENT_TYPE'] = type
  if (request.redirectedFrom !== undefined) environment['REDIRECT_URL'] = request.redirectedFrom
  return environment
}

/** The first value of a field. */
export function firstValue(rawHeaders: readonly string[], name: string): string | undefined {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === name) return rawHeaders[i + 1]
  }
  return undefined
}

// uri-host of RFC 3986: a name, an IPv4 address or an IPv6 address in brackets, as far as a name of a server goes.
const authority = /^(\[[\da-f:.]+\]|[\w.~-]+)(?::\d*)?$/i

/** Host's name without its port; `undefined` if it is not one. */
export function hostName(host: string | undefined): string | undefined {
  const name = host === undefined ? undefined : authority.exec(host)?.[1]
  return name?.toLowerCase()
}

// --- Internal ---

const fieldName = /^[\dA-Za-z-]+$/

/** Fields that a script must not see as they came, or sees under another name. */
const hidden: ReadonlySet<string> = new Set([
  'content-length',
  'content-type',
  // Would become HTTP_PROXY, by which many programs set their own proxy ("httpoxy").
  'proxy',
  'proxy-authorization',
  // The content a script reads has no coding of the transfer any more.
  'transfer-encoding',
])

/** Fields of which a second one has no meaning beside the first. */
const single: ReadonlySet<string> = new Set(['host', 'user-agent', 'referer', 'authorization'])

/**
 * `HTTP_*`: names in upper case, `-` as `_`; fields of one name joined as their meaning stays (RFC 3875 section
 * 4.1.18). A name with anything but letters, digits and `-` is dropped, since it could pass for another.
 */
function headerVariables(
  rawHeaders: readonly string[],
  options: { readonly passAuthorization: boolean; readonly contentDecoded: boolean },
): Environment {
  const variables = emptyEnvironment()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase() ?? ''
    const value = rawHeaders[i + 1] ?? ''
    if (!fieldName.test(name) || hidden.has(name)) continue
    if (name === 'authorization' && !options.passAuthorization) continue
    if (name === 'content-encoding' && options.contentDecoded) continue
    const variable = `HTTP_${name.toUpperCase().replaceAll('-', '_')}`
    const before = variables[variable]
    if (before === undefined) variables[variable] = value
    else if (!single.has(name))
      variables[variable] = before + (name === 'cookie' ? '; ' : ', ') + value
  }
  return variables
}
