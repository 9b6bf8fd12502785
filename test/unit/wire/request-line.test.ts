import { describe, expect, it } from '@jest/globals'
import { parseRequestLine } from '../../../lib/wire/request-line.ts'

function failureOf(text: string, strict = false): unknown {
  const line = parseRequestLine(text, strict)
  return 'failure' in line ? line.failure : undefined
}

function syntax(shown: string): unknown {
  return { code: 400, message: `Bad request syntax (${shown})` }
}

describe('parseRequestLine', () => {
  it('takes a request line apart', () => {
    expect(parseRequestLine('GET /a?b HTTP/1.1', false)).toEqual({
      method: 'GET',
      target: '/a?b',
      version: 'HTTP/1.1',
      versionMajor: 1,
      versionMinor: 1,
      simple: false,
      authority: undefined,
    })
  })

  it.each([
    'GET  /hello  HTTP/1.1',
    'GET\t/hello\tHTTP/1.1',
    'GET \t /hello \t HTTP/1.1 \t ',
    'GET /hello HTTP/1.1 ',
  ])('accepts runs of blanks, also behind: %j (R8)', (text) => {
    expect(parseRequestLine(text, false)).toMatchObject({ method: 'GET', target: '/hello' })
  })

  it.each([
    [' GET / HTTP/1.1', `' GET / HTTP/1.1'`],
    ['\tGET / HTTP/1.1', `'\\tGET / HTTP/1.1'`],
    ['GET\x0b/ HTTP/1.1', `'GET\\x0b/ HTTP/1.1'`],
    ['GET\x0c/ HTTP/1.1', `'GET\\x0c/ HTTP/1.1'`],
    ['GET\x1c/ HTTP/1.1', `'GET\\x1c/ HTTP/1.1'`],
    ['GET\x1f/ HTTP/1.1', `'GET\\x1f/ HTTP/1.1'`],
    ['GET\x85/ HTTP/1.1', `'GET\\x85/ HTTP/1.1'`],
    ['GET\xa0/ HTTP/1.1', `'GET\\xa0/ HTTP/1.1'`],
    ['GET /\xa0 HTTP/1.1', `'GET /\\xa0 HTTP/1.1'`],
    ['GET /\r HTTP/1.1', `'GET /\\r HTTP/1.1'`],
  ])('refuses other blanks and leading ones: %j (R8)', (text, shown) => {
    expect(failureOf(text)).toEqual(syntax(shown))
    expect(failureOf(text, true)).toEqual(syntax(shown))
  })

  it.each(['GET /a b HTTP/1.1', 'GET / HTTP/1.1 HTTP/1.1', 'GET a b c HTTP/1.0'])(
    'refuses four words: %j (R9)',
    (text) => {
      expect(failureOf(text)).toEqual(syntax(`'${text}'`))
    },
  )

  it.each(['G(T / HTTP/1.1', 'G\xc9T / HTTP/1.1', '"GET" / HTTP/1.1', 'GET, / HTTP/1.1'])(
    'refuses a method that is no token: %j (R10)',
    (text) => {
      expect(failureOf(text)).toEqual(syntax(`'${text}'`))
    },
  )

  it.each(['SPAM', 'get', '__proto__', 'constructor', "!#$%&'*+-.^_`|~", 'X'.repeat(1000)])(
    'accepts any token for a method: %s (R10, R11)',
    (method) => {
      expect(parseRequestLine(`${method} / HTTP/1.1`, false)).toMatchObject({ method })
    },
  )

  it.each([
    'HTTP/01.1',
    'HTTP/1.01',
    'HTTP/1.10',
    'HTTP/12.3',
    'HTTP/1',
    'HTTP/1.1.1',
    'HTTP/1.x',
    'HTTP/+1.1',
    'HTTP/1.\xb2',
    'http/1.1',
    'RTSP/1.0',
    'HTTPS/1.1',
    'HTTP1.1',
    'HTTP/',
    'foo',
  ])('refuses a version that is not HTTP/DIGIT.DIGIT: %j (R12)', (version) => {
    expect(failureOf(`GET / ${version}`)).toEqual({
      code: 400,
      message: `Bad request version ('${version}')`,
    })
  })

  it.each(['1.2', '1.9'])('accepts HTTP/%s as a later 1.x (R13)', (version) => {
    expect(parseRequestLine(`GET / HTTP/${version}`, false)).toMatchObject({
      version: `HTTP/${version}`,
      versionMajor: 1,
    })
  })

  it.each(['2.0', '3.0', '9.9', '0.0', '0.5', '0.8'])(
    'answers HTTP/%s with 505 (R14)',
    (version) => {
      const failure = { code: 505, message: `Invalid HTTP version (${version})` }
      expect(failureOf(`GET / HTTP/${version}`)).toEqual(failure)
      expect(failureOf(`PRI * HTTP/${version}`)).toEqual(failure)
    },
  )

  it('accepts HTTP/0.9 where it is named, with fields behind (R14)', () => {
    const line = parseRequestLine('POST / HTTP/0.9', false)
    expect(line).toMatchObject({ method: 'POST', version: 'HTTP/0.9', simple: false })
  })

  it('accepts a simple request by GET only (R15)', () => {
    const simple = { method: 'GET', target: '/', version: 'HTTP/0.9', simple: true }
    expect(parseRequestLine('GET /', false)).toMatchObject(simple)
    expect(parseRequestLine('GET / ', false)).toMatchObject(simple)
    expect(failureOf('POST /')).toEqual({
      code: 400,
      message: "Bad HTTP/0.9 request type ('POST')",
    })
    expect(failureOf('HEAD /')).toMatchObject({ message: "Bad HTTP/0.9 request type ('HEAD')" })
  })

  it.each([
    ['', `''`],
    ['   ', `'   '`],
    [' / ', `' / '`],
    ['foo', `'foo'`],
    ["it's", `"it's"`],
    ['foo ', `'foo '`],
  ])('refuses one word and none: %j', (text, shown) => {
    expect(failureOf(text, true)).toEqual(syntax(shown))
  })

  it('gives the version before other errors, as http.server does', () => {
    expect(failureOf('GET /a b c')).toMatchObject({ message: "Bad request version ('c')" })
    expect(failureOf('GET /a b HTTP/3.0')).toMatchObject({ code: 505 })
    expect(failureOf(' GET /\0 FOO/1.0', true)).toMatchObject({
      message: "Bad request version ('FOO/1.0')",
    })
  })

  it('tells the version that was understood before the refusal', () => {
    expect(parseRequestLine('GET / a HTTP/0.9', false)).toMatchObject({ version: 'HTTP/0.9' })
    expect(parseRequestLine('GET / HTTP/x', false)).toMatchObject({ version: undefined })
  })

  it.each(['/\0', '/a\x01b', '/\x7f', '/\x1b[2J'])('refuses controls in %j (R17)', (target) => {
    expect(failureOf(`GET ${target} HTTP/1.1`)).toMatchObject({ code: 400 })
    expect(failureOf(`GET ${target} HTTP/1.1`, true)).toMatchObject({ code: 400 })
  })

  it('takes 8-bit characters in a target as latin-1 (R17) and decodes nothing (R20)', () => {
    const target = '/caf\xe9/%00/%2e%2e/%c0%ae'
    expect(parseRequestLine(`GET ${target} HTTP/1.1`, false)).toMatchObject({ target })
  })

  it.each([
    ['http://example.com/a', 'example.com'],
    ['HTTP://example.com:80', 'example.com:80'],
    ['https://[::1]:8/?q', '[::1]:8'],
    ['http://a?b', 'a'],
  ])('accepts absolute form: %s (R18)', (target, authority) => {
    expect(parseRequestLine(`GET ${target} HTTP/1.1`, false)).toMatchObject({ target, authority })
  })

  it.each([
    'http://user@a/',
    'http://user:pass@a/',
    'http:///a',
    'http://',
    'ftp://a/',
    'file:///etc/passwd',
    'http:/a',
    'http://a b',
    'http://a:x/',
    'private/s.txt',
    'a:80',
    '?q',
    '*a',
    '%2fa',
  ])('refuses target %j without strict (D6, R18, R19)', (target) => {
    expect(failureOf(`GET ${target} HTTP/1.1`)).toMatchObject({ code: 400 })
  })

  it('accepts * with OPTIONS only (R19)', () => {
    expect(parseRequestLine('OPTIONS * HTTP/1.1', false)).toMatchObject({ target: '*' })
    expect(failureOf('GET * HTTP/1.1')).toEqual(syntax(`'GET * HTTP/1.1'`))
  })

  it.each(['hello.txt', '*', 'a:80', 'ftp://a/', '?q'])(
    'lets %j through under strict (D6)',
    (target) => {
      expect(parseRequestLine(`GET ${target} HTTP/1.1`, true)).toMatchObject({ target })
    },
  )
})
