import { describe, expect, it } from '@jest/globals'
import { isLatin1 } from '../../../lib/http/latin1.ts'

describe('isLatin1()', () => {
  it.each([
    ['', true],
    ['\0\x7f\x80\xff', true],
    ['\u0100', false],
    ['€', false],
    ['😀', false],
  ])('%j: %s', (text, expected) => {
    expect(isLatin1(text)).toBe(expected)
  })
})
