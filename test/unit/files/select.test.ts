import { describe, expect, it } from '@jest/globals'
import { select, selectAsPython } from '../../../lib/files/select.ts'

const mtime = Date.parse('2024-02-29T12:34:56.789Z')
const date = 'Thu, 29 Feb 2024 12:34:56 GMT'
const file = { size: 100, etag: '"a"', lastModified: mtime, acceptRanges: true }

describe('select()', () => {
  it.each([
    ['nothing', {}, 'whole'],
    ['a matching tag (section 13.1.2)', { 'if-none-match': 'W/"a"' }, 'notModified'],
    ['another tag and the date', { 'if-none-match': '"b"', 'if-modified-since': date }, 'whole'],
    ['the date (13.1.3)', { 'if-modified-since': date }, 'notModified'],
    ['a malformed date', { 'if-modified-since': 'yesterday' }, 'whole'],
    ['a failing If-Match (13.1.1)', { 'if-match': '"b"' }, 'preconditionFailed'],
    ['a weak If-Match', { 'if-match': 'W/"a"' }, 'preconditionFailed'],
    [
      'an early If-Unmodified-Since',
      { 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' },
      'preconditionFailed',
    ],
    ['a range (14.2)', { range: 'bytes=0-0' }, 'part'],
    ['two ranges', { range: 'bytes=0-0,5-6' }, 'parts'],
    ['a range beyond the end', { range: 'bytes=100-' }, 'rangeNotSatisfiable'],
    ['an unknown unit', { range: 'lines=0-0' }, 'whole'],
    ['a range if the tag holds (13.1.5)', { range: 'bytes=0-0', 'if-range': '"a"' }, 'part'],
    ['a range if another tag holds', { range: 'bytes=0-0', 'if-range': '"b"' }, 'whole'],
    ['a range if the date holds', { range: 'bytes=0-0', 'if-range': date }, 'part'],
    ['a range that is not modified', { range: 'bytes=0-0', 'if-none-match': '"a"' }, 'notModified'],
  ])('on %s', (_, headers, kind) => {
    expect(select('GET', headers, file).kind).toBe(kind)
  })

  it('follows a range on GET alone, and only if ranges are accepted', () => {
    const headers = { range: 'bytes=0-0' }
    expect(select('HEAD', headers, file)).toEqual({ kind: 'whole' })
    expect(select('GET', headers, { ...file, acceptRanges: false })).toEqual({ kind: 'whole' })
    expect(select('GET', headers, file)).toEqual({ kind: 'part', start: 0, end: 0 })
  })

  it.each([
    ['no-cache', 'whole'],
    ['max-age=0, No-Cache', 'whole'],
    ['max-age=0', 'notModified'],
    ['x=no-cache', 'notModified'],
  ])('sends the whole on Cache-Control: %s where that means a reload: %s', (value, kind) => {
    const headers = { 'cache-control': value, 'if-none-match': '"a"' }
    expect(select('GET', headers, { ...file, reloads: true }).kind).toBe(kind)
    expect(select('GET', headers, file).kind).toBe('notModified')
  })

  it('joins several fields', () => {
    const headers = { 'set-cookie': ['x'], 'if-none-match': '"x", "a"' }
    expect(select('GET', headers, file).kind).toBe('notModified')
  })
})

describe('selectAsPython()', () => {
  it.each([
    [undefined, false, 'whole'],
    [date, false, 'notModified'],
    [date, true, 'whole'],
    ['Thu, 29 Feb 2024 12:34:55 GMT', false, 'whole'],
    ['Thu, 29 Feb 2024 12:34:56', false, 'notModified'],
    ['Thu, 29 Feb 2024 13:34:56 +0100', false, 'whole'],
    ['junk', false, 'whole'],
  ])('If-Modified-Since %j, If-None-Match %j: %s', (since, noneMatch, kind) => {
    expect(selectAsPython(since, noneMatch, mtime).kind).toBe(kind)
  })
})
