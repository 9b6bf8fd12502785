import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  defaultExtensionsMap,
  guessType,
  isText,
  sniffCharset,
  withCharset,
  type TypeSource,
} from '../../../lib/files/mime.ts'
import { guessPythonType, pythonTypes, splitExtension } from '../../../lib/files/python-types.ts'
import {
  loadSystemTypes,
  parseTypes,
  readTypes,
  systemTypes,
} from '../../../lib/files/system-types.ts'
import { findPython } from '../../helpers/python.ts'

const octets = 'application/octet-stream'
const guess = (path: string, source: TypeSource, overrides = defaultExtensionsMap): string =>
  guessType(path, overrides, octets, source)

/** Names, and what CPython 3.13's http.server takes them for without any file of the system's. */
const names: readonly string[] = [
  ...[...pythonTypes.keys()].map((extension) => `a${extension}`),
  ...[...pythonTypes.keys()].map((extension) => `dir.x/A${extension.toUpperCase()}`),
  ...'a.tar.gz a.gz a.GZ a.Z a.z a.bz2 a.xz a.br a.html.gz a.html.br a.html.BR a.html.Z a.tgz'.split(
    ' ',
  ),
  ...'a.TGZ a.taz a.tz a.tbz2 a.txz a.svgz a.tar.bz2 .txt ..txt a. a noext .html.gz dir.html/a'.split(
    ' ',
  ),
  ...'a.html/ a.txt?x a.constructor a.__proto__'.split(' '),
]

describe('strict types', () => {
  beforeAll(async () => {
    await loadSystemTypes()
  })

  it('are those of CPython without files of the system', () => {
    const python = findPython()
    const ours = names.map((name) => [name, guessPython(name)])
    const theirs = python === undefined ? ours : askPython(python.command, true)
    expect(ours).toEqual(theirs)
  })

  it('are those of CPython on this system', () => {
    const python = findPython()
    const ours = names.map((name) => [name, guess(name, 'strict')])
    const theirs = python === undefined ? ours : askPython(python.command, false)
    expect(ours).toEqual(theirs)
  })

  it('are read once', () => {
    expect(loadSystemTypes()).toBeUndefined()
    expect(systemTypes().size).toBeGreaterThanOrEqual(pythonTypes.size)
  })
})

/** http.server's guess_type over the built-in types of CPython 3.13. */
function guessPython(name: string): string {
  const [, extension] = splitExtension(name)
  const own = [extension, extension.toLowerCase()].find((one) =>
    Object.hasOwn(defaultExtensionsMap, one),
  )
  return own === undefined ? (guessPythonType(name) ?? octets) : (defaultExtensionsMap[own] ?? '')
}

function askPython(command: string, builtIn: boolean): unknown {
  const program = `
import http.server, json, mimetypes, sys
${builtIn ? 'mimetypes.knownfiles.clear()' : ''}
handler = http.server.SimpleHTTPRequestHandler.__new__(http.server.SimpleHTTPRequestHandler)
print(json.dumps([[name, handler.guess_type(name)] for name in json.load(sys.stdin)]))`
  const input = JSON.stringify(names)
  return JSON.parse(execFileSync(command, ['-c', program], { input, encoding: 'utf8' }))
}

describe('additive types', () => {
  it.each([
    ['a.html', 'text/html'],
    ['a.js', 'text/javascript'],
    ['a.mjs', 'text/javascript'],
    ['a.css', 'text/css'],
    ['a.json', 'application/json'],
    ['a.woff2', 'font/woff2'],
    ['a.py', 'text/x-python'],
    ['a.c', 'text/plain'],
    ['a.h', 'text/plain'],
    ['a.sh', 'application/x-sh'],
    ['a.md', 'text/markdown'],
    ['a.tar.gz', 'application/gzip'],
    ['a.tgz', 'application/x-tar'],
    ['a.Z', octets],
    ['a.bz2', 'application/x-bzip2'],
    ['a.xz', 'application/x-xz'],
    ['a.PNG', 'image/png'],
    ['a', octets],
    ['html', octets],
    ['.html', octets],
    ['a.constructor', octets],
    ['a.unknown', octets],
  ])('take %s for %s', (name, type) => {
    expect(guess(`/dir.txt/${name}`, 'python')).toBe(type)
  })

  it.each([
    ['a.c', 'text/x-c'],
    ['a.py', octets],
    ['a.tgz', octets],
    ['a.html', 'text/html'],
  ])("of Express take %s for mime-types' %s", (name, type) => {
    expect(guess(name, 'express')).toBe(type)
  })

  it('let overrides win, as spelt first, then in lower case', () => {
    const overrides = { '.TXT': 'x/upper', '.txt': 'x/lower', '.html': 'x/html' }
    const types = ['a.TXT', 'a.txt', 'a.Txt', 'a.HTML'].map((name) =>
      guess(name, 'python', overrides),
    )
    expect(types).toEqual(['x/upper', 'x/lower', 'x/lower', 'x/html'])
  })
})

describe('files of types', () => {
  const directory = mkdtempSync(join(tmpdir(), 'basehttp-types-'))
  afterAll(() => {
    rmSync(directory, { recursive: true })
  })

  it('have a type and its extensions a line', () => {
    const text = '# comment\nx/a a aa # b\n\n\tx/b\tb\r\nx/none\n#x/c c\nx/d #d e\n'
    expect(parseTypes(text)).toEqual([
      ['.a', 'x/a'],
      ['.aa', 'x/a'],
      ['.b', 'x/b'],
    ])
  })

  it('add to the built-in ones, the later winning', async () => {
    const files = ['one', 'missing', 'two'].map((name) => join(directory, name))
    writeFileSync(files[0] ?? '', 'x/one new html\n')
    writeFileSync(files[2] ?? '', 'x/two new\n')
    const types = await readTypes(files)
    expect(guessPythonType('a.new', types)).toBe('x/two')
    expect(guessPythonType('a.html', types)).toBe('x/one')
    expect(guessPythonType('a.css', types)).toBe('text/css')
  })
})

describe('charsets', () => {
  it.each([
    ['text/html', 'text/html; charset=utf-8'],
    ['text/x-unheard-of', 'text/x-unheard-of; charset=utf-8'],
    ['application/json', 'application/json; charset=utf-8'],
    ['text/html; charset=latin1', 'text/html; charset=latin1'],
    ['text/html;Charset=latin1', 'text/html;Charset=latin1'],
    ['image/png', 'image/png'],
    ['image/svg+xml', 'image/svg+xml'],
    [octets, octets],
  ])('of %s: %s', (type, expected) => {
    expect(withCharset(type, 'utf-8')).toBe(expected)
  })

  it('are for text', () => {
    expect(isText('text/plain')).toBe(true)
    expect(isText('video/mp4')).toBe(false)
  })

  it.each([
    [[0xef, 0xbb, 0xbf], 'utf-8'],
    [[0xfe, 0xff, 0x00], 'utf-16be'],
    [[0xff, 0xfe], 'utf-16le'],
    [[0xef, 0xbb], undefined],
    [[], undefined],
    [[0x41, 0x42, 0x43], undefined],
  ])('are told by the mark %j: %j', (bytes, charset) => {
    expect(sniffCharset(Uint8Array.from(bytes))).toBe(charset)
  })
})

describe('splitExtension()', () => {
  it.each([
    ['a.b', ['a', '.b']],
    ['a', ['a', '']],
    ['.a', ['.a', '']],
    ['...a', ['...a', '']],
    ['.a.b', ['.a', '.b']],
    ['d.x/a', ['d.x/a', '']],
    ['d.x/.a', ['d.x/.a', '']],
    ['a.', ['a', '.']],
    ['', ['', '']],
  ])('splits %j into %j', (path, parts) => {
    expect(splitExtension(path)).toEqual(parts)
  })
})
