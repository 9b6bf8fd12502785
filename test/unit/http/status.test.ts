import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { responses } from '../../../lib/http/status.ts'

describe('responses', () => {
  it("has every member of CPython 3.13's HTTPStatus with its exact texts", () => {
    const lines = Object.entries(responses).map(([code, texts]) => [code, ...texts].join('\t'))
    expect(lines).toHaveLength(62)
    // sha256 of the same lines made from HTTPStatus by CPython 3.13.
    expect(createHash('sha256').update(lines.join('\n')).digest('hex')).toBe(
      '0534c79cb1d7175e8778b102c43ffded33b60dcd8ec4c32880a6c47244e39424',
    )
  })

  it.each([
    [200, 'OK', 'Request fulfilled, document follows'],
    [404, 'Not Found', 'Nothing matches the given URI'],
    [408, 'Request Timeout', 'Request timed out; try again later'],
    [413, 'Content Too Large', 'Content is too large'],
    [418, "I'm a Teapot", 'Server refuses to brew coffee because it is a teapot.'],
    [422, 'Unprocessable Content', ''],
    [501, 'Not Implemented', 'Server does not support this operation'],
    [505, 'HTTP Version Not Supported', 'Cannot fulfill request'],
  ])('%i is %s', (code, phrase, description) => {
    expect(responses[code]).toEqual([phrase, description])
  })

  it('knows no other code', () => {
    expect(responses[299]).toBeUndefined()
    expect(Object.isFrozen(responses)).toBe(true)
  })
})
