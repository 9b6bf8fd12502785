import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from '@jest/globals'
import { parseDuration } from '../../../lib/middleware/duration.ts'
import { normalizeDirectory, normalizeOptions } from '../../../lib/middleware/simple-options.ts'
import { simpleHandler } from '../../../lib/middleware.ts'
import type { SimpleHandlerOptions } from '../../../types/options.ts'

describe('parseDuration()', () => {
  it.each([
    ['0', 0],
    ['100', 100],
    ['1.5', 1.5],
    ['1s', 1000],
    ['2 minutes', 120_000],
    ['1h', 3_600_000],
    ['.5 hrs', 1_800_000],
    ['30d', 2_592_000_000],
    ['1 Week', 604_800_000],
    ['1y', 31_557_600_000],
    ['-1s', -1000],
    ['250ms', 250],
    ['1 mo', 2_629_800_000],
  ])('reads %j as %d', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })

  it.each(['', 'soon', '1 fortnight', '1h30m', 's', '1..5', '0x10'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })
})

describe('normalizeDirectory()', () => {
  it('makes paths and URLs absolute', () => {
    expect(normalizeDirectory('x')).toBe(resolve('x'))
    expect(normalizeDirectory(pathToFileURL('/srv/a b'))).toBe(resolve('/srv/a b'))
  })

  it.each([[undefined], [null], [''], [42], [{}]])('refuses %j', (directory) => {
    expect(() => normalizeDirectory(directory)).toThrow(TypeError)
  })

  it('refuses URLs that are no files', () => {
    expect(() => normalizeDirectory(new URL('http://localhost/'))).toThrow(TypeError)
  })
})

describe('normalizeOptions()', () => {
  it("has serve-static's defaults", () => {
    expect(normalizeOptions({})).toEqual({
      cacheControl: true,
      dotfiles: 'ignore',
      fallthrough: true,
      indexPages: ['index.html'],
      log: false,
      strict: false,
    })
  })

  it("has http.server's defaults under strict", () => {
    expect(normalizeOptions({ strict: true })).toEqual({
      fallthrough: false,
      log: false,
      strict: true,
    })
  })

  it('drops what it does not know', () => {
    expect(normalizeOptions({ unknown: 1 } as SimpleHandlerOptions)).not.toHaveProperty('unknown')
  })

  it('makes lists and numbers of texts', () => {
    const fields = normalizeOptions({
      index: 'home.html',
      extensions: 'html',
      maxAge: '1h',
      precompressed: true,
      headers: { 'X-A': '1' },
      extensionsMap: { '.foo': 'x/foo' },
    })
    expect(fields).toMatchObject({
      indexPages: ['home.html'],
      extensions: ['html'],
      maxAge: 3_600_000,
      precompressed: ['br', 'zstd', 'gzip'],
      extraResponseHeaders: [['X-A', '1']],
      extensionsMap: { '.foo': 'x/foo', '.gz': 'application/gzip' },
    })
    expect(
      normalizeOptions({ index: false, extensions: false, precompressed: false }),
    ).toMatchObject({
      indexPages: [],
      extensions: [],
      precompressed: [],
    })
  })

  it.each([
    ['acceptRanges', 'yes'],
    ['cacheControl', 1],
    ['cacheControl', 'a\nb'],
    ['charset', true],
    ['charset', 'utf 8'],
    ['defaultContentType', 1],
    ['defaultContentType', 'a\r\nb'],
    ['dotfiles', 'maybe'],
    ['etag', 'medium'],
    ['extensions', 42],
    ['extensions', true],
    ['extensions', ['a', 1]],
    ['extensionsMap', { txt: 'text/plain' }],
    ['extensionsMap', { '.txt': 1 }],
    ['extensionsMap', null],
    ['fallthrough', 1],
    ['headers', { 'X-A': 1 }],
    ['headers', { 'X A': 'b' }],
    ['headers', { 'X-A': 'a\r\nSet-Cookie: b' }],
    ['headers', 'X-A: b'],
    ['immutable', 'true'],
    ['index', true],
    ['index', 42],
    ['lastModified', 0],
    ['listing', 'no'],
    ['log', 42],
    ['maxAge', 'soon'],
    ['maxAge', NaN],
    ['maxAge', {}],
    ['precompressed', ['deflate']],
    ['precompressed', 'br'],
    ['redirect', 301],
    ['sendfile', true],
    ['sendfilePrefix', '/internal/'],
    ['setHeaders', 3],
    ['spa', ''],
    ['spa', '../index.html'],
    ['strict', 1],
    ['symlinks', true],
  ])('refuses %s: %j by its name', (name, value) => {
    const make = (): unknown => simpleHandler('.', { [name]: value })
    expect(make).toThrow(TypeError)
    expect(make).toThrow(new RegExp(`\\b${name === 'log' ? 'log' : name}\\b`))
  })
})

describe('simpleHandler()', () => {
  it('is a named function of three arguments', () => {
    const handler = simpleHandler()
    expect(handler.name).toBe('simpleHandlerMiddleware')
    expect(handler).toHaveLength(3)
  })

  it('takes no directory for the current one, but not one that is missing', () => {
    expect(() => simpleHandler()).not.toThrow()
    expect(() => simpleHandler(undefined, {})).toThrow(/root path required/)
    expect(() => simpleHandler('.', null)).not.toThrow()
  })
})
