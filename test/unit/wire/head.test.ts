import { describe, expect, it } from '@jest/globals'
import { HeadReader } from '../../../lib/wire/head.ts'
import { processorTime } from '../../helpers/cpu.ts'
import { everywhere, readHead, wireOptions } from '../../helpers/heads.ts'
import type { WireOptions } from '../../../types/wire.ts'

const line = 'GET / HTTP/1.1'
const start = `${line}\r\nHost: a\r\n`

/** The failure of bytes, the same whether they come at once or one by one. */
function failureOf(bytes: string, options: Partial<WireOptions> = {}): unknown {
  const { refusal } = readHead(bytes, options)
  expect(readHead(bytes, options, everywhere(bytes.length)).refusal).toEqual(refusal)
  return refusal?.failure
}

function badLine(shown: string): unknown {
  return { code: 400, message: `Bad header line (${shown})` }
}

describe('HeadReader', () => {
  it('reads a head and stops behind it', () => {
    const bytes = `${start}X-A:  b \t\r\nx-a: \xe9\r\n\r\nrest`
    const { head, read } = readHead(bytes)
    expect(head).toEqual({
      requestline: line,
      method: 'GET',
      target: '/',
      version: 'HTTP/1.1',
      versionMajor: 1,
      versionMinor: 1,
      rawHeaders: ['Host', 'a', 'X-A', 'b', 'x-a', '\xe9'],
      framing: { kind: 'none' },
      expectContinue: false,
      connectionClose: false,
      connectionKeepAlive: false,
    })
    expect(read).toBe(bytes.length - 'rest'.length)
  })

  it('reads one head and leaves what follows', () => {
    const reader = new HeadReader(wireOptions())
    const bytes = Buffer.from(`${start}\r\nHEAD /2 HTTP/1.1\r\nHost: b\r\n\r\n`)
    const next = reader.read(bytes, 0)
    expect(reader.head?.rawHeaders).toEqual(['Host', 'a'])
    const second = new HeadReader(wireOptions())
    expect(second.begun).toBe(false)
    expect(second.read(bytes, next)).toBe(bytes.length)
    expect(second.head).toMatchObject({ method: 'HEAD', target: '/2', rawHeaders: ['Host', 'b'] })
  })

  describe('line ends', () => {
    it.each([
      ['GET / HTTP/1.1\n', `Bad request syntax ('GET / HTTP/1.1\\n')`],
      [`${start}X: y\n`, `Bad header line ('X: y\\n')`],
      [`${start}\n`, `Bad header line ('\\n')`],
    ])('refuses LF alone as soon as it is there: %j (R2)', (bytes, message) => {
      expect(failureOf(bytes)).toEqual({ code: 400, message })
    })

    it('accepts LF alone in heads under strict (D4)', () => {
      const bytes = 'GET / HTTP/1.1\nA: b\r\nC: d\n\nX'
      for (const cuts of [[], everywhere(bytes.length)]) {
        const { head, read } = readHead(bytes, { strict: true }, cuts)
        expect(head?.rawHeaders).toEqual(['A', 'b', 'C', 'd'])
        expect(read).toBe(bytes.length - 1)
      }
    })

    it.each([
      ['GET / HTTP/1.1\rX', `Bad request syntax ('GET / HTTP/1.1\\r')`],
      ['GET / HTTP/1.1\r\r\n', `Bad request syntax ('GET / HTTP/1.1\\r')`],
      [`${start}X: a\rContent-Length: 3\r\n`, `Bad header line ('X: a\\r')`],
      [`${start}X: a\r\r\n`, `Bad header line ('X: a\\r')`],
      [`${start}\rX`, `Bad header line ('\\r')`],
      [`${start}\r\r\n`, `Bad header line ('\\r')`],
    ])('refuses CR alone: %j (R3)', (bytes, message) => {
      expect(failureOf(bytes)).toEqual({ code: 400, message })
      expect(failureOf(bytes, { strict: true })).toEqual({ code: 400, message })
    })

    it('skips two empty lines and refuses a third (R5)', () => {
      expect(readHead(`\r\n\r\n${start}\r\n`).head?.requestline).toBe(line)
      expect(failureOf('\r\n\r\n\r\n')).toEqual({ code: 400, message: "Bad request syntax ('')" })
      expect(failureOf('\n', { strict: true })).toMatchObject({ code: 400 })
      expect(failureOf('\r\n\n')).toMatchObject({ code: 400 })
      expect(failureOf('\rG')).toMatchObject({ code: 400 })
    })
  })

  it.each(['\x16\x03\x01', '\0', ' ', '\t', '\xef\xbb\xbf', '(', '"', '\x7f', '\r\n\r\n\0'])(
    'decides at the first byte: %j (R7)',
    (bytes) => {
      expect(failureOf(bytes)).toMatchObject({ code: 400 })
    },
  )

  it('waits for the line under strict only where it may be text', () => {
    expect(readHead(' / ', { strict: true }).refusal).toBeUndefined()
    expect(failureOf(' / \r\n', { strict: true })).toEqual({
      code: 400,
      message: "Bad request syntax (' / ')",
    })
    expect(failureOf('\x16\x03', { strict: true })).toMatchObject({ code: 400 })
  })

  it.each([
    [' X: y', `' X: y'`],
    ['\tX: y', `'\\tX: y'`],
    ['NoColon', `'NoColon'`],
    [': empty', `': empty'`],
    ['X : y', `'X : y'`],
    ['X\t: y', `'X\\t: y'`],
    ['X Y: z', `'X Y: z'`],
    ['X\xe9: y', `'X\xe9: y'`],
    ['X(: y', `'X(: y'`],
    ['X\0Y: z', `'X\\x00Y: z'`],
    ['X: a\0b', `'X: a\\x00b'`],
    ['X: a\x07b', `'X: a\\x07b'`],
    ['X: a\x0bb', `'X: a\\x0bb'`],
    ['X: a\x7fb', `'X: a\\x7fb'`],
    ['X: \x1b[2J', `'X: \\x1b[2J'`],
  ])('refuses the field line %j (R4, R6, R21, R22, R23)', (field, shown) => {
    expect(failureOf(`${line}\r\n${field}\r\n`)).toEqual(badLine(shown))
    expect(failureOf(`${start}${field}\r\n`)).toEqual(badLine(shown))
    expect(failureOf(`${start}${field}\r\n`, { strict: true })).toEqual(badLine(shown))
  })

  it('refuses a field line when it ends, not when the head does (R26)', () => {
    expect(readHead(`${start}bad\r`).refusal).toBeUndefined()
    expect(failureOf(`${start}bad\r\n`)).toEqual(badLine(`'bad'`))
  })

  it('quotes 100 characters of a bad field line', () => {
    expect(failureOf(`${start}${'x'.repeat(500)}\r\n`)).toEqual(badLine(`'${'x'.repeat(100)}'`))
  })

  it.each([
    ['X:y', 'y'],
    ['X: \t y \t ', 'y'],
    ['X:', ''],
    ['X: \t ', ''],
    ['X: a\tb', 'a\tb'],
    ['X: \x80\xff\xa0\x85', '\x80\xff\xa0\x85'],
    ['X: a: b', 'a: b'],
  ])('reads the value of %j (R24)', (field, value) => {
    expect(readHead(`${start}${field}\r\n\r\n`).head?.rawHeaders.slice(2)).toEqual(['X', value])
  })

  it('keeps names as they are (R28, R29)', () => {
    const names = ['__proto__', 'constructor', 'content_length', 'Transfer_Encoding', '4294967294']
    const { head } = readHead(`${start}${names.map((name) => `${name}: 5\r\n`).join('')}\r\n`)
    expect(head?.rawHeaders.filter((_, i) => i % 2 === 0).slice(1)).toEqual(names)
    expect(head?.framing).toEqual({ kind: 'none' })
  })

  describe('Host (R25)', () => {
    const http10 = 'GET / HTTP/1.0\r\n'

    it('is required by HTTP/1.1, but not under strict (D5)', () => {
      const missing = { code: 400, message: 'Missing Host header' }
      expect(failureOf(`${line}\r\n\r\n`)).toEqual(missing)
      expect(failureOf('GET / HTTP/1.2\r\n\r\n')).toEqual(missing)
      expect(readHead(`${line}\r\n\r\n`, { strict: true }).head).toMatchObject({ rawHeaders: [] })
      expect(readHead(`${http10}\r\n`).head).toMatchObject({ version: 'HTTP/1.0', rawHeaders: [] })
    })

    it.each(['Host: a\r\nHost: a', 'Host: a\r\nhost: b', 'Host: a b', 'Host: u@a', 'Host: a, b'])(
      'is refused in any version: %j',
      (fields) => {
        const bad = { code: 400, message: 'Bad Host header' }
        for (const strict of [false, true]) {
          expect(failureOf(`${line}\r\n${fields}\r\n\r\n`, { strict })).toEqual(bad)
          expect(failureOf(`${http10}${fields}\r\n\r\n`, { strict })).toEqual(bad)
        }
      },
    )

    it('may be empty', () => {
      expect(readHead(`${line}\r\nHost:\r\n\r\n`).head).toMatchObject({ rawHeaders: ['Host', ''] })
    })

    it('gives way to the authority of an absolute target, but is still required (R18)', () => {
      const absolute = 'GET http://b:8/x HTTP/1.1\r\n'
      const { head } = readHead(`${absolute}A: 1\r\nHost: a\r\n\r\n`)
      expect(head).toMatchObject({ target: 'http://b:8/x', rawHeaders: ['A', '1', 'Host', 'b:8'] })
      expect(failureOf(`${absolute}\r\n`)).toEqual({ code: 400, message: 'Missing Host header' })
      expect(failureOf(`${absolute}Host: a b\r\n\r\n`)).toEqual({
        code: 400,
        message: 'Bad Host header',
      })
    })
  })

  describe('limits', () => {
    /** Neither accepted nor refused: more has to come. */
    const undecided = { head: undefined, refusal: undefined }
    const tooLong = {
      code: 431,
      message: 'Line too long',
      explain: 'got more than 65536 bytes when reading header line',
    }

    it('accepts a request line of 65,536 bytes and answers 414 beyond, end or not (R16)', () => {
      const request = (size: number) =>
        `GET /${'x'.repeat(size - 'GET / HTTP/1.1\r\n'.length)} HTTP/1.1\r\n`
      expect(readHead(`${request(65_536)}Host: a\r\n\r\n`).head?.requestline).toHaveLength(65_534)
      expect(readHead(request(65_537)).refusal).toMatchObject({
        failure: { code: 414 },
        requestline: '',
        method: '',
      })
      expect(readHead(request(70_000).slice(0, 65_536))).toMatchObject(undecided)
      expect(readHead(request(70_000).slice(0, 65_537)).refusal?.failure).toEqual({ code: 414 })
    })

    it('accepts a field line of 65,536 bytes and no more (R27)', () => {
      const field = (size: number) => `X: ${'y'.repeat(size - 'X: \r\n'.length)}\r\n`
      expect(readHead(`${start}${field(65_536)}\r\n`).head?.rawHeaders[3]).toHaveLength(65_531)
      expect(readHead(`${start}${field(65_537)}`).refusal?.failure).toEqual(tooLong)
      const open = `${start}${field(70_000)}`.slice(0, start.length + 65_537)
      expect(readHead(open).refusal?.failure).toEqual(tooLong)
      expect(readHead(open.slice(0, -1))).toMatchObject(undecided)
    })

    it('accepts 100 fields and no more (R27)', () => {
      const fields = (count: number) =>
        Array.from({ length: count }, (_, i) => `X-${i}: y\r\n`).join('')
      const names = Array.from({ length: 99 }, (_, i) => [`X-${i}`, 'y']).flat()
      expect(readHead(`${start}${fields(99)}\r\n`).head?.rawHeaders).toEqual([
        'Host',
        'a',
        ...names,
      ])
      expect(failureOf(`${start}${fields(100)}`)).toEqual({
        code: 431,
        message: 'Too many headers',
        explain: 'got more than 100 headers',
      })
    })

    it('accepts 256 KiB of head and no more (R27)', () => {
      const field = `X: ${'y'.repeat(60_000)}\r\n`
      const four = Array.from({ length: 4 }, () => ['X', 'y'.repeat(60_000)]).flat()
      expect(readHead(`${start}${field.repeat(4)}\r\n`).head?.rawHeaders).toEqual([
        'Host',
        'a',
        ...four,
      ])
      expect(readHead(`${start}${field.repeat(5)}\r\n`).refusal?.failure).toEqual({
        code: 431,
        explain: 'got more than 262144 bytes when reading the head',
      })
    })

    it('takes the limits from its options', () => {
      const options = { maxLineSize: 30, maxHeaders: 2, maxHeadSize: 60 }
      const fits = `${line}\r\nHost: a\r\nX: ${'y'.repeat(20)}\r\n\r\n`
      expect(readHead(fits, options).head?.rawHeaders[3]).toBe('y'.repeat(20))
      expect(failureOf(`${line}\r\n${'x'.repeat(31)}`, options)).toEqual({
        ...tooLong,
        explain: 'got more than 30 bytes when reading header line',
      })
      expect(failureOf(`${start}A: b\r\nC: d\r\n`, options)).toEqual({
        code: 431,
        message: 'Too many headers',
        explain: 'got more than 2 headers',
      })
      expect(failureOf(`${start}X: ${'y'.repeat(24)}\r\nA: bcdefghijkl`, options)).toEqual({
        code: 431,
        explain: 'got more than 60 bytes when reading the head',
      })
    })
  })

  it.each([
    ['close', true, false],
    ['CLOSE', true, false],
    [' close , x', true, false],
    ['\tclose\t', true, false],
    ['x-close', false, false],
    ['closed', false, false],
    ['close x', false, false],
    ['keep-alive', false, true],
    ['Keep-Alive', false, true],
    ['keep-alive, close', true, true],
    ['', false, false],
    [',', false, false],
  ])('reads the tokens of Connection: %j (R43)', (value, close, keepAlive) => {
    const { head } = readHead(`${start}Connection: ${value}\r\n\r\n`)
    expect(head?.connectionClose).toBe(close)
    expect(head?.connectionKeepAlive).toBe(keepAlive)
  })

  it('reads Connection from all of its lines (R43)', () => {
    const { head } = readHead(`${start}Connection: x\r\nA: b\r\nCONNECTION: close\r\n\r\n`)
    expect(head?.connectionClose).toBe(true)
  })

  describe('Expect (R48)', () => {
    it('knows 100-continue, in any case', () => {
      expect(readHead(`${start}Expect: 100-Continue\r\n\r\n`).head?.expectContinue).toBe(true)
      expect(readHead(`${start}Expect:\r\n\r\n`).head?.expectContinue).toBe(false)
    })

    it.each(['200-ok', '100-continue;x', '100-continue, 100-continue', 'x'])(
      'answers %j with 417',
      (value) => {
        expect(failureOf(`${start}Expect: ${value}\r\n\r\n`)).toEqual({ code: 417 })
      },
    )

    it('is ignored from HTTP/1.0', () => {
      const { head } = readHead('GET / HTTP/1.0\r\nExpect: x\r\n\r\n')
      expect(head?.expectContinue).toBe(false)
    })
  })

  it('keeps CONNECT from apps, with 501 after its fields (R19)', () => {
    const failure = { code: 501, message: "Unsupported method ('CONNECT')" }
    for (const target of ['a:443', '/', 'http://a/']) {
      const bytes = `CONNECT ${target} HTTP/1.1\r\nHost: a\r\n\r\n`
      expect(readHead(bytes, { routes: true }).refusal?.failure).toEqual(failure)
      expect(readHead(bytes).head).toMatchObject({ method: 'CONNECT', connectionClose: true })
    }
    expect(failureOf('CONNECT a:443 HTTP/1.1\r\n: x\r\n')).toEqual(badLine(`': x'`))
  })

  it('keeps targets without a slash from apps, under strict too', () => {
    const bytes = 'GET a HTTP/1.1\r\n\r\n'
    expect(readHead(bytes, { strict: true }).head?.target).toBe('a')
    expect(readHead(bytes, { strict: true, routes: true }).refusal?.failure).toMatchObject({
      code: 400,
      message: "Bad request syntax ('GET a HTTP/1.1')",
    })
    expect(readHead('GET /a HTTP/1.1\n\n', { strict: true, routes: true }).head?.target).toBe('/a')
  })

  it('answers a simple request without waiting for fields (R15, D2)', () => {
    const { head, read } = readHead('GET /\r\nHost: a\r\n\r\n')
    expect(head).toMatchObject({ version: 'HTTP/0.9', target: '/', rawHeaders: [] })
    expect(read).toBe('GET /\r\n'.length)
    const named = readHead('GET / HTTP/0.9\r\nA: b\r\n\r\n').head
    expect(named).toMatchObject({ version: 'HTTP/0.9', versionMajor: 0, rawHeaders: ['A', 'b'] })
  })

  it('tells what was known of a refused request', () => {
    expect(readHead('HEAD / HTTP/1.0\r\nbad\r\n').refusal).toMatchObject({
      requestline: 'HEAD / HTTP/1.0',
      method: 'HEAD',
      version: 'HTTP/1.0',
    })
    expect(readHead('HEAD / x HTTP/1.0\r\n').refusal).toMatchObject({
      requestline: 'HEAD / x HTTP/1.0',
      method: '',
      version: 'HTTP/1.0',
    })
    expect(readHead('HEAD / HTTP/7.0\r\n').refusal).toMatchObject({ version: undefined })
  })

  it('refuses what is there when the client ends its side (R41)', () => {
    const truncate = (bytes: string) => {
      const reader = new HeadReader(wireOptions())
      reader.read(Buffer.from(bytes), 0)
      return reader.truncate()
    }
    expect(truncate('')).toBeUndefined()
    expect(truncate('\r\n')).toBeUndefined()
    expect(truncate('foo')).toMatchObject({
      requestline: 'foo',
      failure: { code: 400, message: "Bad request syntax ('foo')" },
    })
    expect(truncate(`${line}\r\nHost: a`)).toMatchObject({
      requestline: line,
      failure: { code: 400, message: "Bad header line ('Host: a')" },
    })
  })

  it('reads a long line that comes byte by byte in linear time', () => {
    const reader = new HeadReader(wireOptions())
    const bytes = Buffer.from(`${start}X: ${'y'.repeat(65_000)}\r\n\r\n`)
    const time = processorTime(() => {
      for (let i = 0; i < bytes.length; i++) reader.read(bytes.subarray(i, i + 1), 0)
    })
    expect(reader.head?.rawHeaders).toEqual(['Host', 'a', 'X', 'y'.repeat(65_000)])
    // Quadratic work would be two thousand million steps: many seconds.
    expect(time).toBeLessThan(2000)
  })
})
