import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parsePath } from '../../../lib/cgi/path.ts'
import { translatePath } from '../../../lib/files/translate-path.ts'

describe('parsePath()', () => {
  it.each([
    ['/cgi-bin/a.sh', ['cgi-bin', 'a.sh'], false, ''],
    ['/cgi-bin/', ['cgi-bin'], true, ''],
    ['//cgi-bin//a.sh/x/', ['cgi-bin', 'a.sh', 'x'], true, ''],
    ['/x/../cgi-bin/./a.sh', ['cgi-bin', 'a.sh'], false, ''],
    ['/../../cgi-bin/a.sh', ['cgi-bin', 'a.sh'], false, ''],
    ['/cgi-bin%2fa.sh?q=/../x', ['cgi-bin', 'a.sh'], false, 'q=/../x'],
    ['/a%2541', ['a%41'], false, ''],
    ['/cgi-bin/a.sh#/../../x', ['cgi-bin', 'a.sh'], false, ''],
    ['/cgi-bin/a.sh#x?y', ['cgi-bin', 'a.sh'], false, 'y'],
    ['/a%3Fb?c?d', ['a?b'], false, 'c?d'],
    ['http://host/cgi-bin/a.sh?q', ['cgi-bin', 'a.sh'], false, 'q'],
    ['/', [], true, ''],
    ['/a/..', [], true, ''],
  ])('reads %s', (target, segments, slash, query) => {
    expect(parsePath(target)).toEqual({ segments, slash, query })
  })

  it('takes an absolute form for a path under strict', () => {
    expect(parsePath('http://h/x', { strict: true })?.segments).toEqual(['http:', 'h', 'x'])
  })

  it('has no path for a NUL', () => {
    expect(parsePath('/cgi-bin/a%00.sh')).toBeUndefined()
  })

  it('means the same file as translatePath(), however it is spelt', () => {
    const piece = fc.constantFrom(
      ...[
        'cgi-bin',
        'a.sh',
        '.',
        '..',
        '/',
        '%2f',
        '%2e',
        '#',
        '?',
        '%23',
        '%3f',
        '\\',
        '%5c',
        '%c0%af',
        '%e9',
        ';',
      ],
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const target = `/${pieces.join('')}`
        const file = translatePath(target, '/root').split('/').filter(Boolean)
        const inCgi = file[1] === 'cgi-bin'
        expect(parsePath(target)?.segments[0] === 'cgi-bin').toBe(inCgi)
      }),
      { numRuns: 1000 },
    )
  })
})
