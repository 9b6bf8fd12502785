import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  formatEtag,
  isEtagText,
  parseEntityTag,
  parseEntityTagList,
  strongCompare,
  weakCompare,
} from '../../../lib/http/etag.ts'
import type { EntityTag } from '../../../lib/http/etag.ts'

/** What the package `etag`, which `send` uses, makes of a file. */
function packageEtag({ size, mtime }: Stats): string {
  return `W/"${size.toString(16)}-${mtime.getTime().toString(16)}"`
}

const weak = (opaque: string): EntityTag => ({ weak: true, opaque })
const strong = (opaque: string): EntityTag => ({ weak: false, opaque })

describe('formatEtag()', () => {
  let directory: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'etag-'))
  })

  afterEach(() => {
    rmSync(directory, { recursive: true })
  })

  it.each([0, 0.0004, 0.0006, 784111777, 1700000000.1234, 1700000000.9996, 4102444800.5])(
    'is weak and the same as that of the package etag for a file of %d s',
    (time) => {
      const file = join(directory, 'file')
      writeFileSync(file, 'x'.repeat(300))
      utimesSync(file, time, time)
      const stats = statSync(file)
      expect(formatEtag(stats.size, stats.mtimeMs)).toBe(packageEtag(stats))
    },
  )

  it('takes weak, strong and a suffix', () => {
    expect(formatEtag(255, 4096)).toBe('W/"ff-1000"')
    expect(formatEtag(255, 4096, { weak: true, suffix: 'br' })).toBe('W/"ff-1000-br"')
    expect(formatEtag(255, 1.024, { weak: false })).toBe('"ff-400"')
    expect(formatEtag(255, 1.024, { weak: false, suffix: 'gzip' })).toBe('"ff-400-gzip"')
    expect(formatEtag(255, 1.024, { fine: true })).toBe('W/"ff-400"')
    expect(formatEtag(0, 0, {})).toBe('W/"0-0"')
  })

  it('is a tag that can be read', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.double({ min: -1e13, max: 1e13, noNaN: true }),
        fc.boolean(),
        (size, time, isWeak) => {
          const tag = parseEntityTag(formatEtag(size, time, { weak: isWeak, suffix: 'zstd' }))
          expect(tag?.weak).toBe(isWeak)
          expect(tag?.opaque).toMatch(/^[\da-f]+--?[\da-f]+-zstd$/)
        },
      ),
    )
  })
})

describe('parseEntityTag() (RFC 9110 section 8.8.3)', () => {
  it.each([
    ['"xyzzy"', strong('xyzzy')],
    ['W/"xyzzy"', weak('xyzzy')],
    ['""', strong('')],
    ['"a,b"', strong('a,b')],
    [' W/"W/" ', weak('W/')],
    ['"\x21#~\x80\xff\\"', strong('!#~\x80\xff\\')],
  ])('reads %j', (value, expected) => {
    expect(parseEntityTag(value)).toEqual(expected)
  })

  it.each([
    '',
    'xyzzy',
    '"',
    '"a',
    'a"',
    'w/"a"',
    'W/ "a"',
    'W"a"',
    "'a'",
    '"a b"',
    '"a\x7f"',
    '"\u0100"',
    '"a", "b"',
    '"a",',
    '"a""b"',
    '*',
  ])('does not read %j', (value) => {
    expect(parseEntityTag(value)).toBeUndefined()
  })
})

describe('parseEntityTagList() (RFC 9110 sections 13.1.1 and 13.1.2)', () => {
  it.each<[string, '*' | EntityTag[]]>([
    ['*', '*'],
    [' *\t', '*'],
    ['"a"', [strong('a')]],
    ['"a", W/"b" ,"c"', [strong('a'), weak('b'), strong('c')]],
    ['"a,b","c"', [strong('a,b'), strong('c')]],
    // Empty members are passed over (section 5.6.1.2).
    [',, "a"\t,, ,"b" , ', [strong('a'), strong('b')]],
  ])('reads %j', (value, expected) => {
    expect(parseEntityTagList(value)).toEqual(expected)
  })

  it.each([
    '',
    ' ',
    ',',
    '*,',
    '"a", *',
    'a',
    '"a" "b"',
    '"a";',
    '"a", b',
    '"a", "b',
    '"a", "b c"',
    'W/',
    '**',
  ])('takes %j for malformed', (value) => {
    expect(parseEntityTagList(value)).toBeUndefined()
  })

  it('reads any list of tags back', () => {
    const text = fc.string({ unit: 'binary-ascii' }).filter(isEtagText)
    const tags = fc.array(fc.record({ weak: fc.boolean(), opaque: text }), { minLength: 1 })
    fc.assert(
      fc.property(tags, (list) => {
        const value = list.map((tag) => `${tag.weak ? 'W/' : ''}"${tag.opaque}"`).join(', ')
        expect(parseEntityTagList(value)).toEqual(list)
      }),
    )
  })
})

describe('comparison (RFC 9110 section 8.8.3.2, the table there)', () => {
  it.each([
    [weak('1'), weak('1'), false, true],
    [weak('1'), weak('2'), false, false],
    [weak('1'), strong('1'), false, true],
    [strong('1'), weak('1'), false, true],
    [strong('1'), strong('1'), true, true],
    [strong('1'), strong('2'), false, false],
  ])('%j and %j', (a, b, strongly, weakly) => {
    expect(strongCompare(a, b)).toBe(strongly)
    expect(weakCompare(a, b)).toBe(weakly)
  })
})

describe('isEtagText()', () => {
  it('is what may stand between the quotes', () => {
    expect(isEtagText('br')).toBe(true)
    expect(isEtagText('')).toBe(true)
    expect(isEtagText('a"')).toBe(false)
    expect(isEtagText('a b')).toBe(false)
    expect(isEtagText('a\n')).toBe(false)
  })
})
