import { describe, expect, it } from '@jest/globals'
import { searchWords, strictWords } from '../../../lib/cgi/argv.ts'

describe('searchWords()', () => {
  it('splits at plus signs, then decodes', () => {
    expect(searchWords('GET', 'a+b%20c')).toEqual(['a', 'b c'])
    expect(searchWords('HEAD', '%3Da+%2B')).toEqual(['=a', '+'])
    expect(searchWords('GET', '%E9')).toEqual(['\xe9'])
  })

  it('escapes what is active in the shell', () => {
    expect(searchWords('GET', '$(id)+a;b+%60')).toEqual(['\\$\\(id\\)', 'a\\;b', '\\`'])
  })

  it.each([
    ['an unencoded =', 'GET', 'a=b'],
    ['no query', 'GET', ''],
    ['another method', 'POST', 'a'],
    ['an empty word', 'GET', 'a++b'],
    ['a malformed escape', 'GET', 'a+%zz'],
    ['an option', 'GET', 'a+-d+allow_url_include'],
    ['an encoded option', 'GET', '%2Ds'],
    ['a NUL', 'GET', 'a%00b'],
    ['a line feed', 'GET', 'a+b%0Ac'],
    ['too many words', 'GET', Array(1025).fill('a').join('+')],
  ])('gives no word at all for %s', (_, method, query) => {
    expect(searchWords(method, query)).toEqual([])
  })
})

describe('strictWords()', () => {
  it('gives the whole query as one word, undecoded', () => {
    expect(strictWords('a+b%20c')).toEqual(['a b%20c'])
    expect(strictWords('')).toEqual([''])
  })

  it('gives none for a form, nor for an option', () => {
    expect(strictWords('a=b')).toEqual([])
    expect(strictWords('-s')).toEqual([])
  })
})
