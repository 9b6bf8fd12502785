import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { repr } from '../../../lib/http/repr.ts'

describe('repr()', () => {
  // Expected values from CPython 3.13.
  it.each([
    ['', "''"],
    ['GET / foo HTTP/1.1', "'GET / foo HTTP/1.1'"],
    ["it's", '"it\'s"'],
    ['a"b', "'a\"b'"],
    ['a\'b"c', "'a\\'b\"c'"],
    ['\\', "'\\\\'"],
    ["\\'", '"\\\\\'"'],
    ['\t\n\r\v\f\0', "'\\t\\n\\r\\x0b\\x0c\\x00'"],
    ['\x7f\x80\x9f\xa0\xa1\xad\xff', "'\\x7f\\x80\\x9f\\xa0¡\\xadÿ'"],
    ['\u0378\u2028\u3000\ufeff', "'\\u0378\\u2028\\u3000\\ufeff'"],
    ['\ud800 \udc80', "'\\ud800 \\udc80'"],
    ['😀\u{e0001}', "'😀\\U000e0001'"],
    ['€ é', "'€ é'"],
  ])('writes %j', (text, expected) => {
    expect(repr(text)).toBe(expected)
  })

  it('is exact for all of latin-1', () => {
    let all = ''
    for (let code = 0; code < 0x100; code++) all += repr(String.fromCharCode(code))
    // sha256 of ''.join(repr(chr(c)) for c in range(256)) in CPython 3.13.
    expect(createHash('sha256').update(all).digest('hex')).toBe(
      'ea1e18cf5b9d46cd14e77ca29056870e95f5369b2eedb6330736099d6a3a8507',
    )
  })
})
