import { answeredLike, head, refused, request, type CorpusEntry } from '../entry.ts'

const ok = 'GET /hello.txt HTTP/1.0'

const accepted: readonly (readonly [name: string, ...fields: string[]])[] = [
  ['none'],
  ['one', 'Accept: */*'],
  ['no blank after the colon', 'Accept:*/*'],
  ['many blanks', 'Accept: \t  */* \t '],
  ['empty value', 'Accept:'],
  ['blank value', 'Accept:   '],
  ['odd but valid name', "!#$%&'*+-.^_`|~09aZ: x"],
  ['one letter', 'X: y'],
  ['name twice', 'Accept: a', 'ACCEPT: b'],
  ['8-bit value', 'X-Name: caf\xe9 \xff\x80'],
  ['value with colons', 'X-Time: 12:34:56'],
  ['value with commas and quotes', 'X: a, "b, c", d'],
  ['names of object members', '__proto__: x', 'constructor: y', 'hasOwnProperty: z'],
  ['number as a name', '4294967294: x'],
  ['content type', 'Content-Type: text/html; charset=nonsense'],
  ['cookies', 'Cookie: a=b', 'Cookie: c=d'],
  ['authorization', 'Authorization: Basic dXNlcjpwYXNz'],
  ['range is not known', 'Range: bytes=0-3'],
  ['if-range is not known', 'Range: bytes=0-3', 'If-Range: "x"'],
  ['if-match is not known', 'If-Match: "x"'],
  ['if-unmodified-since is not known', 'If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT'],
  ['if-none-match is not known', 'If-None-Match: *'],
  ['accept-encoding is not known', 'Accept-Encoding: gzip, br'],
  ['origin is not known', 'Origin: http://evil.example'],
  ['upgrade is not known', 'Connection: upgrade', 'Upgrade: h2c'],
  ['date-like', 'Date: nonsense'],
  ['host', 'Host: example.com'],
  ['host with port', 'Host: example.com:8000'],
  ['host IPv6', 'Host: [::1]:8000'],
  ['host empty', 'Host:'],
  ['forwarded', 'X-Forwarded-For: 1.2.3.4', 'Forwarded: for=1.2.3.4'],
  ['underscore is not dash', 'content_length: 5', 'If_Modified_Since: x'],
]

const lines: readonly (readonly [name: string, bytes: string, shown: string])[] = [
  ['no colon', 'NoColonHere', `'NoColonHere'`],
  ['blank before the colon', 'X-A : b', `'X-A : b'`],
  ['tab before the colon', 'X-A\t: b', `'X-A\\t: b'`],
  ['blank in the name', 'X A: b', `'X A: b'`],
  ['8-bit name', 'X-\xe9: b', `'X-\xe9: b'`],
  ['empty name', ': b', `': b'`],
  ['brackets in the name', 'X(a): b', `'X(a): b'`],
  ['mbox line', 'From me@example.com', `'From me@example.com'`],
  ['NUL in the name', 'X\0Y: b', `'X\\x00Y: b'`],
  ['another request', 'GET / HTTP/1.1', `'GET / HTTP/1.1'`],
]

const values: readonly (readonly [name: string, bytes: string, shown: string])[] = [
  ['NUL', 'X: a\0b', `'X: a\\x00b'`],
  ['BEL', 'X: a\x07b', `'X: a\\x07b'`],
  ['VT', 'X: a\x0bb', `'X: a\\x0bb'`],
  ['ESC', 'X: a\x1bb', `'X: a\\x1bb'`],
  ['DEL', 'X: a\x7fb', `'X: a\\x7fb'`],
]

/** Fields: what is accepted and ignored, and what is malformed or too much. */
export const fields: readonly CorpusEntry[] = [
  ...accepted.map(([name, ...list]) => request(`field ${name}`, ok, list)),
  ...accepted.map(([name, ...list]) =>
    request(`field ${name}, on 1.1`, 'GET /hello.txt HTTP/1.1', list, { protocol: 'HTTP/1.1' }),
  ),
  ...lines.map(([name, line, shown]) =>
    refused(
      request(`field line: ${name}`, ok, [line]),
      'field-line',
      400,
      `Bad header line (${shown})`,
    ),
  ),
  refused(
    request('field line: no colon, after a good one', ok, ['Accept: */*', 'NoColonHere']),
    'field-line',
    400,
    "Bad header line ('NoColonHere')",
  ),
  refused(
    request('field line: no colon, on 1.1', 'GET /hello.txt HTTP/1.1', ['NoColonHere'], {
      protocol: 'HTTP/1.1',
    }),
    'field-line',
    400,
    "Bad header line ('NoColonHere')",
  ),
  ...values.map(([name, line, shown]) =>
    refused(
      request(`field value with ${name}`, ok, [line]),
      'field-value',
      400,
      `Bad header line (${shown})`,
    ),
  ),
  ...folds(),
  ...carriageReturns(),
  ...hosts(),
  ...sizes(),
  refused(
    { name: 'truncated in a field', bytes: `${ok}\r\nAccept: */`, halfClose: true },
    'truncated',
    400,
    "Bad header line ('Accept: */')",
  ),
  refused(
    { name: 'truncated after a field', bytes: `${ok}\r\nAccept: */*\r\n`, halfClose: true },
    'truncated',
    400,
    "Bad header line ('')",
  ),
  refused(
    { name: 'truncated in the request line', bytes: 'GET /hello.txt HTTP/1.0', halfClose: true },
    'truncated',
    400,
    "Bad request syntax ('GET /hello.txt HTTP/1.0')",
  ),
]

function folds(): readonly CorpusEntry[] {
  return [
    refused(
      request('fold with a space', ok, ['X-A: b', ' c']),
      'obs-fold',
      400,
      "Bad header line (' c')",
    ),
    refused(
      request('fold with a tab', ok, ['X-A: b', '\tc']),
      'obs-fold',
      400,
      "Bad header line ('\\tc')",
    ),
    refused(
      request('fold as the first line', ok, [' X-A: b']),
      'obs-fold',
      400,
      "Bad header line (' X-A: b')",
    ),
    refused(
      request('fold that looks empty', ok, ['X-A: b', ' ']),
      'obs-fold',
      400,
      "Bad header line (' ')",
    ),
  ]
}

function carriageReturns(): readonly CorpusEntry[] {
  return [
    refused(
      request('CR hides a field', ok, ['X: a\rContent-Length: 3']),
      'bare-cr',
      400,
      "Bad header line ('X: a\\r')",
    ),
    refused(
      request('CR CR LF after a field', ok, ['X: a\r']),
      'bare-cr',
      400,
      "Bad header line ('X: a\\r')",
    ),
    refused(
      { name: 'CR CR LF as the empty line', python: 'hangs', bytes: `${ok}\r\nX: a\r\n\r\r\n` },
      'bare-cr',
      400,
      "Bad header line ('\\r')",
    ),
  ]
}

function hosts(): readonly CorpusEntry[] {
  const bad = (name: string, ...list: string[]): CorpusEntry =>
    refused(request(`host ${name}`, ok, list), 'host', 400, 'Bad Host header')
  return [
    bad('twice', 'Host: a', 'Host: a'),
    bad('twice and different', 'Host: a', 'host: b'),
    bad('with a blank', 'Host: a b'),
    bad('with user information', 'Host: user@a'),
    bad('list', 'Host: a, b'),
    bad('with a path', 'Host: a/b'),
    bad('8-bit', 'Host: \xe9'),
    bad('with a bad port', 'Host: a:b'),
    bad('with an open bracket', 'Host: [::1'),
    refused(
      request('host twice on 1.1', 'GET /hello.txt HTTP/1.1', ['Host: a', 'Host: a'], {
        protocol: 'HTTP/1.1',
      }),
      'host',
      400,
      'Bad Host header',
    ),
  ]
}

function sizes(): readonly CorpusEntry[] {
  const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `X-${i}: y`)
  const value = (length: number): string => `X: ${'y'.repeat(length - 'X: \r\n'.length)}`
  const explain = 'got more than 262144 bytes when reading the head'
  return [
    request('99 fields', ok, many(99)),
    answeredLike(
      request('100 fields', ok, many(100)),
      'header-count',
      ['method GET'],
      [`"${ok}" 200 -`],
    ),
    request('101 fields', ok, many(101)),
    request('101 fields on 1.1', 'GET /hello.txt HTTP/1.1', many(101), { protocol: 'HTTP/1.1' }),
    request('101 fields, HEAD', 'HEAD /hello.txt HTTP/1.0', many(101)),
    request('1000 fields', ok, many(1000)),
    request('field line of 65,536 bytes', ok, [value(65_536)]),
    request('field line of 65,537 bytes', ok, [value(65_537)]),
    request('field line of 65,537 bytes, HEAD', 'HEAD /hello.txt HTTP/1.0', [value(65_537)]),
    request('field line of 65,537 bytes on 1.1', 'GET /hello.txt HTTP/1.1', [value(65_537)], {
      protocol: 'HTTP/1.1',
    }),
    { name: 'field line without an end', bytes: `${ok}\r\nX: ${'y'.repeat(66_000)}` },
    refused(
      {
        name: 'fields of 300,000 bytes',
        bytes: head(
          ok,
          Array.from({ length: 5 }, () => value(60_000)),
        ),
      },
      'head-size',
      431,
      'Request Header Fields Too Large',
      { explain },
    ),
  ]
}
