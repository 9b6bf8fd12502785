import { readFile } from 'node:fs/promises'
import { pythonTypes } from './python-types.ts'
import type { TypeTable } from './python-types.ts'

/** Where CPython looks for more types; what a later file says wins. Python: `mimetypes.knownfiles` */
const knownFiles = [
  '/etc/mime.types',
  '/etc/httpd/mime.types',
  '/etc/httpd/conf/mime.types',
  '/etc/apache/mime.types',
  '/etc/apache2/mime.types',
  '/usr/local/etc/httpd/conf/mime.types',
  '/usr/local/lib/netscape/mime.types',
  '/usr/local/etc/mime.types',
]

/**
 * Reads a file of types: a type and its extensions a line, `#` starts a comment.
 *
 * Python: `mimetypes.MimeTypes.readfp`
 */
export function parseTypes(text: string): [extension: string, type: string][] {
  const found: [string, string][] = []
  for (const line of text.split('\n')) {
    const words = line.split(/\s+/).filter((word) => word !== '')
    const comment = words.findIndex((word) => word.startsWith('#'))
    const [type, ...extensions] = comment < 0 ? words : words.slice(0, comment)
    if (type === undefined) continue
    for (const extension of extensions) found.push([`.${extension}`, type])
  }
  return found
}

/**
 * CPython's built-in types, and over them what the given files say; a file that cannot be read says nothing.
 */
export async function readTypes(files: readonly string[]): Promise<TypeTable> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')))
  return new Map([...pythonTypes, ...texts.flatMap(parseTypes)])
}

let table: TypeTable | undefined
let loading: Promise<TypeTable> | undefined

/** The types CPython would have on this system, once {@link loadSystemTypes} is done; until then its built-in ones. */
export function systemTypes(): TypeTable {
  return table ?? pythonTypes
}

/** Reads the system's types, at the first call. Python: `mimetypes.init` */
export function loadSystemTypes(): Promise<TypeTable> | undefined {
  if (table !== undefined) return undefined
  loading ??= readTypes(knownFiles).then((types) => (table = types))
  return loading
}
