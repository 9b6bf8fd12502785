import { describe, expect, it } from '@jest/globals'
import { parseForwarded } from '../../../lib/http/forwarded.ts'
import { processorTime } from '../../helpers/cpu.ts'

describe('parseForwarded()', () => {
  it.each([
    ['for=192.0.2.1', [{ for: '192.0.2.1' }]],
    ['For="[2001:db8::1]:4711"', [{ for: '[2001:db8::1]:4711' }]],
    [
      'for=192.0.2.60;proto=http;by=203.0.113.43',
      [{ for: '192.0.2.60', proto: 'http', by: '203.0.113.43' }],
    ],
    ['for=192.0.2.43, for="[2001:db8::1]"', [{ for: '192.0.2.43' }, { for: '[2001:db8::1]' }]],
    ['for=a ; host="a\\"b" ,proto=https', [{ for: 'a', host: 'a"b' }, { proto: 'https' }]],
    ['for="a,b;c"', [{ for: 'a,b;c' }]],
    ['secret=1;for=_x', [{ for: '_x' }]],
    ['', []],
    [', ,for=a,', [{ for: 'a' }]],
  ])('reads %s', (value, elements) => {
    expect(parseForwarded(value)).toEqual(elements)
  })

  it.each(['for', 'for=', 'for=a b', 'for="a', 'for=[::1]', 'for=a;for=b', '=a', 'for==a', 'a"b"'])(
    'refuses %s',
    (value) => {
      expect(parseForwarded(value)).toBeUndefined()
    },
  )

  it('has no trouble with names of Object.prototype', () => {
    expect(parseForwarded('constructor=1;__proto__=2;for=a')).toEqual([{ for: 'a' }])
  })
  it.each(['for=a;', ',', 'for="', 'for=a'])('takes no long over blanks after %s', (start) => {
    const time = processorTime(() => {
      expect(parseForwarded(`${start}${' '.repeat(60_000)}@`)).toBeUndefined()
    })
    expect(time).toBeLessThan(500)
  })
})
