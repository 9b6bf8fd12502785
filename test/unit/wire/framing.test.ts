import { describe, expect, it } from '@jest/globals'
import { decideFraming } from '../../../lib/wire/framing.ts'

const badLength = { code: 400, message: 'Bad Content-Length' }
const badFraming = { code: 400, message: 'Bad message framing' }

describe('decideFraming', () => {
  it('finds no content without length and coding (R40)', () => {
    expect(decideFraming([], [], true, Infinity)).toEqual({ kind: 'none' })
  })

  it.each([
    ['0', 0],
    ['5', 5],
    ['005', 5],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('reads the length %s (R30)', (value, length) => {
    expect(decideFraming([value], [], false, Infinity)).toEqual({ kind: 'length', length })
  })

  it.each([
    '',
    '+3',
    '-3',
    '0x3',
    '1_0',
    '3.0',
    '1e1',
    '3,3',
    '3, 3',
    '3;3',
    '1 0',
    'abc',
    '\xa03',
    '3\xa0',
    '\xb3',
    '3\0',
    'Infinity',
  ])('refuses the length %j (R30)', (value) => {
    expect(decideFraming([value], [], true, Infinity)).toEqual(badLength)
  })

  it.each(['9007199254740992', '9007199254740993', '18446744073709551621', '9'.repeat(400)])(
    'refuses the length %s, which is no safe integer (R31)',
    (value) => {
      expect(decideFraming([value], [], true, Infinity)).toEqual(badLength)
    },
  )

  it('reads a length beyond 32 bits without wrapping (R31)', () => {
    expect(decideFraming(['4294967301'], [], true, Infinity)).toMatchObject({ length: 4294967301 })
  })

  it('answers a length above the limit with 413 (R31)', () => {
    expect(decideFraming(['10'], [], true, 10)).toMatchObject({ length: 10 })
    expect(decideFraming(['11'], [], true, 10)).toEqual({ code: 413 })
  })

  it('refuses two lengths, also equal ones (R32)', () => {
    expect(decideFraming(['3', '3'], [], true, Infinity)).toEqual(badLength)
    expect(decideFraming(['3', '4'], [], true, Infinity)).toEqual(badLength)
  })

  it('refuses a coding beside a length (R33)', () => {
    expect(decideFraming(['3'], ['chunked'], true, Infinity)).toEqual(badFraming)
    expect(decideFraming(['3'], [''], true, Infinity)).toEqual(badFraming)
    expect(decideFraming(['3'], ['identity'], true, Infinity)).toEqual(badFraming)
  })

  it('refuses a coding before HTTP/1.1 (R35)', () => {
    expect(decideFraming([], ['chunked'], false, Infinity)).toEqual(badFraming)
  })

  it.each(['chunked', 'CHUNKED', 'Chunked'])('reads the coding %s (R34)', (value) => {
    expect(decideFraming([], [value], true, Infinity)).toEqual({ kind: 'chunked' })
  })

  it.each(['gzip', 'identity', 'xchunked', 'chunkedx', 'gzip, chunked', 'a,b , chunked'])(
    'answers the coding %j with 501 (R34)',
    (value) => {
      expect(decideFraming([], [value], true, Infinity)).toEqual({
        code: 501,
        message: `Unsupported transfer encoding ('${value}')`,
      })
    },
  )

  it.each([
    '',
    ',chunked',
    'chunked,',
    'chunked, chunked',
    'chunked, gzip',
    'gzip, identity',
    'chunked;a=b',
    'chunked; q=1',
    '"chunked"',
    'chun ked',
    '\x0bchunked',
    'chunKed'.replace('K', '\u212a'),
    'gzip, , chunked',
  ])('refuses the coding %j (R34)', (value) => {
    expect(decideFraming([], [value], true, Infinity)).toMatchObject({ code: 400 })
  })

  it('refuses two lines of codings (R34)', () => {
    expect(decideFraming([], ['chunked', 'chunked'], true, Infinity)).toEqual({
      code: 400,
      message: "Bad Transfer-Encoding ('chunked, chunked')",
    })
  })
})
