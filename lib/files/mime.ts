import type * as MimeTypes from 'mime-types'
import { guessPythonType, splitExtension } from './python-types.ts'
import { systemTypes } from './system-types.ts'

/** Types by extension, dot included. */
export type ExtensionsMap = Readonly<Record<string, string>>

/** What `http.server` knows of itself. Python: `SimpleHTTPRequestHandler.extensions_map` */
export const defaultExtensionsMap: ExtensionsMap = {
  '.gz': 'application/gzip',
  '.Z': 'application/octet-stream',
  '.bz2': 'application/x-bzip2',
  '.xz': 'application/x-xz',
}

/** Types of Python's that `mime-types` has otherwise, where Python's are shown by browsers and the others not. */
const preferred: ExtensionsMap = {
  '.bat': 'text/plain',
  '.c': 'text/plain',
  '.h': 'text/plain',
  '.ksh': 'text/plain',
  '.pl': 'text/plain',
  '.py': 'text/x-python',
  '.pyo': 'application/x-python-code',
  '.rst': 'text/x-rst',
  '.srt': 'text/plain',
}

/**
 * Whose table a type is looked up in: `strict`, CPython's with the system's `mime.types`; `python`, that of
 * `mime-types` with Python's where they differ and matter; `express`, that of `mime-types` alone, as `send` has it.
 */
export type TypeSource = 'strict' | 'python' | 'express'

/**
 * The media type of a file by its name, without parameters.
 *
 * @param path - the file's path
 * @param overrides - types that win, by extension as spelt, then in lower case
 * @param fallback - the type when there is no other
 * @param source - whose table
 *
 * Python: `SimpleHTTPRequestHandler.guess_type`
 */
export function guessType(
  path: string,
  overrides: ExtensionsMap,
  fallback: string,
  source: TypeSource,
): string {
  const [, extension] = splitExtension(path)
  const lower = extension.toLowerCase()
  const override = own(overrides, extension) ?? own(overrides, lower)
  if (override !== undefined) return override
  if (source === 'strict') return guessPythonType(path, systemTypes()) ?? fallback
  if (source === 'python') {
    const type = own(preferred, lower)
    if (type !== undefined) return type
  }
  const known = extension === '' ? false : mimeTypes().lookup(extension)
  if (known !== false) return known
  return (source === 'python' ? guessPythonType(path) : undefined) ?? fallback
}

/** Whether a type is of text, so that it may have a charset: `text/*`, and JSON and its like. */
export function isText(type: string): boolean {
  return mimeTypes().charset(type) !== false
}

/** Adds a charset to a type of text that has none. */
export function withCharset(type: string, charset: string): string {
  return /;\s*charset=/i.test(type) || !isText(type) ? type : `${type}; charset=${charset}`
}

/** Bytes that tell the charset when a text begins with them. */
export const BOM_LENGTH = 3

/**
 * The charset that a byte order mark names (https://encoding.spec.whatwg.org/#bom-sniff).
 *
 * @param bytes - the first {@link BOM_LENGTH} bytes of a text, or more
 */
export function sniffCharset(bytes: Uint8Array): 'utf-8' | 'utf-16be' | 'utf-16le' | undefined {
  const [first, second, third] = bytes
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return undefined
}

// --- Internal ---

let loaded: typeof MimeTypes | undefined

/** Loaded with the first file, not at start: its table is large. */
function mimeTypes(): typeof MimeTypes {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (loaded ??= require('mime-types') as typeof MimeTypes)
}

/** An extension named `constructor` is no override. */
function own(map: ExtensionsMap, extension: string): string | undefined {
  return Object.hasOwn(map, extension) ? map[extension] : undefined
}
