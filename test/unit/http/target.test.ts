import { describe, expect, it } from '@jest/globals'
import {
  authorityOf,
  collapseLeadingSlashes,
  normalSegments,
  pathOf,
  splitTarget,
  splitUrl,
  withoutOrigin,
} from '../../../lib/http/target.ts'

describe('splitTarget()', () => {
  it.each([
    ['/', '/', undefined],
    ['', '', undefined],
    ['/a?', '/a', ''],
    ['/a?b=c?d', '/a', 'b=c?d'],
    ['/a#b?c', '/a#b', 'c'],
    ['?x', '', 'x'],
    ['*', '*', undefined],
  ])('%j', (target, path, query) => {
    expect(splitTarget(target)).toEqual({ path, query })
  })
})

describe('pathOf()', () => {
  it.each([
    ['/a?b#c', '/a'],
    ['/a#c?b', '/a'],
    ['?', ''],
    ['/a', '/a'],
  ])('%j', (target, path) => {
    expect(pathOf(target)).toBe(path)
  })
})

describe('splitUrl()', () => {
  it.each([
    ['/a', '/a', '', ''],
    ['/a?b#c', '/a', 'b', '#c'],
    ['/a?', '/a', '', ''],
    ['/a#', '/a', '', ''],
    ['/a#c?b', '/a', '', '#c?b'],
  ])('%j', (target, path, query, fragment) => {
    expect(splitUrl(target)).toEqual({ path, query, fragment })
  })
})

describe('withoutOrigin()', () => {
  it.each([
    ['/a', '/a'],
    ['http://h/a?b', '/a?b'],
    ['HTTPS://h:1', '/'],
    ['http://h?b', '/?b'],
    ['//h/a', '//h/a'],
    ['ftp://h/a', 'ftp://h/a'],
    ['/http://h/a', '/http://h/a'],
    ['*', '*'],
  ])('%j', (target, rest) => {
    expect(withoutOrigin(target)).toBe(rest)
  })
})

describe('collapseLeadingSlashes()', () => {
  it.each([
    ['', ''],
    ['/', '/'],
    ['a//b', 'a//b'],
    ['/a//b', '/a//b'],
    ['//', '/'],
    ['//evil.example/', '/evil.example/'],
    ['////a//', '/a//'],
    ['/\\evil.example', '/\\evil.example'],
  ])('%j', (path, expected) => {
    expect(collapseLeadingSlashes(path)).toBe(expected)
  })
})

describe('normalSegments()', () => {
  it('drops what is no name', () => {
    expect(normalSegments('/a//./b/../c/')).toEqual(['a', 'c'])
    expect(normalSegments('/../..')).toEqual([])
  })
})

describe('authorityOf() (RFC 9112 section 3.2.2)', () => {
  it.each([
    ['http://h/x', 'h'],
    ['HTTPS://h:1?q', 'h:1'],
    ['http:///x', ''],
    ['/http://h/', undefined],
    ['*', undefined],
    ['ftp://h/', undefined],
  ])('%j: %j', (target, authority) => {
    expect(authorityOf(target)).toBe(authority)
  })
})
