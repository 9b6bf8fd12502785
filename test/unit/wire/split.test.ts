import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { BodyReader } from '../../../lib/wire/body-reader.ts'
import { ChunkedReader } from '../../../lib/wire/chunked.ts'
import { parseRequestLine } from '../../../lib/wire/request-line.ts'
import { scanRequestLine } from '../../../lib/wire/request-line-scan.ts'
import { cut, everywhere, readHead } from '../../helpers/heads.ts'
import { exchange } from '../../helpers/raw.ts'
import { readContent, replyText, startWire, type WireServer } from '../../helpers/wire.ts'

const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'GET / HTTP/1.1\r\n',
      'HEAD /a?b HTTP/1.0\r\n',
      'POST http://a/ HTTP/1.1\r\n',
      'GET /\r\n',
      'Host: a\r\n',
      'Host: [::1]:80\r\n',
      'Content-Length: 5\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Connection: close, x\r\n',
      'Expect: 100-continue\r\n',
      'X-Y:\t z \r\n',
      '\r\n',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '\n',
      '\r',
      ' ',
      '\t',
      ':',
      '\0',
      '\x0b',
      '\xa0',
      'HTTP/',
      '1.1',
      'a',
      'GET',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.string({ unit: fc.nat(255).map((n) => String.fromCharCode(n)), maxLength: 8 }),
  },
)
const input = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
const cuts = fc.array(fc.nat(200), { maxLength: 6 })
const limits = fc.constantFrom(
  {},
  { maxLineSize: 24, maxHeadSize: 60, maxHeaders: 2 },
  { maxLineSize: 60, maxHeadSize: 40, maxHeaders: 3 },
)

describe('where bytes are cut', () => {
  it('does not matter to a head', () => {
    fc.assert(
      fc.property(input, cuts, fc.boolean(), limits, (text, at, strict, sizes) => {
        const options = { ...sizes, strict }
        const whole = readHead(text, options)
        const expected =
          whole.refusal === undefined ? whole : { ...whole, read: expect.any(Number) as unknown }
        expect(readHead(text, options, at)).toEqual(expected)
        expect(readHead(text, options, everywhere(text.length))).toEqual(expected)
      }),
      { numRuns: 3000 },
    )
  })

  it('does not matter to chunked content', () => {
    const chunk = fc.oneof(
      fc.constantFrom(
        '5\r\nABCDE\r\n',
        '0\r\n',
        '\r\n',
        '1;a="b"\r\nX\r\n',
        'A\r\n0123456789\r\n',
        'X: y\r\n',
      ),
      fc.constantFrom('\n', '\r', ';', '=', '"', ' ', '\0', 'f', '0', 'G'),
    )
    const decode = (pieces: Buffer[]) => {
      const reader: BodyReader = new ChunkedReader(20)
      const parts: Buffer[] = []
      let read = 0
      for (const bytes of pieces) {
        read += reader.read(bytes, 0, parts)
        if (reader.complete || reader.failure !== undefined) break
      }
      const { complete, failure, received, trailers } = reader
      const content = Buffer.concat(parts).toString('latin1')
      expect(content).toHaveLength(received)
      return { complete, failure, trailers, content, read: complete ? read : 0 }
    }
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 10 }), cuts, (chunks, at) => {
        const bytes = Buffer.from(chunks.join(''), 'latin1')
        const whole = decode([bytes])
        expect(decode(cut(bytes, at))).toEqual(whole)
        expect(decode(cut(bytes, everywhere(bytes.length)))).toEqual(whole)
      }),
      { numRuns: 3000 },
    )
  })
})

describe('scanRequestLine', () => {
  it('takes nothing that parseRequestLine would not take the same way', () => {
    const word = fc.constantFrom(
      'GET',
      'SPAM',
      '/',
      '/a',
      '//a?b',
      'HTTP/1.1',
      'HTTP/1.0',
      'HTTP/2.0',
      ' ',
      '  ',
      '\t',
      '\xa0',
      '\x85',
      '\xe9',
      '\0',
      '*',
      'http://a/',
      'HTTP/1.',
      '5',
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), fc.boolean(), (words, strict) => {
        const text = words.join('')
        const bytes = Buffer.from(`${text}\r\n`, 'latin1')
        const scanned = scanRequestLine(bytes, 0, bytes.length)
        if (scanned !== undefined) expect(scanned).toEqual(parseRequestLine(text, strict))
      }),
      { numRuns: 5000 },
    )
    const usual = Buffer.from('GET /a HTTP/1.1\r\n')
    expect(scanRequestLine(usual, 0, usual.length)).toEqual(
      parseRequestLine('GET /a HTTP/1.1', false),
    )
  })
})

describe('what a connection answers', () => {
  const streams = [
    'GET /1 HTTP/1.1\r\nHost: a\r\n\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nABCDEGET /3 HTTP/1.0\r\n\r\nGET /4',
    'POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nABCDE\r\n0\r\nX: y\r\n\r\nGET /2\r\nGET /3\r\n',
    'PUT /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\nZ\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\nHost: a\n\n',
    'GET /1 HTTP/1.1\r\nHost: a\r\n\r\n\x16\x03\x01GET /2 HTTP/1.1\r\n\r\n',
  ]
  let server: WireServer
  const told: string[] = []

  beforeAll(async () => {
    server = await startWire((exchange) => {
      const { failure, head, request } = exchange
      told.push(failure?.message ?? head?.requestline ?? '')
      if (failure !== undefined) replyText(exchange, '')
      else
        readContent(request).then(
          (content) => {
            replyText(exchange, `${content} ${JSON.stringify(request.trailers)}`)
          },
          () => undefined,
        )
    })
  })

  afterAll(async () => {
    await server.close()
  })

  it.each(streams)('does not depend on where bytes are cut: %j', async (stream) => {
    const bytes = Buffer.from(stream, 'latin1')
    const talk = async (pieces: Buffer[]): Promise<string> => {
      told.length = 0
      const received = await exchange(server.port, pieces, { halfClose: true })
      return `${told.join('|')} ${received.toString('latin1')}`
    }
    const whole = await talk([bytes])
    expect(whole).toContain('HTTP/1.1')
    expect(await talk(cut(bytes, everywhere(bytes.length)))).toBe(whole)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 5 }), async (at) => {
        expect(await talk(cut(bytes, at))).toBe(whole)
      }),
      { numRuns: 30 },
    )
  })
})
