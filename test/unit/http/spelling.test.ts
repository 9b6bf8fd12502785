import { describe, expect, it } from '@jest/globals'
import { spellingOf, targetSpelling } from '../../../lib/http/spelling.ts'

describe('spellingOf()', () => {
  it.each(['/', '/cgi-bin/a.sh', '/a.sh/caf%C3%A9%E9/', '/a b', '/~u/(x)!', '/a%20b', '/..a/b..'])(
    'takes %s for canonical',
    (path) => {
      expect(spellingOf(path)).toEqual({ kind: 'canonical' })
    },
  )

  it.each([
    ['//cgi-bin/a.sh', '/cgi-bin/a.sh'],
    ['/cgi-bin/%61.sh//x', '/cgi-bin/a.sh/x'],
    ['/a%7Eb', '/a~b'],
  ])('reads %s as %s', (path, canonical) => {
    expect(spellingOf(path)).toEqual({ kind: 'misspelt', path: canonical })
  })

  it.each([
    ['/a/../b', 403],
    ['/a/%2e%2E/b', 403],
    ['/a\\..', 403],
    ['/a/.', 404],
    ['/a%2fb', 404],
    ['/a%5Cb', 404],
    ['/a\\b', 404],
    ['/a%zz', 400],
    ['/a%', 400],
    ['/a%00', 400],
    ['/a#b', 400],
    ['', 400],
    ['a/b', 400],
    ['*', 400],
  ])('refuses %s with %i', (path, status) => {
    expect(spellingOf(path)).toEqual({ kind: 'refused', status })
  })
})

describe('targetSpelling()', () => {
  const cut = (): boolean => true
  const notCut = (): boolean => false

  it.each([
    'http://h/a/b?c=http://x/..#d',
    'HTTP://example.com:8080/a/b',
    'https://127.0.0.1/a/b',
    'http://[::1]:80/a/b',
    'http://h',
    'http://h?x',
    'http://h/a;b=(c)@d:e',
    'http://h/caf\xc3\xa9',
    'http://h/a#b',
    '/a#b?c',
    '/voil\xc3\xa0.txt',
    "/it's/x?y",
  ])('takes %s for its path if the router has cut it', (target) => {
    expect(targetSpelling(target, cut)).toEqual({ kind: 'canonical' })
  })

  it.each([
    ['http://h/a/b?c', '/a/b'],
    ['http://h', '/'],
    ['/a#b?c', '/a'],
  ])('takes %s for another spelling of %s else', (target, path) => {
    expect(targetSpelling(target, notCut)).toEqual({ kind: 'misspelt', path })
  })

  it('takes a misspelt path in an absolute form for one', () => {
    for (const router of [cut, notCut]) {
      expect(targetSpelling('http://h//%61', router)).toEqual({ kind: 'misspelt', path: '/a' })
      expect(targetSpelling('http://h/../a', router)).toEqual({ kind: 'refused', status: 403 })
    }
  })

  it.each([
    'http://a:b/x',
    'http://a:80:/x',
    'http://a:/x',
    'http://h;x/x',
    'http://h%2f/x',
    "http://a'b/x",
    'http://a@:b/x',
    'http://u:p@h/x',
    'http://a,b/x',
    'http://a*b/x',
    'http://a\\b/x',
    'http://[a/x',
    'http://[a:b/x',
    'http:///x',
    'http://',
    'http://?/x',
    'http://\xe9/x',
    'http:/x',
    'http:x',
    'ftp://h/x',
    'javascript:/x',
    'x/y',
    '*',
    '',
    "http://h/it's",
    'http://h/a|b',
    'http://h/\xa0',
    'http://h\\/a',
    "/it's/x#",
    "/it's/x?\xa0",
    "/it's/x?a#b",
    '/x\xa0',
  ])('refuses %j, which readers cut at different places', (target) => {
    for (const router of [cut, notCut]) {
      expect(targetSpelling(target, router)).toEqual({ kind: 'refused', status: 400 })
    }
  })
})
