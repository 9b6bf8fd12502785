import { describe, expect, it } from '@jest/globals'
import { formatLogOffset } from '../../../lib/http/date.ts'
import { formatCombined, formatCommon } from '../../../lib/log/format-common.ts'
import type { ResponseRecord } from '../../../types/logger.ts'

const time = new Date(2024, 1, 29, 12, 34, 56, 789).getTime()
const record: ResponseRecord = {
  time,
  client: '192.0.2.7',
  requestline: 'GET /a?b HTTP/1.1',
  method: 'GET',
  target: '/a?b',
  version: 'HTTP/1.1',
  status: 200,
  size: 1234,
  duration: 5.5,
  aborted: false,
  host: 'example.test',
  referer: 'https://example.test/',
  userAgent: 'curl/8',
  error: undefined,
}
const when = `29/Feb/2024:12:34:56 ${formatLogOffset(time)}`

describe('formatCommon()', () => {
  it('has address, time, request, status and size', () => {
    expect(formatCommon(record)).toBe(`192.0.2.7 - - [${when}] "GET /a?b HTTP/1.1" 200 1234\n`)
  })

  it('writes no content as a dash', () => {
    expect(formatCommon({ ...record, status: 304, size: 0 })).toMatch(/ 304 -\n$/)
  })

  it('cannot be broken out of', () => {
    const requestline = 'GET /"\\\n\r\x1b[31m\x7f\x9b\xe9 HTTP/1.1'
    expect(formatCommon({ ...record, requestline, target: '' })).toContain(
      String.raw`"GET /\"\\\x0a\x0d\x1b[31m\x7f\x9b\xe9 HTTP/1.1" 200`,
    )
    expect(formatCommon({ ...record, requestline: '\u2028', target: '' })).toContain(
      String.raw`"\xe2\x80\xa8"`,
    )
  })

  it('keeps passwords to itself', () => {
    const target = 'http://user:secret@host/a@b'
    const line = formatCommon({ ...record, target, requestline: `GET ${target} HTTP/1.1` })
    expect(line).toContain('"GET http://host/a@b HTTP/1.1"')
    const path = '/a//b@c'
    expect(
      formatCommon({ ...record, target: path, requestline: `GET ${path} HTTP/1.1` }),
    ).toContain('"GET /a//b@c HTTP/1.1"')
  })
})

describe('formatCombined()', () => {
  it('adds Referer and User-Agent', () => {
    expect(formatCombined(record)).toBe(
      `${formatCommon(record).slice(0, -1)} "https://example.test/" "curl/8"\n`,
    )
    expect(formatCombined({ ...record, referer: undefined, userAgent: undefined })).toMatch(
      / "-" "-"\n$/,
    )
  })

  it('keeps passwords to itself', () => {
    const referer = 'https://user:secret@host/?next=https://other:word@host/'
    expect(formatCombined({ ...record, referer })).toContain('"https://host/?next=https://host/"')
  })
})

describe('formatLogOffset()', () => {
  it('is what Date says', () => {
    expect(formatLogOffset(time)).toBe(/GMT([+-]\d{4})/.exec(new Date(time).toString())?.[1])
  })
})
