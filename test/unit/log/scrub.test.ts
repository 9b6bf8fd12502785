import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { scrub } from '../../../lib/log/scrub.ts'

describe('scrub()', () => {
  it.each([
    ['GET / HTTP/1.1', 'GET / HTTP/1.1'],
    ['é €', 'é €'],
    ['\r\n\t\0', '\\x0d\\x0a\\x09\\x00'],
    ['\x1b[31m\x7f\x80\x9f\xa0', '\\x1b[31m\\x7f\\x80\\x9f\xa0'],
    ['\\x0a', '\\\\x0a'],
  ])('%j', (text, expected) => {
    expect(scrub(text)).toBe(expected)
  })

  it('is exact for all of latin-1', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, code) => code)).toString('latin1')
    // sha256 of the same text translated by CPython 3.13's table.
    expect(createHash('sha256').update(scrub(all)).digest('hex')).toBe(
      '3cb4bfbb0762809447cde06c6cfec0bd6bd4d109ecc3de219372de3664e0be22',
    )
  })

  it('leaves no control character, and can be undone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const scrubbed = scrub(text)
        expect(scrubbed).not.toMatch(/\p{Cc}/u)
        const undone = scrubbed.replace(/\\(?:\\|x(..))/g, (_, hex?: string) =>
          hex === undefined ? '\\' : String.fromCharCode(parseInt(hex, 16)),
        )
        expect(undone).toBe(text)
      }),
    )
  })
})
