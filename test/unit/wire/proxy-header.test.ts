import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { MAX_PROXY_HEADER, parseProxyHeader } from '../../../lib/wire/proxy-header.ts'

const v1 = (line: string): ReturnType<typeof parseProxyHeader> =>
  parseProxyHeader(Buffer.from(`${line}\r\nGET / HTTP/1.1\r\n`, 'latin1'))

describe('version 1', () => {
  it('has both addresses', () => {
    expect(v1('PROXY TCP4 192.0.2.1 198.51.100.2 56324 443')).toEqual({
      length: 45,
      source: { address: '192.0.2.1', port: 56_324 },
      destination: { address: '198.51.100.2', port: 443 },
      tls: undefined,
    })
    expect(v1('PROXY TCP6 2001:db8::1 ::1 1 2')).toMatchObject({
      source: { address: '2001:db8::1', port: 1 },
      destination: { address: '::1', port: 2 },
    })
  })

  it.each(['PROXY UNKNOWN', 'PROXY UNKNOWN ffff::1 ffff::2 1 2'])('knows nobody by %s', (line) => {
    expect(v1(line)).toEqual({
      length: line.length + 2,
      source: undefined,
      destination: undefined,
      tls: undefined,
    })
  })

  it.each([
    'PROXY TCP4 192.0.2.1 198.51.100.2 56324',
    'PROXY TCP4 192.0.2.1 198.51.100.2 56324 443 1',
    'PROXY TCP4 192.0.2.1 198.51.100.2 056 443',
    'PROXY TCP4 192.0.2.1 198.51.100.2 65536 443',
    'PROXY TCP4 192.0.2.256 198.51.100.2 1 443',
    'PROXY TCP4 2001:db8::1 ::1 1 2',
    'PROXY TCP6 192.0.2.1 198.51.100.2 1 2',
    'PROXY TCP6 [::1] ::1 1 2',
    'PROXY  TCP4 192.0.2.1 198.51.100.2 1 2',
    'PROXY UDP4 192.0.2.1 198.51.100.2 1 2',
    'PROXY UNKNOWNS',
    'PROXYTCP4',
    'GET / HTTP/1.1',
    `PROXY TCP6 ${'0'.repeat(100)} ::1 1 2`,
  ])('refuses %s', (line) => {
    expect(v1(line)).toBe('invalid')
  })

  it('ends with CR LF within 107 bytes', () => {
    expect(parseProxyHeader(Buffer.from('PROXY UNKNOWN\n'))).toBe('incomplete')
    expect(parseProxyHeader(Buffer.from(`PROXY UNKNOWN ${'x'.repeat(100)}`))).toBe('invalid')
  })
})

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')

function v2(command: number, family: number, content: Buffer): Buffer {
  const head = Buffer.from([command, family, content.length >> 8, content.length & 0xff])
  return Buffer.concat([signature, head, content])
}

const ipv4 = Buffer.from([192, 0, 2, 1, 198, 51, 100, 2, 0x10, 0x01, 0x01, 0xbb])
const tlsValue = Buffer.from([0x20, 0, 5, 1, 0, 0, 0, 0])

describe('version 2', () => {
  it('has both addresses', () => {
    expect(parseProxyHeader(v2(0x21, 0x11, ipv4))).toEqual({
      length: 28,
      source: { address: '192.0.2.1', port: 4097 },
      destination: { address: '198.51.100.2', port: 443 },
      tls: undefined,
    })
    const ipv6 = Buffer.from(
      '20010db80000000000000000000000010000000000000000000000000000000100010002',
      'hex',
    )
    expect(parseProxyHeader(v2(0x21, 0x21, ipv6))).toMatchObject({
      length: 52,
      source: { address: '2001:db8::1', port: 1 },
      destination: { address: '::1', port: 2 },
    })
    const mapped = Buffer.from(
      '00000000000000000000ffffc000020100000000000000000000ffffc000020200010002',
      'hex',
    )
    expect(parseProxyHeader(v2(0x21, 0x21, mapped))).toMatchObject({
      source: { address: '192.0.2.1' },
    })
  })

  it('tells TLS', () => {
    const other = Buffer.from([0x02, 0, 1, 0x61])
    const tls = (...values: Buffer[]): unknown => {
      const header = parseProxyHeader(v2(0x21, 0x11, Buffer.concat([ipv4, ...values])))
      return typeof header === 'string' ? header : header.tls
    }
    expect(tls(other, tlsValue)).toBe(true)
    expect(tls(Buffer.from([0x20, 0, 5, 0, 0, 0, 0, 0]))).toBe(false)
    expect(tls(other)).toBeUndefined()
    expect(tls(Buffer.from([0x20, 0, 9, 1]))).toBe('invalid')
    expect(tls(Buffer.from([0x20, 0]))).toBe('invalid')
  })

  it.each([
    ['LOCAL', v2(0x20, 0x11, ipv4)],
    ['LOCAL without addresses', v2(0x20, 0, Buffer.alloc(0))],
    ['no family', v2(0x21, 0, Buffer.alloc(3))],
    ['a Unix socket', v2(0x21, 0x31, Buffer.alloc(216))],
  ])('knows nobody by %s', (_, bytes) => {
    expect(parseProxyHeader(bytes)).toMatchObject({ length: bytes.length, source: undefined })
  })

  it.each([
    ['another version', v2(0x11, 0x11, ipv4)],
    ['an unknown command', v2(0x22, 0x11, ipv4)],
    ['too little for its addresses', v2(0x21, 0x21, ipv4)],
    ['too much', v2(0x21, 0x11, Buffer.alloc(MAX_PROXY_HEADER))],
  ])('refuses %s', (_, bytes) => {
    expect(parseProxyHeader(bytes)).toBe('invalid')
  })
})

describe('parseProxyHeader()', () => {
  it.each([
    Buffer.from('PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n'),
    v2(0x21, 0x11, Buffer.concat([ipv4, tlsValue])),
  ])('waits for all of it', (bytes) => {
    for (let length = 0; length < bytes.length; length++) {
      expect(parseProxyHeader(bytes.subarray(0, length))).toBe('incomplete')
    }
    expect(parseProxyHeader(bytes)).toMatchObject({ length: bytes.length })
  })

  it('knows at once what is none', () => {
    expect(parseProxyHeader(Buffer.from('G'))).toBe('invalid')
    expect(parseProxyHeader(Buffer.from([0x16, 3, 1]))).toBe('invalid')
    expect(parseProxyHeader(Buffer.from('PROXX'))).toBe('invalid')
  })

  it('never throws', () => {
    const tail = fc.uint8Array({ maxLength: 80 })
    fc.assert(
      fc.property(fc.constantFrom('PROXY TCP4 ', ''), tail, (start, rest) => {
        const bytes = Buffer.concat([start === '' ? signature : Buffer.from(start), rest])
        const header = parseProxyHeader(bytes)
        expect(typeof header === 'string' || header.length <= bytes.length).toBe(true)
      }),
    )
  })
})
