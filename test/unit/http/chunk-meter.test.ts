import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { ChunkMeter } from '../../../lib/http/chunk-meter.ts'

function coded(chunks: readonly Uint8Array[]): Buffer {
  const parts = chunks.map((chunk) =>
    Buffer.concat([
      Buffer.from(`${chunk.length.toString(16)};x=y\r\n`),
      chunk,
      Buffer.from('\r\n'),
    ]),
  )
  return Buffer.concat([...parts, Buffer.from('0\r\nTrailer: 1\r\n\r\n')])
}

describe('ChunkMeter', () => {
  it('counts the content, in whatever pieces it comes', () => {
    const chunk = fc.uint8Array({ minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(fc.array(chunk), fc.integer({ min: 1, max: 20 }), (chunks, step) => {
        const meter = new ChunkMeter()
        const bytes = coded(chunks)
        let size = 0
        for (let at = 0; at < bytes.length; at += step) {
          size += meter.count(bytes.subarray(at, at + step))
        }
        expect(size).toBe(chunks.reduce((sum, { length }) => sum + length, 0))
      }),
    )
  })
})
