import type { IncomingMessage } from 'node:http'
import type { FileRequest, Refusal } from '../../types/files.ts'
import { fileSpelling } from '../files/canonical.ts'
import { decodePath, endsWithSlash } from '../files/translate-path.ts'
import { targetSpelling, type Spelling } from '../http/spelling.ts'
import {
  collapseLeadingSlashes,
  normalSegments,
  pathOf,
  splitUrl,
  withoutOrigin,
} from '../http/target.ts'
import { cutsAbsoluteForm, originalTarget } from './request.ts'

/** What of a handler tells where a request goes. */
export interface TargetHandler {
  readonly request: IncomingMessage
  readonly path: string
  readonly mount: string
  readonly strict: boolean
  translatePath(path: string): string
}

/** A request's path, taken apart. */
export interface Target extends FileRequest {
  /** The canonical path below the mount, where the one asked for says the same in another spelling. */
  readonly canonical: string | undefined
}

/**
 * Takes a request's path apart.
 *
 * @param handler - the handler of the request
 * @param guarded - whether the path has to be in the spelling that a guard before this handler has seen
 */
export function targetOf(handler: TargetHandler, guarded: boolean): Target | Refusal {
  const { request, strict } = handler
  const target = strict ? handler.path : withoutOrigin(handler.path)
  const raw = pathOf(guarded ? withoutOrigin(sentTarget(handler)) : target)
  const slash = endsWithSlash(raw) && !isBareMount(request, raw)
  const acceptEncoding = request.headers['accept-encoding']?.toString()
  if (!guarded) {
    const path = trim(handler.translatePath(target), slash)
    const segments = normalSegments(decodePath(raw))
    return { slash, acceptEncoding, path, segments, canonical: undefined }
  }
  const spelling = fileSpelling(raw, spellingOf(handler))
  if (spelling.kind === 'refused') {
    return { kind: 'refused', status: spelling.status, cause: undefined }
  }
  const canonical = spelling.kind === 'misspelt' ? spelling.path : undefined
  const path = trim(handler.translatePath(canonical ?? target), slash)
  return { slash, acceptEncoding, path, segments: spelling.segments, canonical }
}

/**
 * Where a directory's path with its slash leads to, in the origin it was asked for at.
 *
 * @param handler - the handler of the request
 * @param guarded - whether all that follows the path is kept, as `serve-static` does; Python drops an empty query
 *
 * Python: the `Location` that `send_head` sends
 */
export function slashLocation(handler: TargetHandler, guarded: boolean): string {
  const target = publicTarget(handler)
  const { path, query, fragment } = splitUrl(target)
  if (guarded) return encodeLocation(`${path}/${target.slice(path.length)}`)
  const location = `${path}/${query === '' ? '' : `?${query}`}${fragment}`
  return handler.strict ? protectPath(location) : encodeLocation(location)
}

/** Where the canonical spelling of a path leads to. */
export function canonicalLocation(handler: TargetHandler, canonical: string): string {
  const { query } = splitUrl(handler.path)
  return encodeLocation(`${handler.mount}${canonical}${query === '' ? '' : `?${query}`}`)
}

/** The path people see in their browsers: with the mount, without query, not decoded. */
export function publicPath(handler: TargetHandler): string {
  return collapseLeadingSlashes(splitUrl(publicTarget(handler)).path)
}

/** The query of a request's target; `''` for none. */
export function queryOf(handler: TargetHandler): string {
  return splitUrl(handler.path).query
}

/** How a request's path is spelt, as far as guards before the handler may have seen it. */
export function spellingOf(handler: TargetHandler): Spelling {
  return targetSpelling(sentTarget(handler), () => cutsAbsoluteForm(handler.request))
}

/** The handler's path with the slashes that parsing took from its start, unless something has changed the path. */
export function sentTarget({ request, path }: TargetHandler): string {
  const url = request.url ?? ''
  return collapseLeadingSlashes(url) === path ? url : path
}

// --- Internal ---

/** The target before a router cut its prefix off, unless something has changed the path since. */
function publicTarget({ request, path, mount, strict }: TargetHandler): string {
  const unchanged = collapseLeadingSlashes(request.url ?? '') === path
  const target = unchanged ? originalTarget(request) : mount + path
  return strict ? target : withoutOrigin(target)
}

/** The mount without its slash is translated as if it had one. */
function trim(path: string, slash: boolean): string {
  return slash || !path.endsWith('/') || path.length === 1 ? path : path.slice(0, -1)
}

/** Whether what was asked for is the mount without its slash, which routers turn into `/`. */
export function isBareMount(request: IncomingMessage, raw: string): boolean {
  return raw === '/' && !pathOf(withoutOrigin(originalTarget(request))).endsWith('/')
}

/**
 * A location as Python writes it, a scheme in lower case, except that it stays in the origin: `//host` and, to
 * browsers, `/\host` would lead out of it.
 */
function protectPath(location: string): string {
  return collapseLeadingSlashes(location)
    .replace(/^[a-z][a-z\d+.-]*:/i, (scheme) => scheme.toLowerCase())
    .replace(/^\/\\+/, (start) => start.replaceAll('\\', '%5C'))
    .replace(/[\0-\x1f\x7f]/g, encodeURIComponent) // eslint-disable-line no-control-regex -- controls are meant
}

/** Characters that stand in no URL, and escapes that are none. */
const unsafe = /[^!#-;=?-Z[\]_a-z|~%^]+|%(?![\da-f]{2})/gi

/** A location with everything encoded that cannot stand in a URL, and backslashes. */
function encodeLocation(location: string): string {
  return collapseLeadingSlashes(location).replace(unsafe, (text) =>
    encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')),
  )
}
