import { describe, expect, it } from '@jest/globals'
import { HeadParser, type HeadOptions, type HeadProgress } from '../../../lib/cgi/response.ts'
import { processorTime } from '../../helpers/cpu.ts'

const options: HeadOptions = { maxHeaderSize: 65_536, acceptStatusLine: false }

function parse(output: string, changed: Partial<HeadOptions> = {}): HeadProgress {
  return new HeadParser({ ...options, ...changed }).push(Buffer.from(output, 'latin1'))
}

function head(output: string, changed: Partial<HeadOptions> = {}) {
  const progress = parse(output, changed)
  if (progress.kind !== 'head') throw new Error(JSON.stringify(progress))
  return progress.head
}

function cause(output: string, changed: Partial<HeadOptions> = {}): string {
  const progress = parse(output, changed)
  if (progress.kind !== 'malformed') throw new Error(JSON.stringify(progress))
  return progress.cause
}

describe('HeadParser', () => {
  it.each(['\n', '\r\n'])('reads a document with the line end %j', (end) => {
    const output = `Content-Type: text/plain${end}X-Empty:${end}X:  y z  ${end}${end}body${end}`
    expect(parse(output)).toEqual({
      kind: 'head',
      head: {
        kind: 'document',
        status: 200,
        reason: undefined,
        fields: [
          ['Content-Type', 'text/plain'],
          ['X', 'y z'],
        ],
        length: undefined,
      },
      rest: Buffer.from(`body${end}`),
    })
  })

  it('reads a value that is mostly blanks in no time', () => {
    const value = `a${' '.repeat(16_000)}b`
    const output = `${`X: ${value}\n`.repeat(4)}\n`
    const time = processorTime(() => {
      for (let times = 0; times < 10; times++) {
        expect(head(output)).toMatchObject({ fields: Array(4).fill(['X', value]) })
      }
    })
    expect(time).toBeLessThan(1000)
  })

  it('reads a head that comes byte by byte', () => {
    const parser = new HeadParser(options)
    const bytes = Buffer.from('Status: 404 Not Here\r\nA: b\n\r\n')
    const kinds = [...bytes].map((_, i) => parser.push(bytes.subarray(i, i + 1)).kind)
    expect(kinds.filter((kind) => kind === 'more')).toHaveLength(bytes.length - 1)
    expect(kinds.indexOf('head')).toBe(bytes.length - 1)
  })

  it.each([
    ['404', 404, undefined],
    ['404 Not Here', 404, 'Not Here'],
    ['200 caf\xe9', 200, 'caf\xe9'],
    ['999', 999, undefined],
  ])('takes the status %s', (status, code, reason) => {
    expect(head(`Status: ${status}\n\n`)).toMatchObject({ status: code, reason, fields: [] })
  })

  it.each(['abc', '99', '1000', '200OK', '-200', '2e2', '0200'])(
    'refuses the status %s',
    (status) => {
      expect(cause(`Status: ${status}\n\n`)).toMatch(/Status is no status/)
    },
  )

  it.each(['100 Continue', '101 Switching Protocols', '102'])('refuses the status %s', (status) => {
    expect(cause(`Status: ${status}\n\n`)).toMatch(/not its to send/)
  })

  it('gives early hints, then the next head', () => {
    const parser = new HeadParser(options)
    const first = parser.push(Buffer.from('Status: 103\nLink: </a>\n\nContent-Type: x\n\nbody'))
    expect(first).toMatchObject({ head: { kind: 'hints', fields: [['Link', '</a>']] } })
    const rest = first.kind === 'head' ? first.rest : Buffer.alloc(0)
    expect(parser.push(rest)).toMatchObject({
      head: { kind: 'document' },
      rest: Buffer.from('body'),
    })
  })

  it('keeps duplicates in order', () => {
    expect(head('Set-Cookie: a\nX: 1\nSet-Cookie: b\n\n')).toMatchObject({
      fields: [
        ['Set-Cookie', 'a'],
        ['X', '1'],
        ['Set-Cookie', 'b'],
      ],
    })
  })

  it('takes the last of a field that must not come twice', () => {
    expect(head('Content-Type: a\nContent-Type: b\n\n')).toMatchObject({
      fields: [['Content-Type', 'b']],
    })
  })

  it('drops what concerns the connection', () => {
    const dropped =
      'Connection: close, X-Hop\nKeep-Alive: 1\nUpgrade: x\nTE: y\nTransfer-Encoding: chunked\nX-Hop: z\n'
    expect(head(`${dropped}X: 1\n\n`)).toMatchObject({ fields: [['X', '1']] })
  })

  it('reads the length', () => {
    expect(head('Content-Length: 12\n\n')).toMatchObject({ length: 12 })
    expect(cause('Content-Length: -1\n\n')).toMatch(/no length/)
    expect(cause('Content-Length: 5\nContent-Length: 5\n\n')).toMatch(/twice/)
  })

  it.each([
    ['Location: /x?y\n\n', { kind: 'localRedirect', location: '/x?y' }],
    ['Location: http://h/\n\n', { kind: 'document', status: 302 }],
    ['Location: //h/x\n\n', { kind: 'document', status: 302 }],
    ['Location: x\n\n', { kind: 'document', status: 302 }],
    ['Location: /x\nSet-Cookie: a\n\n', { kind: 'document', status: 302 }],
    ['Status: 201\nLocation: /x\n\n', { kind: 'document', status: 201 }],
    ['Location: http://h/\nStatus: 307 T\n\n', { kind: 'document', status: 307, reason: 'T' }],
    ['Location:\nA: b\n\n', { kind: 'document', status: 200 }],
    ['Location: /x\nSet-Cookie:\n\n', { kind: 'localRedirect', location: '/x' }],
    ['Status: 201\nStatus:\nA: b\n\n', { kind: 'document', status: 201 }],
  ])('reads %j', (output, expected) => {
    expect(head(output)).toMatchObject(expected)
  })

  it.each([
    ['no field', 'Hello\n\n'],
    ['a status line', 'HTTP/1.1 200 OK\nA: b\n\n'],
    ['a blank before the colon', 'A : b\n\n'],
    ['a continuation line', 'A: b\n c\n\n'],
    ['an empty name', ': b\n\n'],
    ['a name that is no token', 'A(b): c\n\n'],
  ])('refuses %s', (_, output) => {
    expect(cause(output)).toMatch(/no field/)
  })

  it.each(['A: b\rc\n\n', 'A: b\0\n\n', 'A: \x1b[0m\n\n', 'A: b\r\r\n\n'])(
    'refuses %j',
    (output) => {
      expect(cause(output)).toMatch(/control character/)
    },
  )

  it('refuses a head without fields', () => {
    expect(cause('\nbody')).toMatch(/no fields/)
    expect(cause('\r\n')).toMatch(/no fields/)
  })

  it('keeps 8-bit octets', () => {
    expect(head('X: \xe9\n\n')).toMatchObject({ fields: [['X', '\xe9']] })
  })

  it('bounds lines, fields and the head', () => {
    expect(cause(`X: ${'a'.repeat(16_384)}\n\n`)).toMatch(/too long/)
    expect(cause(`X: ${'a'.repeat(16_384)}`)).toMatch(/too long/)
    expect(cause('X: y\n'.repeat(1001))).toMatch(/too many/)
    expect(cause(`${`X: ${'a'.repeat(8000)}\n`.repeat(9)}\n`)).toMatch(/too large/)
    expect(cause('X: 123\n\n', { maxHeaderSize: 6 })).toMatch(/too large/)
  })

  it('takes a status line when told to', () => {
    const accept = { acceptStatusLine: true }
    expect(head('HTTP/1.0 404 No\nA: b\n\n', accept)).toMatchObject({ status: 404, reason: 'No' })
    expect(cause('A: b\nHTTP/1.0 404 No\n\n', accept)).toMatch(/no field/)
  })

  it('says why there is no head at the end', () => {
    expect(new HeadParser(options).end()).toMatch(/without any output/)
    const parser = new HeadParser(options)
    parser.push(Buffer.from('A: b\n'))
    expect(parser.end()).toMatch(/before an empty line/)
  })
})
