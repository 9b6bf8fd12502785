import { describe, expect, it } from '@jest/globals'
import { isHost } from '../../../lib/wire/host.ts'

describe('isHost (R25)', () => {
  it.each([
    '',
    'a',
    'example.com',
    'example.com.',
    'example.com:80',
    'a:',
    ':80',
    '127.0.0.1:8000',
    'a_b-c~d',
    "!$&'()*+;=",
    '%41%7e',
    '[::1]',
    '[::]:80',
    '[2001:db8::1]:8000',
    '[1:2:3:4:5:6:7:8]',
    '[::ffff:1.2.3.4]',
    '[1:2:3:4:5:6:1.2.3.4]',
    '[v1.a:b]',
  ])('accepts %j', (host) => {
    expect(isHost(host)).toBe(true)
  })

  it.each([
    'a b',
    'a,b',
    'u@a',
    'u:p@a',
    'a/b',
    'a?b',
    'a#b',
    'a\\b',
    'a"b',
    'a<b',
    '\xe9',
    'a\tb',
    'a:b',
    'a:80:80',
    'a:-1',
    'a: 80',
    '%4',
    '%zz',
    '[::1',
    '::1',
    '[]',
    '[:]',
    '[:::]',
    '[1::2::3]',
    '[1:2:3:4:5:6:7]',
    '[1:2:3:4:5:6:7:8:9]',
    '[1:2:3:4:5:6:7::8:9]',
    '[12345::]',
    '[g::]',
    '[::1.2.3]',
    '[::1.2.3.256]',
    '[::01.2.3.4]',
    '[::1.2.3.4:5]',
    '[::1%25eth0]',
    '[::1]x',
    '[::1]x:80',
    '[v.a]',
    '[vg.a]',
  ])('refuses %j', (host) => {
    expect(isHost(host)).toBe(false)
  })
})
