import { describe, expect, it } from '@jest/globals'
import {
  isFieldText,
  isToken,
  splitList,
  toFieldText,
  trimWhitespace,
} from '../../../lib/http/token.ts'

describe('isToken() (RFC 9110 section 5.6.2)', () => {
  it.each(['GET', 'spam', "!#$%&'*+-.^_`|~09azAZ", 'x'])('%j is one', (text) => {
    expect(isToken(text)).toBe(true)
  })

  it.each(['', 'a b', 'a:', 'a\n', 'é', '(', '"a"', 'a/b', '\0', 'a,b', '{', 'a@b'])(
    '%j is none',
    (text) => {
      expect(isToken(text)).toBe(false)
    },
  )
})

describe('splitList() (RFC 9110 section 5.6.1.2)', () => {
  it.each([
    ['', []],
    [' , \t,', []],
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    [' a\t,, b ,', ['a', 'b']],
    ['a b, c', ['a b', 'c']],
  ])('%j', (value, expected) => {
    expect(splitList(value)).toEqual(expected)
  })
})

describe('trimWhitespace()', () => {
  it('takes spaces and tabs, and no other blanks', () => {
    expect(trimWhitespace(' \t a b \t')).toBe('a b')
    expect(trimWhitespace('\xa0a\n')).toBe('\xa0a\n')
    expect(trimWhitespace(' \t ')).toBe('')
  })
})

describe('isFieldText() (RFC 9110 section 5.5)', () => {
  it.each(['', 'a b', '\t', '~', '\x80', '\xff'])('%j is', (text) => {
    expect(isFieldText(text)).toBe(true)
    expect(toFieldText(text)).toBe(text)
  })

  it.each(['\0', '\n', 'a\rb', '\x1f', '\x7f', '\u0100', '\ud83d\ude00'])('%j is not', (text) => {
    expect(isFieldText(text)).toBe(false)
    expect(toFieldText(text)).toBe(text.replace(/[^ab]+/u, '?'))
  })
})
