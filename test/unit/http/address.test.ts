import { describe, expect, it } from '@jest/globals'
import { bracketed, isIpAddress, parseNode, unmapped } from '../../../lib/http/address.ts'
import { processorTime } from '../../helpers/cpu.ts'

describe('parseNode()', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1', 0],
    ['192.0.2.1:80', '192.0.2.1', 80],
    ['2001:DB8::1', '2001:db8::1', 0],
    ['::1', '::1', 0],
    ['[2001:db8::1]', '2001:db8::1', 0],
    ['[2001:db8::1]:65535', '2001:db8::1', 65_535],
    ['::ffff:192.0.2.1', '192.0.2.1', 0],
    ['[::ffff:192.0.2.1]:1', '192.0.2.1', 1],
  ])('reads %s', (text, address, port) => {
    expect(parseNode(text)).toEqual({ address, port })
  })

  it.each([
    '',
    'unknown',
    '_hidden',
    'example.test',
    '1',
    '0x7f.1',
    '192.0.2.256',
    '192.0.2.1:',
    '192.0.2.1:65536',
    '[192.0.2.1]',
    '[::1',
    '::1]',
    '[::1%eth0]',
    ':::',
    '1.2.3.4\n',
    '<b>',
  ])('refuses %p', (text) => {
    expect(parseNode(text)).toBeUndefined()
  })
})

describe('isIpAddress()', () => {
  it('is strict', () => {
    expect(['1.2.3.4', '::', '1::2', '::1.2.3.4'].map(isIpAddress)).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect(['01.2.3.4', '1.2.3', '[::]', 'a:b'].map(isIpAddress)).toEqual([
      false,
      false,
      false,
      false,
    ])
  })
})

describe('unmapped()', () => {
  it.each([
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '::ffff:c000:201'],
    ['::1', '::1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['', ''],
  ])('%j: %j', (address, expected) => {
    expect(unmapped(address)).toBe(expected)
  })
})

describe('bracketed()', () => {
  it('is for IPv6', () => {
    expect(bracketed('::1')).toBe('[::1]')
    expect(bracketed('192.0.2.1')).toBe('192.0.2.1')
    expect(bracketed('a.test')).toBe('a.test')
  })
})

it('reads a long text in no time, whatever it is made of', () => {
  const time = processorTime(() => {
    for (const pump of [':', '::', '1:', '.', '1.', 'f']) {
      expect(parseNode(pump.repeat(200_000))).toBeUndefined()
      expect(isIpAddress(`${pump.repeat(200_000)}x`)).toBe(false)
    }
  })
  expect(time).toBeLessThan(1000)
})
