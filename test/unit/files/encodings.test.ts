import { describe, expect, it } from '@jest/globals'
import { acceptedCodings } from '../../../lib/files/encodings.ts'

const all = ['br', 'zstd', 'gzip'] as const

describe('acceptedCodings()', () => {
  it.each([
    [undefined, []],
    ['', []],
    ['gzip', ['gzip']],
    ['GZIP', ['gzip']],
    ['x-gzip', ['gzip']],
    ['br, X-GZIP;q=0.5', ['br', 'gzip']],
    ['x-gzipped, not-x-gzip', []],
    ['gzip;q=0.001', ['gzip']],
    ['*;q=0.5, gzip;q=0', ['br', 'zstd']],
    ['identity;q=0', []],
    ['gzip, deflate, br, zstd', ['br', 'zstd', 'gzip']],
    ['gzip;q=1.0, br;q=0.5', ['gzip', 'br']],
    ['br;q=0, gzip', ['gzip']],
    ['br;q=0', []],
    ['*', ['br', 'zstd', 'gzip']],
    ['*;q=0', []],
    ['gzip, *;q=0', ['gzip']],
    ['br;q=0, *', ['zstd', 'gzip']],
    ['identity', []],
    ['identity, gzip;q=0.5', []],
    ['identity;q=0.5, gzip;q=0.4, br', ['br']],
    ['identity;q=0, gzip', ['gzip']],
    ['deflate', []],
    ['gzip;q=junk', []],
    [`gzip, ${'x, '.repeat(1000)}`, []],
  ])('of %j are %j', (field, codings) => {
    expect(acceptedCodings(field, all)).toEqual(codings)
  })

  it('follow the order of the server among what the client likes equally', () => {
    expect(acceptedCodings('br, gzip', ['gzip', 'br'])).toEqual(['gzip', 'br'])
    expect(acceptedCodings('br, gzip', ['gzip'])).toEqual(['gzip'])
  })
})
