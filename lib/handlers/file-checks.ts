import type { ContentCoding } from '../../types/files.ts'
import type { LogOptions } from '../../types/logger.ts'
import type { SimpleHandlerOptions } from '../../types/options.ts'
import type { ProxyOptions } from '../../types/proxy.ts'
import { codingSuffix } from '../files/encodings.ts'
import { reasonOf } from '../http/error.ts'
import { isToken } from '../http/token.ts'
import {
  checkBoolean,
  checkCount,
  checkFunction,
  checkPath,
  checkStrings,
  checkText,
  isFieldValue,
  isRecord,
  oneOf,
  type Check,
} from './check.ts'
import type { FieldChecks } from './fields.ts'
import { checkField } from './response-head.ts'

/** The codings that siblings of a file can have, in the order they are wanted. */
export const codings = Object.keys(codingSuffix) as readonly ContentCoding[]

const checkCache: Check = (name, value) => {
  if (value === undefined || value === false) return
  if (!isRecord(value)) throw new TypeError(`option ${name} must be an object or false`)
  const bounds = { maxEntries: true, maxFileSize: true, maxBytes: true }
  for (const bound of Object.keys(value)) {
    if (!Object.hasOwn(bounds, bound)) throw new TypeError(`option ${name} has no ${bound}`)
  }
  for (const bound of Object.keys(bounds)) checkCount(`${name}.${bound}`, value[bound])
}

const checkCacheControl: Check = (name, value) => {
  if (typeof value !== 'boolean') checkText(name, value)
}

const checkCharset: Check = (name, value) => {
  if (value === undefined || value === false) return
  if (typeof value !== 'string' || !isToken(value)) {
    throw new TypeError(`option ${name} must be the name of a charset or false`)
  }
}

/** One that no browser sends as its `Origin` would let nobody read. */
const checkOrigin: Check = (name, value) => {
  if (value === undefined || typeof value === 'boolean') return
  if (typeof value !== 'string' || !isOrigin(value)) {
    throw new TypeError(`option ${name} must be a boolean or an origin such as https://example.com`)
  }
}

const checkExtensionsMap: Check = (name, value) => {
  if (value === undefined) return
  if (!isRecord(value)) throw new TypeError(`option ${name} must be an object`)
  for (const [extension, type] of Object.entries(value)) {
    // http.server's own map has a type for names without extension.
    const named = extension === '' || extension.startsWith('.')
    if (!named || typeof type !== 'string' || !isFieldValue(type)) {
      throw new TypeError(
        `option ${name} must map extensions such as ".txt" to types: ${extension}`,
      )
    }
  }
}

/** Refuses what are no pairs of a name and a value that can stand in a response's head. */
export const checkHeaders: Check = (name, value) => {
  if (value === undefined) return
  const wrong = `option ${name} must have strings as names and values`
  if (!Array.isArray(value)) throw new TypeError(wrong)
  for (const pair of value as readonly unknown[]) {
    if (!Array.isArray(pair) || pair.length !== 2) throw new TypeError(wrong)
    const [field, text] = pair as readonly unknown[]
    if (typeof field !== 'string' || typeof text !== 'string') throw new TypeError(wrong)
    try {
      checkField(field, text)
    } catch (error) {
      throw new TypeError(`option ${name}: ${reasonOf(error)}`, { cause: error })
    }
  }
}

const checkMaxAge: Check = (name, value) => {
  if (value === undefined || (typeof value === 'number' && !Number.isNaN(value))) return
  throw new TypeError(`option ${name} must be milliseconds, or a text such as "1h"`)
}

const checkCodings: Check = (name, value) => {
  if (value === undefined) return
  if (Array.isArray(value) && value.every((item) => codings.some((one) => one === item))) return
  throw new TypeError(`option ${name} must be a boolean or an array of ${codings.join(', ')}`)
}

/** A page is a name below the directory, on every system. */
const checkPage: Check = (name, value) => {
  if (value === undefined || typeof value === 'boolean') return
  const segments = typeof value === 'string' && !value.includes('\0') ? value.split(/[/\\]/) : []
  if (segments.includes('..') || segments.every((segment) => segment === '' || segment === '.')) {
    throw new TypeError(
      `option ${name} must be a boolean or the path of a page below the directory`,
    )
  }
}

const checkPrefix: Check = (name, value) => {
  if (value !== undefined && (typeof value !== 'string' || !value.startsWith('/'))) {
    throw new TypeError(`option ${name} must be a path that starts with a slash`)
  }
}

/** Options of `simpleHandler()` that become fields under the same names, and are no other handler's. */
type FileOption = Exclude<
  keyof SimpleHandlerOptions,
  'fallthrough' | 'headers' | 'index' | 'strict' | keyof LogOptions | keyof ProxyOptions
>

/** An empty one is the current directory, as in Python. */
const checkDirectory: Check = (name, value) => {
  if (value !== '') checkPath(name, value)
}

/** How such options are checked. */
export const fileOptionChecks: Readonly<Record<FileOption, Check>> = {
  acceptRanges: checkBoolean,
  cache: checkCache,
  cacheControl: checkCacheControl,
  charset: checkCharset,
  cors: checkOrigin,
  defaultContentType: checkText,
  dotfiles: oneOf('allow', 'deny', 'ignore'),
  etag: oneOf(true, false, 'weak', 'strong'),
  extensions: checkStrings,
  extensionsMap: checkExtensionsMap,
  immutable: checkBoolean,
  lastModified: checkBoolean,
  listing: checkBoolean,
  maxAge: checkMaxAge,
  precompressed: checkCodings,
  redirect: checkBoolean,
  sendfile: oneOf(false, 'x-accel-redirect', 'x-sendfile'),
  sendfilePrefix: checkPrefix,
  setHeaders: checkFunction,
  spa: checkPage,
  symlinks: oneOf('follow', 'inside', 'deny'),
}

/** How the fields of `SimpleHTTPRequestHandler` are checked. */
export const fileChecks: FieldChecks = {
  ...fileOptionChecks,
  directory: checkDirectory,
  extraResponseHeaders: checkHeaders,
  indexPages: checkStrings,
}

// --- Internal ---

/** As browsers have it in `Origin`: lower case, no path, no port that is the scheme's own. */
function isOrigin(value: string): boolean {
  if (value === '*' || value === 'null') return true
  if (!/^[a-z][a-z\d+.-]*:\/\/[^/?#@\s\\]+$/.test(value) || !URL.canParse(value)) return false
  const { origin } = new URL(value)
  // Of schemes that it does not know, such as a browser extension's, URL does not tell.
  return origin === 'null' ? /^[!-~]+$/.test(value) : origin === value
}
