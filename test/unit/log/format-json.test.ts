import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { formatJson, responseFields } from '../../../lib/log/format-json.ts'
import type { ResponseRecord } from '../../../types/logger.ts'

const record: ResponseRecord = {
  time: 0,
  client: '2001:db8::1',
  requestline: 'GET /a HTTP/1.1',
  method: 'GET',
  target: '/a',
  version: 'HTTP/1.1',
  status: 404,
  size: 335,
  duration: 1.23456,
  aborted: false,
  host: 'example.test',
  referer: undefined,
  userAgent: 'curl/8',
  error: 'File not found',
}

describe('responseFields()', () => {
  it('has what there is', () => {
    expect(responseFields(record)).toEqual({
      client: '2001:db8::1',
      method: 'GET',
      target: '/a',
      version: 'HTTP/1.1',
      status: 404,
      size: 335,
      duration: 1.235,
      host: 'example.test',
      userAgent: 'curl/8',
      error: 'File not found',
    })
    expect(responseFields({ ...record, aborted: true })).toHaveProperty('aborted', true)
  })

  it('has the line of what was no request', () => {
    const fields = responseFields({ ...record, method: '', target: '', requestline: 'junk' })
    expect(fields).toHaveProperty('request', 'junk')
    expect(fields).not.toHaveProperty('method')
  })

  it('keeps passwords to itself', () => {
    const target = 'http://user:secret@host/'
    const referer = 'https://user:secret@host/a'
    const line = formatJson(0, 'info', responseFields({ ...record, target, referer }))
    expect(line).not.toContain('secret')
    expect(line).toContain('"referer":"https://host/a"')
  })
})

describe('formatJson()', () => {
  it('is one object a line', () => {
    expect(formatJson(0, 'info', { a: 1 })).toBe(
      '{"time":"1970-01-01T00:00:00.000Z","level":"info","a":1}\n',
    )
  })

  it.each([
    ['a line feed', '\n', String.raw`\n`],
    ['escape', '\x1b', String.raw`\u001b`],
    ['DEL', '\x7f', String.raw`\u007f`],
    ['C1', '\x9b', String.raw`\u009b`],
    ['a line separator', '\u2028', String.raw`\u2028`],
    ['an override of direction', '\u202e', String.raw`\u202e`],
    ['half a character', '\ud800', String.raw`\ud800`],
  ])('escapes %s', (_, character, escaped) => {
    expect(formatJson(0, 'info', { a: character })).toContain(`"a":"${escaped}"`)
  })

  it('loses nothing and has no control character, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = formatJson(0, 'error', { message: text })
        expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
        expect(JSON.parse(line)).toHaveProperty('message', text)
      }),
    )
  })
})
