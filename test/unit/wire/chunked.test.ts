import { describe, expect, it } from '@jest/globals'
import { ChunkedReader } from '../../../lib/wire/chunked.ts'
import { LengthReader, bodyReader } from '../../../lib/wire/body.ts'
import type { BodyReader } from '../../../lib/wire/body-reader.ts'
import { cut, everywhere } from '../../helpers/heads.ts'

interface Outcome {
  readonly content: string
  readonly trailers: string[]
  readonly complete: boolean
  readonly failure: unknown
  /** Bytes read when the message was complete. */
  readonly read: number | undefined
}

function readAll(reader: BodyReader, pieces: Buffer[]): Outcome {
  const parts: Buffer[] = []
  let read = 0
  for (const piece of pieces) {
    read += reader.read(piece, 0, parts)
    if (reader.complete || reader.failure !== undefined) break
  }
  const { trailers, complete, failure } = reader
  const content = Buffer.concat(parts).toString('latin1')
  return { content, trailers, complete, failure, read: complete ? read : undefined }
}

/** Decodes chunked bytes, at once and byte by byte, which must agree. */
function decode(text: string, maxBodySize = Infinity): Outcome {
  const bytes = Buffer.from(text, 'latin1')
  const outcome = readAll(new ChunkedReader(maxBodySize), [bytes])
  const slowly = readAll(new ChunkedReader(maxBodySize), cut(bytes, everywhere(bytes.length)))
  expect(slowly).toEqual(outcome)
  return outcome
}

function failureOf(text: string, maxBodySize?: number): unknown {
  const { failure, complete } = decode(text, maxBodySize)
  expect(complete).toBe(false)
  return failure
}

const badSize = { code: 400, message: 'Bad chunk size' }
const badData = { code: 400, message: 'Bad chunk data' }
const badTrailer = { code: 400, message: 'Bad trailer' }

describe('ChunkedReader', () => {
  it('reads chunks up to the end of the message', () => {
    expect(decode('5\r\nABCDE\r\n00a\r\n0123456789\r\n0\r\n\r\nGET /')).toEqual({
      content: 'ABCDE0123456789',
      trailers: [],
      complete: true,
      failure: undefined,
      read: '5\r\nABCDE\r\n00a\r\n0123456789\r\n0\r\n\r\n'.length,
    })
  })

  it('takes what looks like chunks within a chunk for data', () => {
    expect(decode('7\r\n0\r\n\r\nAB\r\n0\r\n\r\n').content).toBe('0\r\n\r\nAB')
  })

  it.each([
    '\r\n',
    ';a\r\n',
    ' 5\r\n',
    '5 \r\n',
    '5\t\r\n',
    '+5\r\n',
    '-5\r\n',
    '0x5\r\n',
    '5_0\r\n',
    '5h\r\n',
    '5.0\r\n',
    'g\r\n',
    '\xb2\r\n',
    '5\0\r\n',
    `${'0'.repeat(17)}\r\n`,
    'ffffffffffffffff\r\n',
    '20000000000000\r\n',
  ])('refuses the size %j (R36)', (text) => {
    expect(failureOf(text)).toEqual(badSize)
  })

  it('reads sizes of 16 digits (R36)', () => {
    expect(decode('0000000000000001\r\nA\r\n0000000000000000\r\n\r\n').content).toBe('A')
  })

  it.each(['5\nABCDE', '5\r\rABCDE', '5\rABCDE'])('wants CRLF behind a size: %j (R37)', (text) => {
    expect(failureOf(text)).toEqual(badSize)
  })

  it.each(['5\r\nABCDEF\r\n', '5\r\nABCDE\n0\r\n\r\n', '5\r\nABCDE\r\r\n', '5\r\nABCDE0\r\n\r\n'])(
    'wants CRLF behind data: %j (R37)',
    (text) => {
      expect(failureOf(text)).toEqual(badData)
    },
  )

  it.each([
    ';a',
    ' ;a',
    '\t;\ta',
    ';a=b',
    ';a = b',
    ';a="b"',
    ';a="\\"\\\\;"',
    ';a;b;c=d',
    ';a="\xe9\t"',
  ])('ignores the extension %j (R38)', (extension) => {
    expect(decode(`1${extension}\r\nA\r\n0${extension}\r\n\r\n`).content).toBe('A')
  })

  it.each([
    ';',
    ';;a',
    ';a;',
    ';=b',
    ';a=',
    ';a ',
    ';a=b ',
    ';a="b" ',
    ';a="b"c',
    ';a="b',
    ';a="b\n"',
    ';a="b\r\n"',
    ';a="\0"',
    ';a="\\\x01"',
    ';a\0',
    ';a b',
    ';a=b=c',
    ';\xe9',
    ';a\n',
  ])('refuses the extension %j (R38)', (extension) => {
    expect(failureOf(`1${extension}\r\nA\r\n0\r\n\r\n`)).toEqual(badSize)
  })

  it('bounds extensions, in one line and in all (R38)', () => {
    expect(failureOf(`1;${'a'.repeat(20_480)}\r\n`)).toEqual({ code: 413 })
    const chunk = `1;${'a'.repeat(1000)}\r\nA\r\n`
    expect(decode(`${chunk.repeat(16)}0\r\n\r\n`).complete).toBe(true)
    expect(failureOf(chunk.repeat(17))).toEqual({ code: 413 })
  })

  it('reads trailers, apart from all else (R39)', () => {
    const { trailers, content } = decode('1\r\nA\r\n0\r\nX-A: b\r\nHost: c \r\n\r\n')
    expect(content).toBe('A')
    expect(trailers).toEqual(['X-A', 'b', 'Host', 'c'])
  })

  it.each([
    'bad\r\n',
    ' X: y\r\n',
    'X : y\r\n',
    ': y\r\n',
    'X: a\0\r\n',
    'X: a\n',
    '\n',
    'X: a\rb',
    '\r\r\n',
    'Content-Length: 5\r\n',
    'content-length: 5\r\n',
    'Transfer-Encoding: chunked\r\n',
  ])('refuses the trailer %j (R39)', (trailer) => {
    expect(failureOf(`0\r\n${trailer}`)).toEqual(badTrailer)
    expect(failureOf(`0\r\nA: b\r\n${trailer}`)).toEqual(badTrailer)
  })

  it('bounds trailers in number and size (R39)', () => {
    const fields = (count: number) => 'X: y\r\n'.repeat(count)
    expect(decode(`0\r\n${fields(100)}\r\n`).trailers).toHaveLength(200)
    expect(failureOf(`0\r\n${fields(101)}`)).toMatchObject({ code: 431 })
    const large = `X: ${'y'.repeat(16_384)}`
    expect(failureOf(`0\r\n${large}`)).toMatchObject({ code: 431 })
    expect(failureOf(`0\r\n${`X: ${'y'.repeat(8000)}\r\n`.repeat(3)}`)).toMatchObject({ code: 431 })
  })

  it('refuses content above the limit when it is announced', () => {
    expect(decode('5\r\nABCDE\r\n0\r\n\r\n', 5).complete).toBe(true)
    expect(failureOf('6\r\n', 5)).toEqual({ code: 413 })
    expect(failureOf('3\r\nABC\r\n3\r\n', 5)).toEqual({ code: 413 })
  })

  it('joins many small chunks into one piece', () => {
    const parts: Buffer[] = []
    new ChunkedReader(Infinity).read(Buffer.from('1\r\nA\r\n'.repeat(1000)), 0, parts)
    expect(parts.map((part) => part.length)).toEqual([1000])
  })

  it('knows how much is still to come at least', () => {
    const reader = new ChunkedReader(Infinity)
    expect(reader.expected).toBe(1)
    reader.read(Buffer.from('ffff\r\nA'), 0, [])
    expect(reader.expected).toBe(0xfffe)
    expect(reader.received).toBe(1)
  })
})

describe('LengthReader', () => {
  it('reads its length and not a byte more', () => {
    const bytes = Buffer.from('xABCDEGET /')
    const reader = new LengthReader(5)
    const parts: Buffer[] = []
    expect(reader.expected).toBe(5)
    expect(reader.read(bytes, 1, parts)).toBe(6)
    expect(reader.complete).toBe(true)
    expect(reader.expected).toBe(0)
    expect(Buffer.concat(parts).toString()).toBe('ABCDE')
    expect(reader.read(bytes, 6, parts)).toBe(6)
  })

  it.each([1, 2, 3, 5])('reads across pieces cut at %i', (at) => {
    const outcome = readAll(new LengthReader(5), cut(Buffer.from('ABCDE'), [at]))
    expect(outcome).toMatchObject({ content: 'ABCDE', complete: true, read: 5 })
  })
})

describe('bodyReader', () => {
  it('makes no reader where there is nothing to read', () => {
    expect(bodyReader({ kind: 'none' }, 1)).toBeUndefined()
    expect(bodyReader({ kind: 'length', length: 0 }, 1)).toBeUndefined()
    expect(bodyReader({ kind: 'length', length: 1 }, 1)).toBeInstanceOf(LengthReader)
    expect(bodyReader({ kind: 'chunked' }, 1)).toBeInstanceOf(ChunkedReader)
  })
})
