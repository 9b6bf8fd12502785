import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  formatHttpDate,
  formatLogDate,
  parseEmailDate,
  parseHttpDate,
} from '../../../lib/http/date.ts'

const example = Date.UTC(1994, 10, 6, 8, 49, 37)

describe('formatHttpDate() (RFC 9110 section 5.6.7)', () => {
  it.each([
    [example, 'Sun, 06 Nov 1994 08:49:37 GMT'],
    [example + 999.9, 'Sun, 06 Nov 1994 08:49:37 GMT'],
    [0, 'Thu, 01 Jan 1970 00:00:00 GMT'],
    [-1, 'Wed, 31 Dec 1969 23:59:59 GMT'],
    [Date.UTC(2024, 1, 29), 'Thu, 29 Feb 2024 00:00:00 GMT'],
    [Date.UTC(9999, 11, 31, 23, 59, 59), 'Fri, 31 Dec 9999 23:59:59 GMT'],
  ])('%d', (ms, expected) => {
    expect(formatHttpDate(ms)).toBe(expected)
  })

  it('clamps what four digits cannot hold', () => {
    expect(formatHttpDate(1e18)).toBe('Fri, 31 Dec 9999 23:59:59 GMT')
    expect(formatHttpDate(Infinity)).toBe('Fri, 31 Dec 9999 23:59:59 GMT')
    expect(formatHttpDate(-1e18)).toBe('Sat, 01 Jan 0000 00:00:00 GMT')
  })

  it('refuses what is not a number', () => {
    expect(() => formatHttpDate(NaN)).toThrow(RangeError)
  })

  it('remembers no date for another second', () => {
    // 64 seconds apart: the same place in the cache.
    expect(formatHttpDate(example)).toBe('Sun, 06 Nov 1994 08:49:37 GMT')
    expect(formatHttpDate(example + 64_000)).toBe('Sun, 06 Nov 1994 08:50:41 GMT')
    expect(formatHttpDate(example)).toBe('Sun, 06 Nov 1994 08:49:37 GMT')
  })

  it('is read back by parseHttpDate() and parseEmailDate()', () => {
    // From the year 100 on: mail takes a smaller one for two digits of another.
    const seconds = fc.integer({ min: -59_011_459_200, max: 253_402_300_799 })
    fc.assert(
      fc.property(seconds, (second) => {
        const text = formatHttpDate(second * 1000)
        expect(parseHttpDate(text)).toBe(second * 1000)
        expect(parseEmailDate(text)).toEqual({ time: second * 1000, utc: true })
      }),
    )
  })
})

describe('formatLogDate()', () => {
  it('is local time as http.server writes it', () => {
    expect(formatLogDate(new Date(1994, 10, 6, 8, 9, 7).getTime())).toBe('06/Nov/1994 08:09:07')
    expect(formatLogDate(new Date(2026, 0, 31, 23, 59, 59, 999).getTime())).toBe(
      '31/Jan/2026 23:59:59',
    )
  })
})

describe('parseHttpDate() (RFC 9110 section 5.6.7)', () => {
  it.each([
    ['IMF-fixdate', 'Sun, 06 Nov 1994 08:49:37 GMT'],
    ['RFC 850', 'Sunday, 06-Nov-94 08:49:37 GMT'],
    ['asctime', 'Sun Nov  6 08:49:37 1994'],
    ['asctime with two digits', 'Sun Nov 06 08:49:37 1994'],
    ['the wrong name of the day', 'Mon, 06 Nov 1994 08:49:37 GMT'],
  ])('reads %s', (_, text) => {
    expect(parseHttpDate(text)).toBe(example)
  })

  it('counts a leap second as the next second', () => {
    expect(parseHttpDate('Sat, 31 Dec 2016 23:59:60 GMT')).toBe(Date.UTC(2017, 0, 1))
  })

  it('reads 29 February in leap years only', () => {
    expect(parseHttpDate('Thu, 29 Feb 2024 00:00:00 GMT')).toBe(Date.UTC(2024, 1, 29))
    expect(parseHttpDate('Wed, 29 Feb 2023 00:00:00 GMT')).toBeUndefined()
  })

  it.each([
    '',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 gmt',
    'sun, 06 Nov 1994 08:49:37 GMT',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 94 08:49:37 GMT',
    ' Sun, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT ',
    'Sun, 06 Nov 1994 08:49:37 GMT; length=3',
    'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:00 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 31 Nov 1994 08:49:37 GMT',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sunday, 06-Nov-1994 08:49:37 GMT',
    'Sun, 06-Nov-94 08:49:37 GMT',
    'Sun Nov 6 08:49:37 1994',
    'Sun Nov  6 08:49:37 1994 GMT',
    '1994-11-06T08:49:37Z',
    '784111777',
    '0',
  ])('does not read %j', (text) => {
    expect(parseHttpDate(text)).toBeUndefined()
  })

  describe('takes two-digit years to be at most 50 years ahead', () => {
    const at = (text: string, year: number): number | undefined =>
      parseHttpDate(text, Date.UTC(year, 6, 1))

    it.each([
      [2026, '76', 2076],
      [2026, '77', 1977],
      [2026, '26', 2026],
      [2026, '00', 2000],
      [2026, '99', 1999],
      [1999, '49', 2049],
      [1999, '50', 1950],
      [2060, '09', 2109],
      [2060, '11', 2011],
      [2099, '00', 2100],
    ])('in %i, %s is %i', (now, digits, year) => {
      expect(at(`Monday, 01-Jan-${digits} 00:00:00 GMT`, now)).toBe(Date.UTC(year, 0, 1))
    })

    it('to the second', () => {
      expect(at('Monday, 01-Jul-76 00:00:00 GMT', 2026)).toBe(Date.UTC(2076, 6, 1))
      expect(at('Monday, 01-Jul-76 00:00:01 GMT', 2026)).toBe(Date.UTC(1976, 6, 1, 0, 0, 1))
    })

    it('and judges the day afterwards', () => {
      expect(at('Monday, 29-Feb-00 00:00:00 GMT', 2026)).toBe(Date.UTC(2000, 1, 29))
      expect(at('Monday, 29-Feb-25 00:00:00 GMT', 2026)).toBeUndefined()
      expect(at('Monday, 29-Feb-96 00:00:00 GMT', 2026)).toBe(Date.UTC(1996, 1, 29))
    })
  })
})

describe('parseEmailDate()', () => {
  const utc = (time: number): unknown => ({ time, utc: true })

  // Expected values from CPython 3.13's parsedate_to_datetime.
  it.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', utc(784111777000)],
    ['Sunday, 06-Nov-94 08:49:37 GMT', utc(784111777000)],
    ['Sun Nov  6 08:49:37 1994', utc(784111777000)],
    ['sun, 6 november 94 08:49:37 -0000', utc(784111777000)],
    ['Sun,06 Nov 1994 08:49:37', utc(784111777000)],
    ['06 Nov 1994 08:49', utc(784111740000)],
    ['06 Nov 1994 8.49.37 XYZ', utc(784111777000)],
    ['06 Nov 1994 8.49', utc(784111740000)],
    ['Nov 06, 1994 08:49:37 Z', utc(784111777000)],
    ['06 Nov 08:49:37 1994 UTC', utc(784111777000)],
    ['06 Nov GMT 08:49:37 1994', utc(784111777000)],
    ['06 Nov 1994, 08:49:37, GMT', utc(784111777000)],
    ['06 Nov 68 08:49:37', utc(3119417377000)],
    ['06 Nov 69 08:49:37', utc(-4806623000)],
    ['06 Nov 0 08:49:37', utc(973500577000)],
    ['1_0 Nov 1994 08:49:37', utc(784457377000)],
    ['06\xa0Nov\x851994\x1c08:49:37', utc(784111777000)],
    ['06 Nov 1994 08:49:37+0100', { time: 784108177000, utc: false }],
    ['06 Nov 1994 08:49:37 -0530', { time: 784131577000, utc: false }],
    ['06 Nov 1994 08:49:37 EST', { time: 784129777000, utc: false }],
    ['06 Nov 1994 08:49:37 +1', { time: 784111717000, utc: false }],
    ['01 Jan 0001 00:00:00 GMT', utc(978307200000)],
    ['01 Jan 9999 23:59:59 GMT', utc(253370851199000)],
    ['Thu, 01 Jan 1970 00:00:00 GMT extra words', utc(0)],
  ])('reads %j', (text, expected) => {
    expect(parseEmailDate(text)).toEqual(expected)
  })

  it.each([
    '',
    '   ',
    'foo',
    'Sun,',
    'a-b-c d e',
    '1 2 3 4 5',
    '06 Foo 1994 08:49:37',
    '31 Nov 1994 08:49:37 GMT',
    '06 Nov 10000 08:49:37 GMT',
    '06 Nov 1994 24:00:00 GMT',
    '06 Nov 1994 08:49:60 GMT',
    '06 Nov 1994 8 GMT',
    '06 Nov 1994 8.1.2.3 GMT',
    '06 Nov 1994 1:2:3:4 GMT',
    '06 Nov 1994 -1:0:0 GMT',
    '06 Nov 1994 08:49:37 -2400',
    `06 Nov 1994 08:49:37 ${'9'.repeat(400)}`,
    '06 Nov , 08:49:37 GMT',
    '06 Nov \xb2 08:49:37 GMT',
    'x 06 Nov 1994 08:49:37 GMT',
  ])('does not read %j', (text) => {
    expect(parseEmailDate(text)).toBeUndefined()
  })

  it('never throws', () => {
    const word = fc.constantFrom('Sun,', '06', 'Nov', '1994', '08:49', ',', '-', ':', '+', '', '.')
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (words) => {
        const date = parseEmailDate(words.join(' '))
        expect(date === undefined || Number.isFinite(date.time)).toBe(true)
      }),
    )
  })
})
