import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { fsDecode, fsEncode, quote, unquote } from '../../../lib/http/quote.ts'

describe('unquote()', () => {
  // Expected values from CPython 3.13's urllib.parse.unquote; undefined stands for UnicodeDecodeError.
  it.each([
    ['/plain', '/plain', '/plain'],
    ['/a%20b%2Fc%2fd', '/a b/c/d', '/a b/c/d'],
    ['%C3%A9%c3%a9', 'éé', 'éé'],
    ['é%C3%A9\u20ac', 'éé€', 'éé€'],
    ['%', '%', '%'],
    ['%2', '%2', '%2'],
    ['%zz%41%4', '%zzA%4', '%zzA%4'],
    ['%%41', '%A', '%A'],
    ['%2541', '%41', '%41'],
    ['%00', '\0', '\0'],
    ['%EF%BB%BFa', '\ufeffa', '\ufeffa'],
    ['%F0%9F%98%80%zz', '😀%zz', '😀%zz'],
    ['%ED%B2%80', '\udc80', '\ufffd\ufffd\ufffd'],
    ['a%ED%B2%80%ED%B3%BFb', 'a\udc80\udcffb', `a${'\ufffd'.repeat(6)}b`],
    ['%ED%A0%80', '\ud800', '\ufffd\ufffd\ufffd'],
    ['%ED%A0%80a%ED%B2%80', '\ud800a\udc80', '\ufffd\ufffd\ufffda\ufffd\ufffd\ufffd'],
    ['%80', undefined, '\ufffd'],
    ['%FF%FE', undefined, '\ufffd\ufffd'],
    ['%C3', undefined, '\ufffd'],
    ['%C3é%A9', undefined, '\ufffdé\ufffd'],
    ['%C0%AF', undefined, '\ufffd\ufffd'],
    ['%E0%80%80', undefined, '\ufffd\ufffd\ufffd'],
    ['%E2%82', undefined, '\ufffd'],
    ['%F4%90%80%80', undefined, '\ufffd\ufffd\ufffd\ufffd'],
    ['%F5', undefined, '\ufffd'],
    ['%ED%B2', undefined, '\ufffd\ufffd'],
    ['%ED%B2%80%FF', undefined, '\ufffd\ufffd\ufffd\ufffd'],
  ])('%j', (text, strict, replaced) => {
    expect(unquote(text, 'surrogatepass')).toBe(strict)
    expect(unquote(text, 'replace')).toBe(replaced)
  })

  it('does not let two encoded surrogates become a character', () => {
    expect(unquote('%ED%A0%80%ED%B0%80', 'surrogatepass')).toBeUndefined()
  })
})

describe('quote()', () => {
  // Expected values from CPython 3.13's urllib.parse.quote.
  it.each([
    ['', ''],
    ['/a-b_c.d~e/0', '/a-b_c.d~e/0'],
    [
      ' "#%&+,:;<=>?@[\\]^`{|}',
      '%20%22%23%25%26%2B%2C%3A%3B%3C%3D%3E%3F%40%5B%5C%5D%5E%60%7B%7C%7D',
    ],
    ["!'()*", '%21%27%28%29%2A'],
    ['é€😀', '%C3%A9%E2%82%AC%F0%9F%98%80'],
    ['\0\n\x7f', '%00%0A%7F'],
    ['a\udc80/\udcff b', 'a%ED%B2%80/%ED%B3%BF%20b'],
    ['\ud800', '%ED%A0%80'],
  ])('%j', (text, expected) => {
    expect(quote(text)).toBe(expected)
  })

  it('is undone by unquote()', () => {
    fc.assert(
      fc.property(paths, (path) => {
        const quoted = quote(path)
        expect(quoted).toMatch(/^(?:[\w./~-]|%[\dA-F]{2})*$/)
        expect(unquote(quoted, 'surrogatepass')).toBe(path)
      }),
    )
  })
})

describe('fsEncode()', () => {
  it('leaves a well-formed path a string', () => {
    expect(fsEncode('/tmp/é😀')).toBe('/tmp/é😀')
  })

  it('makes bytes of U+DC80–DCFF', () => {
    expect(fsEncode('/é\udc80\udcffx')).toEqual(Buffer.from('2fc3a980ff78', 'hex'))
  })

  it.each(['a\0', '\udc80\0', '\ud800', '\udc7f', '\udd00', '\udc80\udfff'])(
    'cannot encode %j',
    (path) => {
      expect(fsEncode(path)).toBeUndefined()
    },
  )
})

describe('fsDecode()', () => {
  // Expected values from CPython 3.13's os.fsdecode.
  it.each([
    ['61c3a9', 'aé'],
    ['', ''],
    ['80', '\udc80'],
    ['61ff62', 'a\udcffb'],
    ['c3', '\udcc3'],
    ['c3c3a9', '\udcc3é'],
    ['eda080', '\udced\udca0\udc80'],
    ['e28261', '\udce2\udc82a'],
    ['f09f98', '\udcf0\udc9f\udc98'],
    ['f0808080', '\udcf0\udc80\udc80\udc80'],
    ['fff09f9880', '\udcff😀'],
    ['efbbbfff', '\ufeff\udcff'],
  ])('%s', (hex, expected) => {
    expect(fsDecode(Buffer.from(hex, 'hex'))).toBe(expected)
  })

  it('is undone by fsEncode(), byte for byte', () => {
    const bytes = fc.uint8Array({ min: 1, maxLength: 40 }).map((array) => Buffer.from(array))
    fc.assert(
      fc.property(bytes, (name) => {
        expect(Buffer.from(fsEncode(fsDecode(name)) ?? 'none')).toEqual(name)
      }),
      { numRuns: 1000 },
    )
  })

  it('survives the way through a link', () => {
    fc.assert(
      fc.property(fc.uint8Array({ min: 1, maxLength: 40 }), (array) => {
        const name = fsDecode(Buffer.from(array))
        expect(unquote(quote(name), 'surrogatepass')).toBe(name)
      }),
      { numRuns: 1000 },
    )
  })
})

/** Paths of whole characters and of bytes that are not UTF-8. */
const paths = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('/', '%', '\udc80', '\udcff', '\ufeff', ' '),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))
