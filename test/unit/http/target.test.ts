import { describe, expect, it } from '@jest/globals'
import { collapseLeadingSlashes, splitTarget } from '../../../lib/http/target.ts'

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
