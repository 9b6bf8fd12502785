import { describe, expect, it } from '@jest/globals'
import { sequenceLength } from '../../../lib/http/utf8.ts'

describe('sequenceLength() (Unicode table 3-7)', () => {
  it.each([
    ['41', 1, 1],
    ['c280', 2, 2],
    ['e0a080', 3, 3],
    ['f0908080', 4, 4],
    ['f48fbfbf', 4, 4],
    ['ed9fbf', 3, 3],
    ['eda080', 0, 3],
    ['edbfbf', 0, 3],
    ['c1bf', 0, 0],
    ['e09fbf', 0, 0],
    ['f08fbfbf', 0, 0],
    ['f4908080', 0, 0],
    ['f5808080', 0, 0],
    ['80', 0, 0],
    ['c3', 0, 0],
    ['e282', 0, 0],
    ['f09f98', 0, 0],
    ['e28241', 0, 0],
  ])('%s', (hex, strict, withSurrogates) => {
    const bytes = Buffer.from(hex, 'hex')
    expect(sequenceLength(bytes, 0, false)).toBe(strict)
    expect(sequenceLength(bytes, 0, true)).toBe(withSurrogates)
  })
})
