import { describe, expect, it } from '@jest/globals'
import { parameterOf } from '../../../lib/http/parameter.ts'

describe('parameterOf() (RFC 9110 section 5.6.6)', () => {
  // Expected values from CPython 3.13's email.message, in lower case there.
  it.each([
    ['text/html', undefined],
    ['charset=x', undefined],
    ['text/html; charset=utf-8', 'utf-8'],
    ['text/html;charset="a b"', 'a b'],
    ['text/html;charset="a\\"b\\\\c\\d"', 'a"b\\c\\d'],
    ['text/html; charset=', ''],
    ['text/html; charset=a; charset=b', 'a'],
    ["text/html; charset='x'", "'x'"],
    ['text/html ;charset="x', '"x'],
    ['text/html; x="\\";charset=bad"; charset=ok', 'ok'],
    ['text/html; xcharset=a; charset=ok', 'ok'],
    ["text/html; charset*=us-ascii'en'UTF%2D8", 'UTF-8'],
    ["text/html; charset*=us-ascii'en'%zz", '%zz'],
    ['text/html; charset*=plain', 'plain'],
    [';;;charset=x', 'x'],
  ])('%j', (field, expected) => {
    expect(parameterOf(field, 'charset')).toBe(expected)
  })
})
