import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { fileSpelling, type FileSpelling } from '../../../lib/files/canonical.ts'
import { spellingOf as rawSpelling } from '../../../lib/http/spelling.ts'

function spellingOf(path: string): FileSpelling {
  return fileSpelling(path, rawSpelling(path))
}

describe('fileSpelling()', () => {
  it.each([
    ['/', []],
    ['/a', ['a']],
    ['/a/b.txt', ['a', 'b.txt']],
    ['/a/', ['a']],
    ['/...', ['...']],
    ['/..a/.b', ['..a', '.b']],
    ['/a%20b', ['a b']],
    ['/a%2Bb+c', ['a+b+c']],
    ['/%25', ['%']],
    ['/caf%C3%A9', ['caf\u00e9']],
    ['/caf%c3%a9', ['caf\u00e9']],
    ['/%ED%B3%BF', ['\udcff']],
    ['/a;b=1', ['a;b=1']],
    ['/a:b@c', ['a:b@c']],
  ])('takes %j for canonical', (path, segments) => {
    expect(spellingOf(path)).toEqual({ kind: 'canonical', segments })
  })

  it.each([
    ['//', '/'],
    ['//a', '/a'],
    ['/a//b', '/a/b'],
    ['/a///', '/a/'],
    ['/%61dmin/x', '/admin/x'],
    ['/admi%6E', '/admin'],
    ['/a%2Etxt', '/a.txt'],
    ['/%7euser', '/~user'],
    ['/a%2db%5Fc', '/a-b_c'],
    ['/%30%39', '/09'],
    ['//%41', '/A'],
    ['/%61%20b', '/a%20b'],
  ])('takes %j for a misspelt %j', (path, canonical) => {
    expect(spellingOf(path)).toMatchObject({ kind: 'misspelt', path: canonical })
  })

  it.each([
    ['/..', 403],
    ['/a/../b', 403],
    ['/%2e%2e/b', 403],
    ['/.%2E/b', 403],
    ['/x/..%2fb', 403],
    ['/x/..%5cb', 403],
    ['/..\\b', 403],
    ['/./admin/x', 404],
    ['/%2e/admin/x', 404],
    ['/admin/.', 404],
    ['/admin%2fx', 404],
    ['/admin%2Fx', 404],
    ['/admin%5cx', 404],
    ['/admin\\x', 404],
    ['/admin;x/..', 403],
    ['/%ED%B3%83%ED%B2%A9', 404],
    ['/%ED%A0%80', 404],
    ['', 400],
    ['admin/x', 400],
    ['*', 400],
    ['/a#b', 400],
    ['/%', 400],
    ['/%zz', 400],
    ['/a%2', 400],
    ['/%ff', 400],
    ['/%c3', 400],
    ['/%00', 400],
    ['/a%00.html', 400],
    ['/a\0', 400],
    ['/../%', 400],
  ])('refuses %j with %i', (path, status) => {
    expect(spellingOf(path)).toEqual({ kind: 'refused', status })
  })

  it('gives a canonical path for a misspelt one', () => {
    const pieces = fc.constantFrom(
      '/',
      'a',
      '%61',
      '%2e',
      '.',
      '%20',
      '%2f',
      '%5c',
      '~',
      '%7E',
      '%',
    )
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        const spelling = spellingOf(`/${parts.join('')}`)
        const again = spelling.kind === 'misspelt' ? spellingOf(spelling.path) : undefined
        expect(again?.kind ?? 'canonical').toBe('canonical')
      }),
    )
  })

  it('gives one raw path only to each list of segments', () => {
    const name = fc.stringMatching(/^[a-z0-9._~-]{1,6}$/)
    fc.assert(
      fc.property(fc.array(name, { minLength: 1 }), fc.array(fc.boolean()), (names, escape) => {
        let at = 0
        const spelt = names.map((one) =>
          one.replace(/./g, (char) =>
            escape[at++ % (escape.length + 1)] === true
              ? `%${char.charCodeAt(0).toString(16)}`
              : char,
          ),
        )
        const path = `/${spelt.join('/')}`
        const served = spellingOf(path).kind === 'canonical'
        expect(served ? path : '').toBe(served ? `/${names.join('/')}` : '')
      }),
    )
  })
})
