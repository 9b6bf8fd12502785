import { describe, expect, it } from '@jest/globals'
import { formatLine } from '../../../lib/log/format.ts'

describe('formatLine()', () => {
  const time = new Date(2026, 10, 22, 9, 29, 58).getTime()

  it("is http.server's line", () => {
    expect(formatLine('127.0.0.1', time, '"GET / HTTP/1.1" 200 -')).toBe(
      '127.0.0.1 - - [22/Nov/2026 09:29:58] "GET / HTTP/1.1" 200 -\n',
    )
  })

  it('cannot be made two lines by a client', () => {
    expect(formatLine('::1', time, 'a\r\nb\\')).toBe(
      '::1 - - [22/Nov/2026 09:29:58] a\\x0d\\x0ab\\\\\n',
    )
  })
})
