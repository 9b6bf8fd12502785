import { percentDecode } from '../cgi/octets.ts'
import { parsePath, type RequestPath } from '../cgi/path.ts'
import { splitCgiPath, type CgiPath } from '../cgi/script.ts'
import type { Spelling } from '../http/spelling.ts'
import { pathOf, splitTarget, withoutOrigin } from '../http/target.ts'
import { octetsToPath } from './cgi-translate.ts'
import { isBareMount, sentTarget, spellingOf, type TargetHandler } from './simple-target.ts'

/** What of a handler decides whether a path is CGI's. */
export interface CgiPathHandler extends TargetHandler {
  readonly cgiDirectories: readonly string[]
  readonly cgiScript: string | undefined
}

/** A path that is CGI's. */
export interface CgiDecision {
  /** Where it lies; `undefined` when one program answers every path. */
  readonly path: CgiPath | undefined
  /** All of it below the mount, decoded, octets; `''` for the mount itself. */
  readonly whole: string
  /** The undecoded query. */
  readonly query: string
  /** How the client has spelled all of it, PATH_INFO included, which matters to guards before the handler. */
  readonly spelling: Spelling
  /** The same as `cgi_info` tells it: directory, and the rest with the query. */
  readonly info: [directory: string, rest: string]
}

/** File systems that take names in another case for the same. */
const ignoreCase = process.platform === 'darwin' || process.platform === 'win32'

/**
 * Decides whether a request's path is CGI's, by the path that `translatePath` would make a file of.
 *
 * @returns `undefined` if it is the file handler's
 */
export function decidePath(handler: CgiPathHandler): CgiDecision | undefined {
  const { strict } = handler
  const parsed = parsePath(handler.path, { strict })
  if (parsed === undefined) return undefined
  if (handler.cgiScript !== undefined) return decideWhole(handler, parsed)
  const directories = handler.cgiDirectories.map(
    (directory) => parsePath(directory)?.segments ?? [],
  )
  const path = splitCgiPath(parsed, directories, { strict, ignoreCase })
  if (path === undefined) return undefined
  return decision(handler, parsed.query, path)
}

/**
 * What an overridden `isCgi()` has set: as with CPython, a directory and what follows it with the query, to be decoded.
 */
export function decideInfo(
  handler: CgiPathHandler,
  info: readonly [directory: string, rest: string],
): CgiDecision | undefined {
  const parsed = parsePath(`${info[0]}/${info[1]}`, { strict: true })
  const directory = parsePath(info[0], { strict: true })
  if (parsed === undefined || directory === undefined) return undefined
  const rest = parsed.segments.slice(directory.segments.length)
  if (parsed.slash) rest.push('')
  return decision(handler, parsed.query, { directory: directory.segments, rest })
}

// --- Internal ---

function decideWhole(handler: CgiPathHandler, parsed: RequestPath): CgiDecision {
  const bare = isBareMount(handler.request, pathOf(withoutOrigin(sentTarget(handler))))
  const slash = parsed.slash && !bare ? '/' : ''
  const whole = parsed.segments.map((segment) => `/${segment}`).join('') + slash
  const info: CgiDecision['info'] = ['', octetsToPath(whole) + suffix(parsed.query)]
  return { path: undefined, whole, query: parsed.query, spelling: spelling(handler), info }
}

function decision(handler: CgiPathHandler, query: string, path: CgiPath): CgiDecision {
  const directory = `/${path.directory.join('/')}`
  const rest = path.rest.join('/')
  const info: CgiDecision['info'] = [octetsToPath(directory), octetsToPath(rest) + suffix(query)]
  const found = { whole: `${directory}/${rest}`, spelling: spelling(handler), info }
  // CPython looks for the query only in the decoded path, where an encoded question mark begins one.
  const mark = handler.strict ? rest.indexOf('?') : -1
  if (mark < 0) return { ...found, path, query }
  const cut = { directory: path.directory, rest: rest.slice(0, mark).split('/') }
  return { ...found, path: cut, query: rest.slice(mark + 1) + suffix(query) }
}

function suffix(query: string): string {
  return query === '' ? '' : `?${query}`
}

function spelling(handler: CgiPathHandler): Spelling {
  // What follows a `#` would be lost to the script, or be its query.
  const hasFragment = splitTarget(sentTarget(handler)).path.includes('#')
  return hasFragment ? { kind: 'refused', status: 400 } : spellingOf(handler)
}

/** A mounted script's path as people see it. */
export function publicName(mount: string, name: string): string {
  return octetsToPath(percentDecode(mount) + name)
}
