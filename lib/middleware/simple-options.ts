import type { SimpleHandlerOptions } from '../../types/options.ts'
import { defaultExtensionsMap } from '../files/mime.ts'
import { checkBoolean, checkStrings, defined, isRecord, toPath } from '../handlers/check.ts'
import { checkHeaders, codings, fileOptionChecks } from '../handlers/file-checks.ts'
import { resolveTrust } from '../handlers/forwarded.ts'
import { resolveLog } from '../handlers/log-options.ts'
import type { SimpleHTTPRequestHandler } from '../handlers/simple.ts'
import { parseDuration } from './duration.ts'

/** Values of the handler's fields. */
export type SimpleHandlerFields = Partial<
  Omit<SimpleHTTPRequestHandler, `do_${string}` | 'request' | 'response' | 'server'>
>

/**
 * Makes the directory of `simpleHandler()` absolute.
 *
 * @throws TypeError or RangeError if it is neither a path nor a `file:` URL
 */
export function normalizeDirectory(directory: unknown): string {
  // In serve-static's words.
  if (directory === undefined || directory === null || directory === '') {
    throw new TypeError('option directory: root path required')
  }
  if (typeof directory !== 'string' && !(directory instanceof URL)) {
    throw new TypeError('option directory: root path must be a string or a file URL')
  }
  return toPath('directory', directory) ?? ''
}

/** Options as callers in JavaScript, or in place of serve-static, may give them. */
type Given = { readonly [K in keyof SimpleHandlerOptions]: unknown } & {
  /** Another spelling of `maxAge`, which `send` takes where that is not given, or is 0. */
  readonly maxage?: unknown
}

/**
 * Checks the options of `simpleHandler()` and makes values of the handler's fields of them. Unknown ones are dropped, as
 * `serve-static` does; `null` means what it means there.
 *
 * @throws TypeError or RangeError naming the option
 */
export function normalizeOptions(options: SimpleHandlerOptions): SimpleHandlerFields {
  const given: Given = options
  const fallthrough = nullIs(undefined, given.fallthrough)
  checkBoolean('fallthrough', fallthrough)
  checkBoolean('strict', given.strict)
  const strict = given.strict === true
  const indexPages = toList(given.index) ?? (strict ? undefined : ['index.html'])
  checkStrings('index', indexPages)
  const extraResponseHeaders = toPairs(given.headers)
  checkHeaders('headers', extraResponseHeaders)
  const settings = {
    acceptRanges: nullIs(false, given.acceptRanges),
    cache: given.cache,
    cacheControl: nullIs(false, given.cacheControl) ?? (strict ? undefined : true),
    charset: given.charset,
    cors: given.cors,
    defaultContentType: given.defaultContentType,
    dotfiles: given.dotfiles === undefined && !strict ? 'ignore' : given.dotfiles,
    etag: nullIs(false, given.etag),
    extensions: toList(given.extensions),
    extensionsMap: given.extensionsMap,
    immutable: nullIs(false, given.immutable),
    lastModified: nullIs(false, given.lastModified),
    listing: given.listing,
    maxAge: toMilliseconds(noneIfFalse(given.maxAge) ?? given.maxage ?? given.maxAge),
    precompressed: toCodings(given.precompressed),
    redirect: nullIs(undefined, given.redirect),
    sendfile: given.sendfile,
    sendfilePrefix: given.sendfilePrefix,
    setHeaders: noneIfFalse(given.setHeaders),
    spa: given.spa,
    symlinks: given.symlinks,
  } satisfies Record<keyof typeof fileOptionChecks, unknown>
  for (const [name, check] of Object.entries(fileOptionChecks)) {
    // By the names that `settings` has, as just declared.
    check(name, settings[name as keyof typeof settings])
  }
  checkTogether(options, indexPages)
  const { extensionsMap } = options
  // The checks have seen to the types.
  return defined({
    ...settings,
    extensionsMap: extensionsMap && { ...defaultExtensionsMap, ...extensionsMap },
    extraResponseHeaders,
    fallthrough: fallthrough ?? !strict,
    indexPages,
    ...resolveLog(options, false),
    ...resolveTrust(options.trustProxy),
    strict,
  }) as SimpleHandlerFields
}

// --- Internal ---

/** What `null` is to serve-static, which looks at whether a value is true, or at whether it is `false`. */
function nullIs(meaning: false | undefined, value: unknown): unknown {
  return value === null ? meaning : value
}

/** serve-static takes null, false and the like for none, too. */
function noneIfFalse(value: unknown): unknown {
  if (!value) return undefined
  return value
}

function toList(value: unknown): unknown {
  if (value === undefined) return undefined
  if (value === false || value === null || value === '') return []
  return Array.isArray(value) ? value : [value]
}

/** Pairs of an object, a list, a `Map` or `Headers`; anything else as it is. */
function toPairs(value: unknown): unknown {
  if (isRecord(value)) return Object.entries(value)
  const iterable = typeof value === 'object' && value !== null && Symbol.iterator in value
  return iterable ? [...(value as Iterable<unknown>)] : value
}

/** A duration as serve-static takes it, for which what is false but a number is 0; anything else as it is. */
function toMilliseconds(value: unknown): unknown {
  if (value === null || value === false || value === '') return 0
  return typeof value === 'string' ? (parseDuration(value) ?? value) : value
}

function toCodings(value: unknown): unknown {
  return typeof value === 'boolean' ? (value ? codings : []) : value
}

/** Refuses what is right by itself but has no effect without another option. */
function checkTogether(
  { sendfile = false, sendfilePrefix, spa }: SimpleHandlerOptions,
  indexPages: unknown,
): void {
  if (sendfilePrefix !== undefined && sendfile === false) {
    throw new TypeError('option sendfilePrefix needs option sendfile')
  }
  if (spa === true && Array.isArray(indexPages) && indexPages.length === 0) {
    throw new TypeError('option spa needs a page, or one in option index')
  }
}
