import { describe, expect, it } from '@jest/globals'
import { percentDecode, toOctets, toText } from '../../../lib/cgi/octets.ts'

describe('toOctets()', () => {
  it('writes text as UTF-8, one character an octet', () => {
    expect(toOctets('café')).toBe('caf\xc3\xa9')
    expect(toOctets('plain')).toBe('plain')
  })
})

describe('toText()', () => {
  it('reads octets that are UTF-8', () => {
    expect(toText('caf\xc3\xa9')).toBe('café')
  })

  it('knows octets that are not', () => {
    expect(toText('caf\xe9')).toBeUndefined()
  })
})

describe('percentDecode()', () => {
  it('decodes once, octet by octet', () => {
    expect(percentDecode('/%2541/%C3%A9%e9')).toBe('/%41/\xc3\xa9\xe9')
  })

  it('leaves what is no escape', () => {
    expect(percentDecode('100%/%zz/%4')).toBe('100%/%zz/%4')
  })

  it('takes characters that no request can hold for their UTF-8', () => {
    expect(percentDecode('/\u20ac')).toBe('/\xe2\x82\xac')
  })
})
