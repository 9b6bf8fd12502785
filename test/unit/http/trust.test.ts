import { describe, expect, it } from '@jest/globals'
import { compileTrust, readForwarded } from '../../../lib/http/trust.ts'
import type { ForwardedRequest, TrustProxy } from '../../../types/proxy.ts'

type Fields = Readonly<Record<string, string>>

function read(
  fields: Fields,
  trust: TrustProxy = 'loopback',
  address = '127.0.0.1',
): ForwardedRequest | undefined {
  const trusts = compileTrust(trust)
  return trusts === undefined
    ? undefined
    : readForwarded({ address, port: 9 }, (name) => fields[name], trusts)
}

const peer = { address: '127.0.0.1', port: 9 }
const nothing = { scheme: undefined, host: undefined, serverPort: undefined }

describe('compileTrust()', () => {
  it('knows addresses, networks and names', () => {
    const trusts = compileTrust(['loopback', '10.0.0.0/8', '2001:db8::/32'])
    const addresses = [
      '127.0.0.9',
      '::1',
      '',
      '10.1.2.3',
      '2001:db8:1::',
      '192.0.2.1',
      '::ffff:10.0.0.1',
    ]
    expect(addresses.map((address) => trusts?.(address))).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      true,
    ])
    expect(compileTrust('10.0.0.1, uniquelocal')?.('192.168.0.1')).toBe(true)
    expect(compileTrust('10.0.0.1')?.('')).toBe(false)
    expect(compileTrust(true)?.('192.0.2.1')).toBe(true)
  })

  it.each([false, '', []])('trusts nobody by %p', (option) => {
    expect(compileTrust(option)).toBeUndefined()
  })

  it.each([null, 1, {}, [1], 'example.test', '10.0.0.0/33', '10.0.0.0/0'])(
    'refuses %p',
    (option) => {
      // What only JavaScript can pass.
      expect(() => compileTrust(option as unknown as TrustProxy)).toThrow(/option trustProxy/)
    },
  )
})

describe('readForwarded()', () => {
  it('believes no peer that is not trusted', () => {
    expect(read({ 'x-forwarded-for': '192.0.2.1' }, 'loopback', '192.0.2.9')).toBeUndefined()
    expect(read({ 'x-forwarded-for': '192.0.2.1' }, false)).toBeUndefined()
  })

  it('is the peer if there is nothing to read', () => {
    expect(read({})).toEqual({ ...peer, ...nothing })
  })

  it('takes what the nearest proxy says, not what a client has put before it', () => {
    const fields = { 'x-forwarded-for': '127.0.0.1, 10.9.9.9, 192.0.2.1' }
    expect(read(fields)).toMatchObject({ address: '192.0.2.1', port: 0 })
    expect(read(fields, ['loopback', '192.0.2.1'])).toMatchObject({ address: '10.9.9.9' })
    expect(read(fields, true)).toMatchObject({ address: '127.0.0.1', port: 0 })
  })

  it('stops at what is no address', () => {
    expect(read({ 'x-forwarded-for': '192.0.2.1, unknown' }, true)).toMatchObject(peer)
    expect(read({ 'x-forwarded-for': '<b>, 192.0.2.1' }, true)).toMatchObject({
      address: '192.0.2.1',
    })
  })

  it('reads scheme, host and port', () => {
    const fields = {
      'x-forwarded-for': '192.0.2.1:4711',
      'x-forwarded-proto': 'HTTPS',
      'x-forwarded-host': 'example.test:8443',
      'x-forwarded-port': '8443',
    }
    expect(read(fields)).toEqual({
      address: '192.0.2.1',
      port: 4711,
      scheme: 'https',
      host: 'example.test:8443',
      serverPort: 8443,
    })
    expect(read({ 'x-forwarded-proto': 'https' })).toMatchObject({ ...peer, scheme: 'https' })
  })

  it.each(['a b', 'user@host', 'a/b', '', 'a,b'])('takes no host from %p', (host) => {
    const read1 = read({ 'x-forwarded-for': '192.0.2.1', 'x-forwarded-host': host })
    expect(read1?.host === undefined || read1.host === 'b').toBe(true)
  })

  it('takes each hop’s own scheme, or the nearest proxy’s', () => {
    const chain = { 'x-forwarded-for': '192.0.2.1, 10.0.0.1' }
    const trust = ['loopback', '10.0.0.0/8']
    expect(read({ ...chain, 'x-forwarded-proto': 'https, http' }, trust)?.scheme).toBe('https')
    expect(read({ ...chain, 'x-forwarded-proto': 'https, http, http' }, trust)?.scheme).toBe('http')
    expect(read({ ...chain, 'x-forwarded-proto': 'https' }, trust)?.scheme).toBe('https')
  })

  it('reads Forwarded where there is no X-Forwarded-*', () => {
    const forwarded = 'for=203.0.113.7, for="[2001:db8::1]:99";proto=https;host="example.test:444"'
    expect(read({ forwarded })).toEqual({
      address: '2001:db8::1',
      port: 99,
      scheme: 'https',
      host: 'example.test:444',
      serverPort: undefined,
    })
    // A client behind a proxy that knows X-Forwarded-For alone can send this.
    expect(read({ forwarded: 'for=127.0.0.1', 'x-forwarded-for': '192.0.2.1' })?.address).toBe(
      '192.0.2.1',
    )
    expect(read({ forwarded: 'for=192.0.2.1;' + 'for=' })).toMatchObject(peer)
  })
})
