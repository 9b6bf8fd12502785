import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CacheOptions, ContentCoding, Sendfile } from '../../types/files.ts'
import type { SimpleHandlerOptions } from '../../types/options.ts'
import { codingSuffix } from '../files/encodings.ts'
import { defaultExtensionsMap } from '../files/mime.ts'
import { checkBoolean, checkCount, resolveLog, resolveTrust } from '../handlers/options.ts'
import { checkField } from '../handlers/response-head.ts'
import type { SimpleHTTPRequestHandler } from '../handlers/simple.ts'
import { isToken } from '../http/token.ts'
import { parseDuration } from './duration.ts'

/** Values of the handler's fields. */
export type SimpleHandlerFields = Partial<
  Omit<SimpleHTTPRequestHandler, `do_${string}` | 'request' | 'response' | 'server'>
>

/**
 * Makes the directory of `simpleHandler()` absolute.
 *
 * @throws TypeError if it is neither a path nor a `file:` URL
 */
export function normalizeDirectory(directory: unknown): string {
  if (directory instanceof URL && directory.protocol === 'file:') {
    return resolve(fileURLToPath(directory))
  }
  if (directory === undefined || directory === null || directory === '') {
    throw new TypeError('directory: root path required')
  }
  if (typeof directory !== 'string') {
    throw new TypeError('directory: root path must be a string or a file URL')
  }
  return resolve(directory)
}

/**
 * Checks the options of `simpleHandler()` and makes values of the handler's fields of them. Unknown ones are dropped.
 *
 * @throws TypeError or RangeError naming the option
 */
export function normalizeOptions(options: SimpleHandlerOptions): SimpleHandlerFields {
  const { strict = false } = options
  const booleans = ['acceptRanges', 'fallthrough', 'immutable', 'lastModified'] as const
  for (const name of [...booleans, 'redirect', 'listing', 'strict'] as const) {
    checkBoolean(name, options[name])
  }
  const indexPages = toList('index', options.index) ?? (strict ? undefined : ['index.html'])
  return defined({
    acceptRanges: options.acceptRanges,
    cache: toCache(options.cache),
    cacheControl: toCacheControl(options.cacheControl) ?? (strict ? undefined : true),
    cors: toCors(options.cors),
    charset: toCharset(options.charset),
    defaultContentType: toText('defaultContentType', options.defaultContentType),
    dotfiles:
      oneOf('dotfiles', options.dotfiles, ['allow', 'deny', 'ignore']) ??
      (strict ? undefined : 'ignore'),
    etag: oneOf('etag', options.etag, [true, false, 'weak', 'strong']),
    extensions: toList('extensions', options.extensions),
    extensionsMap: toExtensionsMap(options.extensionsMap),
    extraResponseHeaders: toHeaders(options.headers),
    fallthrough: options.fallthrough ?? !strict,
    immutable: options.immutable,
    indexPages,
    lastModified: options.lastModified,
    listing: options.listing,
    ...resolveLog(options, false),
    ...resolveTrust(options.trustProxy),
    maxAge: toMaxAge(options.maxAge),
    precompressed: toCodings(options.precompressed),
    redirect: options.redirect,
    ...toSendfile(options),
    setHeaders: toFunction('setHeaders', options.setHeaders),
    spa: toSpa(options.spa),
    strict,
    symlinks: oneOf('symlinks', options.symlinks, ['follow', 'inside', 'deny']),
  })
}

// --- Internal ---

/** Leaves out what is not set, so that the handler's own defaults stay. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  // The filter has taken out what the type says is not there.
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

function oneOf<const T extends string | boolean>(
  name: string,
  value: T | undefined,
  allowed: readonly T[],
): T | undefined {
  if (value === undefined || allowed.includes(value)) return value
  const names = allowed.map((one) => (typeof one === 'string' ? `"${one}"` : String(one)))
  throw new TypeError(`option ${name} must be ${names.join(', ')}`)
}

function toText(name: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && isFieldValue(value))) return value
  throw new TypeError(`option ${name} must be a string that can stand in a field`)
}

function toList(name: string, value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined
  if (value === false || value === null || value === '') return []
  const list: unknown[] = Array.isArray(value) ? value : [value]
  if (list.every((item) => typeof item === 'string')) return list
  throw new TypeError(`option ${name} must be array of strings or false`)
}

function toCacheControl(value: unknown): boolean | string | undefined {
  return typeof value === 'boolean' ? value : toText('cacheControl', value)
}

function toCache(value: unknown): CacheOptions | false | undefined {
  if (value === undefined || value === false) return value
  if (typeof value !== 'object' || value === null) {
    throw new TypeError('option cache must be an object or false')
  }
  const { maxEntries, maxFileSize, maxBytes } = value as Record<string, unknown>
  for (const [name, bound] of Object.entries({ maxEntries, maxFileSize, maxBytes })) {
    checkCount(`cache.${name}`, bound)
  }
  return value
}

function toCors(value: unknown): boolean | string | undefined {
  return typeof value === 'boolean' ? value : toText('cors', value)
}

function toCharset(value: unknown): string | false | undefined {
  if (value === undefined || value === false) return value
  if (typeof value === 'string' && isToken(value)) return value
  throw new TypeError('option charset must be the name of a charset or false')
}

function toMaxAge(value: unknown): number | undefined {
  if (value === undefined) return undefined
  const number = typeof value === 'string' ? parseDuration(value) : value
  if (typeof number === 'number' && !Number.isNaN(number)) return number
  throw new TypeError('option maxAge must be milliseconds, or a text such as "1h"')
}

function toExtensionsMap(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null) {
    throw new TypeError('option extensionsMap must be an object')
  }
  const types: Record<string, string> = { ...defaultExtensionsMap }
  for (const [extension, type] of Object.entries(value) as [string, unknown][]) {
    if (!extension.startsWith('.') || typeof type !== 'string' || !isFieldValue(type)) {
      throw new TypeError(
        `option extensionsMap must map extensions such as ".txt" to types: ${extension}`,
      )
    }
    types[extension] = type
  }
  return types
}

function toHeaders(value: SimpleHandlerOptions['headers']): [string, string][] | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'object' || (value as unknown) === null) {
    throw new TypeError('option headers must be an object, or an array of names and values')
  }
  const entries: readonly (readonly unknown[])[] = isArray(value) ? value : Object.entries(value)
  return entries.map((entry) => {
    const [name, text] = entry
    if (typeof name !== 'string' || typeof text !== 'string') {
      throw new TypeError('option headers must have strings as names and values')
    }
    try {
      checkField(name, text)
    } catch (error) {
      const reason = error instanceof Error ? error.message : ''
      throw new TypeError(`option headers: ${reason}`, { cause: error })
    }
    return [name, text]
  })
}

/** Array.isArray() that knows of read-only ones. */
function isArray(value: object): value is readonly (readonly unknown[])[] {
  return Array.isArray(value)
}

function toCodings(value: unknown): readonly ContentCoding[] | undefined {
  // The keys are the codings, in the order they are wanted.
  const known = Object.keys(codingSuffix) as ContentCoding[]
  if (value === undefined) return undefined
  if (typeof value === 'boolean') return value ? known : []
  const list: readonly unknown[] = Array.isArray(value) ? value : [undefined]
  return list.map((item) => {
    const coding = known.find((name) => name === item)
    if (coding !== undefined) return coding
    throw new TypeError(`option precompressed must be a boolean or an array of ${known.join(', ')}`)
  })
}

function toFunction<T>(name: string, value: T | undefined): T | undefined {
  // serve-static takes null and false for none, too.
  if (!value) return undefined
  if (typeof value !== 'function') throw new TypeError(`option ${name} must be function`)
  return value
}

function toSpa(value: unknown): boolean | string | undefined {
  if (value === undefined || typeof value === 'boolean') return value
  const isPage = typeof value === 'string' && value !== '' && !value.split('/').includes('..')
  if (isPage) return value
  throw new TypeError('option spa must be a boolean or the path of a page below the directory')
}

/** A prefix alone would have no effect: it is a mistake of whoever means to have one. */
function toSendfile({ sendfile, sendfilePrefix }: SimpleHandlerOptions): {
  sendfile: Sendfile | false | undefined
  sendfilePrefix: string | undefined
} {
  oneOf('sendfile', sendfile, [false, 'x-accel-redirect', 'x-sendfile'])
  if (sendfilePrefix !== undefined) {
    if (sendfile === undefined || sendfile === false) {
      throw new TypeError('option sendfilePrefix needs option sendfile')
    }
    if (typeof (sendfilePrefix as unknown) !== 'string' || !sendfilePrefix.startsWith('/')) {
      throw new TypeError('option sendfilePrefix must be a path that starts with a slash')
    }
  }
  return { sendfile, sendfilePrefix }
}

function isFieldValue(value: string): boolean {
  return !/[^\t\x20-\x7e\x80-\xff]/.test(value)
}
