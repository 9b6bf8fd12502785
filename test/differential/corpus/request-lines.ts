import { answeredLike, errorPage, head, refused, request, type CorpusEntry } from '../entry.ts'

const ok = 'GET /hello.txt HTTP/1.0'
const okLog = [`"${ok}" 200 -`]

const oneWord = [
  ['GET', `'GET'`],
  ['GET ', `'GET '`],
  ['GET/', `'GET/'`],
  ['GET\\t/', `'GET\\\\t/'`],
  ["it's", `"it's"`],
  [`it's"`, `'it\\'s"'`],
  ['Accept:*/*', `'Accept:*/*'`],
  ['EHLO', `'EHLO'`],
] as const

const fourWords = [
  ['GET / foo HTTP/1.0', `'GET / foo HTTP/1.0'`],
  ['GET /a b c d HTTP/1.0', `'GET /a b c d HTTP/1.0'`],
  ["GET /it's here HTTP/1.0", `"GET /it's here HTTP/1.0"`],
  [`GET /it's "here" HTTP/1.0`, `'GET /it\\'s "here" HTTP/1.0'`],
  ['GET /<b> &amp; HTTP/1.0', `'GET /<b> &amp; HTTP/1.0'`],
  ['GET /back\\ slash HTTP/1.0', `'GET /back\\\\ slash HTTP/1.0'`],
  ['GET /tab\tin HTTP/1.0', `'GET /tab\\tin HTTP/1.0'`],
  ['GET /\xe9 \xff\xad HTTP/1.0', `'GET /\xe9 \xff\\xad HTTP/1.0'`],
  ['SPAM / foo HTTP/1.0', `'SPAM / foo HTTP/1.0'`],
  ['GET / HTTP/1.0 HTTP/1.0', `'GET / HTTP/1.0 HTTP/1.0'`],
] as const

const otherBlanks = [
  ['\x0b', '\\x0b'],
  ['\x0c', '\\x0c'],
  ['\x1c', '\\x1c'],
  ['\x1f', '\\x1f'],
  ['\x85', '\\x85'],
  ['\xa0', '\\xa0'],
] as const

/** Request lines: words and blanks, line ends, length, and bytes that are no request. */
export const requestLines: readonly CorpusEntry[] = [
  ...blanks(),
  ...lineEnds(),
  ...oneWord.map(([line, shown]) =>
    refused(
      request(`one word ${JSON.stringify(line)}`, line),
      'early-status-line',
      400,
      `Bad request syntax (${shown})`,
    ),
  ),
  refused(
    request('one word on 1.1', 'GET', [], { protocol: 'HTTP/1.1' }),
    'early-status-line',
    400,
    "Bad request syntax ('GET')",
  ),
  ...fourWords.map(([line]) => request(`four words ${JSON.stringify(line)}`, line)),
  request('four words on 1.1', 'GET / foo HTTP/1.1', ['Host: a'], { protocol: 'HTTP/1.1' }),
  request('four words, HTTP/0.9', 'GET / foo HTTP/0.9'),
  ...lengths(),
  ...firstBytes(),
]

function blanks(): readonly CorpusEntry[] {
  const accepted = [
    'GET  /hello.txt  HTTP/1.0',
    'GET\t/hello.txt\tHTTP/1.0',
    'GET \t /hello.txt \t HTTP/1.0',
    'GET /hello.txt HTTP/1.0 ',
    'GET /hello.txt HTTP/1.0 \t ',
  ]
  return [
    ...accepted.map((line) => request(`blanks ${JSON.stringify(line)}`, line)),
    ...otherBlanks.flatMap(([blank, shown]) => [
      refused(
        request(`blank ${JSON.stringify(blank)} between words`, `GET${blank}/hello.txt HTTP/1.0`),
        'request-line-blanks',
        400,
        `Bad request syntax ('GET${shown}/hello.txt HTTP/1.0')`,
      ),
      // CPython finds a fourth word here
      request(`blank ${JSON.stringify(blank)} in the target`, `GET /hello.txt${blank}x HTTP/1.0`),
      refused(
        request(`blank ${JSON.stringify(blank)} at the end`, `GET /hello.txt HTTP/1.0${blank}`),
        'request-line-blanks',
        400,
        `Bad request syntax ('GET /hello.txt HTTP/1.0${shown}')`,
      ),
    ]),
    request('blank inside UTF-8', 'GET /\xc3\xa0.txt HTTP/1.0'),
  ]
}

function lineEnds(): readonly CorpusEntry[] {
  const skipped = (count: number): CorpusEntry =>
    answeredLike(
      { name: `${count} empty lines first`, bytes: `${'\r\n'.repeat(count)}${head(ok)}` },
      'empty-line',
      ['method GET'],
      okLog,
    )
  return [
    { name: 'bare LF everywhere', bytes: 'GET /hello.txt HTTP/1.0\nAccept: */*\n\n' },
    {
      name: 'bare LF after the request line',
      bytes: 'GET /hello.txt HTTP/1.0\nAccept: */*\r\n\r\n',
    },
    { name: 'bare LF after a field', bytes: 'GET /hello.txt HTTP/1.0\r\nAccept: */*\n\r\n' },
    { name: 'bare LF as the empty line', bytes: 'GET /hello.txt HTTP/1.0\r\nAccept: */*\r\n\n' },
    { name: 'bare LF only', bytes: 'GET /hello.txt HTTP/1.0\n\n' },
    { name: 'bare LF, unknown method', bytes: 'SPAM / HTTP/1.1\n\r\n\r\n' },
    { name: 'bare LF, 0.9', bytes: 'GET /hello.txt\n\n' },
    {
      name: 'bare LF, pipelined',
      bytes: 'GET /hello.txt HTTP/1.1\n\nGET /empty.txt HTTP/1.1\nConnection: close\n\n',
      protocol: 'HTTP/1.1',
    },
    skipped(1),
    skipped(2),
    refused(
      { name: '3 empty lines first', bytes: `\r\n\r\n\r\n${head(ok)}` },
      'empty-line',
      400,
      "Bad request syntax ('')",
      { line: '' },
    ),
    ...[
      ['CR CR LF', `${ok}\r\r\n\r\n`, ok],
      ['CR as a blank', 'GET\r/hello.txt HTTP/1.0\r\n\r\n', 'GET'],
      ['CR in the target', 'GET /hello\r.txt HTTP/1.0\r\n\r\n', 'GET /hello'],
    ].map(([name = '', bytes = '', line = '']) =>
      refused(
        { name: `bare CR: ${name}`, bytes },
        'bare-cr',
        400,
        `Bad request syntax ('${line}\\r')`,
        { line },
      ),
    ),
    { name: 'nothing, then FIN', bytes: '', halfClose: true },
  ]
}

function lengths(): readonly CorpusEntry[] {
  const line = (length: number): string =>
    `GET /hello.txt?${'x'.repeat(length - 'GET /hello.txt? HTTP/1.0\r\n'.length)} HTTP/1.0`
  return [
    request('line of 65,536 bytes', line(65_536)),
    request('line of 65,537 bytes', line(65_537), [], { since: '3.13' }),
    request('line of 65,537 bytes on 1.1', line(65_537), [], {
      since: '3.13',
      protocol: 'HTTP/1.1',
    }),
    { name: 'line of 70,000 bytes without an end', bytes: 'G'.repeat(70_000), since: '3.13' },
    { name: 'line without an end', bytes: `GET /${'x'.repeat(66_000)}`, since: '3.13' },
    request('HEAD line of 65,537 bytes', line(65_537).replace('GET /', 'HEAD /'), [], {
      since: '3.13',
    }),
  ]
}

function firstBytes(): readonly CorpusEntry[] {
  const refusedAtOnce = (name: string, bytes: string, shown: string, line: string): CorpusEntry =>
    refused({ name, bytes }, 'first-byte', 400, `Bad request syntax ('${shown}')`, { line })
  return [
    refusedAtOnce('leading space', ` ${head(ok)}`, ` ${ok}`, ` ${ok}`),
    refusedAtOnce('leading tab', `\t${head(ok)}`, `\\t${ok}`, `\t${ok}`),
    refusedAtOnce('blank words only', ' / \r\n\r\n', ' / ', ' / '),
    refusedAtOnce('only blanks', '   \r\n\r\n', '   ', '   '),
    refused(
      { name: 'byte order mark', bytes: `\xef\xbb\xbf${head(ok)}` },
      'method-token',
      400,
      `Bad request syntax ('\xef\xbb\xbf${ok}')`,
    ),
    refusedAtOnce('NUL first', `\0${head(ok)}`, '\\x00', '\0'),
    refusedAtOnce(
      'script first',
      '<script>alert("hello")</script> / HTTP/1.1\r\n\r\n',
      '<script>alert("hello")</script> / HTTP/1.1',
      '<script>alert("hello")</script> / HTTP/1.1',
    ),
    {
      ...refusedAtOnce('TLS hello', '\x16\x03\x01\x02\x00\x01\x00', '\\x16', '\x16'),
      python: 'hangs',
    },
    {
      name: 'proxy protocol 1',
      bytes: `PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n${head(ok)}`,
      deviation: 'early-status-line',
      expected: {
        response: [errorPage(400, "Bad request version ('2')")],
        log: [
          "code 400, message Bad request version ('2')",
          '"PROXY TCP4 127.0.0.1 127.0.0.1 1 2" 400 -',
        ],
      },
    },
  ]
}
