import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { decideRange } from '../../../lib/http/range.ts'
import type { RangeDecision } from '../../../lib/http/range.ts'

const full: RangeDecision = { kind: 'full' }
const unsatisfiable: RangeDecision = { kind: 'unsatisfiable' }
const single = (start: number, end: number): RangeDecision => ({ kind: 'single', start, end })
const multiple = (...ranges: [number, number][]): RangeDecision => ({
  kind: 'multiple',
  ranges: ranges.map(([start, end]) => ({ start, end })),
})

describe('decideRange(), one range of 10 bytes', () => {
  it.each<[string, string | undefined, RangeDecision]>([
    ['no field', undefined, full],
    // Section 14.1.2
    ['one byte', 'bytes=0-0', single(0, 0)],
    ['a part', 'bytes=2-5', single(2, 5)],
    ['all', 'bytes=0-9', single(0, 9)],
    ['to the end', 'bytes=3-', single(3, 9)],
    ['from the start to the end', 'bytes=0-', single(0, 9)],
    ['the last byte', 'bytes=9-', single(9, 9)],
    ['an end beyond the file', 'bytes=5-999', single(5, 9)],
    ['a suffix', 'bytes=-5', single(5, 9)],
    ['a suffix as long as the file', 'bytes=-10', single(0, 9)],
    ['a suffix longer than the file', 'bytes=-11', single(0, 9)],
    ['leading zeros', 'bytes=007-0008', single(7, 8)],
    ['an empty suffix', 'bytes=-0', unsatisfiable],
    ['a start at the end', 'bytes=10-', unsatisfiable],
    ['a start beyond the end', 'bytes=999-', unsatisfiable],
    ['a start and an end beyond the end', 'bytes=10-20', unsatisfiable],
    // Numbers beyond 2^53
    ['a huge end', 'bytes=0-18446744073709551615', single(0, 9)],
    ['a huge start', 'bytes=18446744073709551615-', unsatisfiable],
    ['a huge start and end', 'bytes=9007199254740993-9007199254740992', unsatisfiable],
    ['a huge suffix', 'bytes=-18446744073709551616', single(0, 9)],
    ['400 digits', `bytes=0-${'9'.repeat(400)}`, single(0, 9)],
    ['400 digits to start', `bytes=${'9'.repeat(400)}-`, unsatisfiable],
    // Section 14.1: names of units have no case.
    ['a unit in capitals', 'BYTES=0-1', single(0, 1)],
    // Section 14.2: an unknown unit MUST be ignored.
    ['an unknown unit', 'lines=0-1', full],
    ['an unknown unit that begins alike', 'bytesx=0-1', full],
    ['no unit', '0-1', full],
    ['no range', 'bytes', full],
    ['an empty field', '', full],
    // Section 14.2: an invalid specifier may be ignored or refused; both as send does.
    ['an end before the start', 'bytes=5-2', unsatisfiable],
    ['an empty set', 'bytes=', full],
    ['a dash', 'bytes=-', full],
    ['letters', 'bytes=abc', full],
    ['letters for numbers', 'bytes=a-b', full],
    ['a number', 'bytes=5', full],
    ['two dashes', 'bytes=--5', full],
    ['three numbers', 'bytes=1-2-3', full],
    ['a sign', 'bytes=+1-2', full],
    ['a hexadecimal number', 'bytes=0x1-2', full],
    ['a fraction', 'bytes=1.5-2', full],
    ['other digits', 'bytes=\u0661-\u0662', full],
    ['blanks within', 'bytes=0 - 1', full],
    ['a blank before the equals sign', 'bytes =0-1', full],
    ['a line end', 'bytes=0-1\n', full],
  ])('%s: %j', (_, header, expected) => {
    expect(decideRange(header, 10)).toEqual(expected)
  })
})

describe('decideRange(), an empty file', () => {
  it.each<[string, RangeDecision]>([
    ['bytes=0-', unsatisfiable],
    ['bytes=0-0', unsatisfiable],
    ['bytes=-0', unsatisfiable],
    // Section 14.1.2: satisfiable, but no Content-Range can say so.
    ['bytes=-1', full],
    ['bytes=0-,-1', full],
    ['bytes=5-2', unsatisfiable],
    ['bytes=x', full],
  ])('%j', (header, expected) => {
    expect(decideRange(header, 0)).toEqual(expected)
  })
})

describe('decideRange(), several ranges of 100 bytes', () => {
  it.each<[string, string, RangeDecision]>([
    ['two', 'bytes=0-1,5-6', multiple([0, 1], [5, 6])],
    ['first and last', 'bytes=0-0,-1', multiple([0, 0], [99, 99])],
    ['in their order', 'bytes=50-51,0-1,20-21', multiple([50, 51], [0, 1], [20, 21])],
    ['one of them satisfiable', 'bytes=100-200,0-1', single(0, 1)],
    ['none of them satisfiable', 'bytes=100-200,-0', unsatisfiable],
    // Section 5.6.1.2
    ['blanks around commas', 'bytes= 0-1 ,\t5-6 ', multiple([0, 1], [5, 6])],
    ['empty members', 'bytes=,,0-1,,5-6,', multiple([0, 1], [5, 6])],
    ['one and empty members', 'bytes=,0-1, ,', single(0, 1)],
    ['empty members only', 'bytes=, ,', full],
    // One malformed member makes the field malformed.
    ['a malformed one', 'bytes=0-1,x', full],
    ['a backward one', 'bytes=0-1,6-5', unsatisfiable],
    ['a backward and a malformed one', 'bytes=6-5,x', full],
    // Section 15.3.7.2
    ['adjacent ones', 'bytes=0-4,5-9', single(0, 9)],
    ['overlapping ones', 'bytes=0-5,4-9', single(0, 9)],
    ['one within the other', 'bytes=0-9,2-3', single(0, 9)],
    [
      'a joined pair in place of its first',
      'bytes=50-51,10-12,0-1,13-14',
      multiple([50, 51], [10, 14], [0, 1]),
    ],
    ['a pair joined backwards', 'bytes=20-29,0-1,10-19', multiple([10, 29], [0, 1])],
    ['a pair with a gap', 'bytes=0-4,6-9', multiple([0, 4], [6, 9])],
    // Section 17.15
    ['more bytes than the file has', 'bytes=0-99,0-0', full],
    ['as many bytes as the file has', 'bytes=0-49,50-99', single(0, 99)],
    ['two overlaps', 'bytes=0-1,1-2,2-3', single(0, 3)],
    ['three overlaps', 'bytes=0-1,1-2,2-3,3-4', full],
    ['the same four times', 'bytes=0-0,0-0,0-0,0-0', full],
  ])('%s: %j', (_, header, expected) => {
    expect(decideRange(header, 100)).toEqual(expected)
  })

  const many = (count: number): string =>
    `bytes=${Array.from({ length: count }, (_, i) => `${i * 2}-${i * 2}`).join(',')}`

  it('takes 16 and not 17', () => {
    expect(decideRange(many(16), 100).kind).toBe('multiple')
    expect(decideRange(many(17), 100)).toEqual(full)
  })

  it('takes other limits', () => {
    expect(decideRange(many(17), 100, { maxRanges: 17 }).kind).toBe('multiple')
    expect(decideRange(many(2), 100, { maxRanges: 1 })).toEqual(full)
    expect(decideRange(many(1), 100, { maxRanges: 1 })).toEqual(single(0, 0))
    expect(decideRange('bytes=0-1,1-2', 100, { maxOverlaps: 0 })).toEqual(full)
    expect(decideRange('bytes=0-1,2-3', 100, { maxOverlaps: 0 })).toEqual(single(0, 3))
  })
})

describe('decideRange(), whatever is sent', () => {
  const number = fc.oneof(
    fc.nat({ max: 50 }).map(String),
    fc.constantFrom('', '007', '9'.repeat(30), 'x'),
  )
  const spec = fc
    .tuple(number, fc.constantFrom('-', '--', ''), number)
    .map((parts) => parts.join(''))
  const header = fc.array(spec, { maxLength: 6 }).map((specs) => `bytes=${specs.join(',')}`)

  it('stays inside the file', () => {
    fc.assert(
      fc.property(header, fc.nat({ max: 40 }), (value, size) => {
        const decision = decideRange(value, size)
        const ranges =
          decision.kind === 'single'
            ? [decision]
            : decision.kind === 'multiple'
              ? decision.ranges
              : []
        let total = 0
        for (const { start, end } of ranges) {
          expect(start).toBeGreaterThanOrEqual(0)
          expect(end).toBeGreaterThanOrEqual(start)
          expect(end).toBeLessThan(size)
          total += end - start + 1
        }
        expect(total).toBeLessThanOrEqual(size)
      }),
      { numRuns: 2000 },
    )
  })

  it('joins what overlaps or touches', () => {
    fc.assert(
      fc.property(header, (value) => {
        const decision = decideRange(value, 60, { maxOverlaps: Infinity })
        const ranges = decision.kind === 'multiple' ? [...decision.ranges] : []
        ranges.sort((a, b) => a.start - b.start)
        const gaps = ranges.slice(1).map(({ start }, i) => start - (ranges[i]?.end ?? 0))
        expect(gaps.every((gap) => gap > 1)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})
