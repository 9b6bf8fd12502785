import { answeredLike, errorLog, errorPage, head, refused, type CorpusEntry } from '../entry.ts'

const protocol = 'HTTP/1.1'
const line = 'GET /hello.txt HTTP/1.1'
const last = head('GET /empty.txt HTTP/1.1', ['Connection: close'])

/** An entry on an HTTP/1.1 server; the client sends FIN unless the server has to close by itself. */
function on11(name: string, bytes: string, options: { closes?: boolean } = {}): CorpusEntry {
  return { name, bytes, protocol, halfClose: options.closes !== true }
}

/** Persistence, pipelining and `Expect`. */
export const connection: readonly CorpusEntry[] = [
  on11('keep-alive: default', head(line)),
  on11('keep-alive: empty file', last, { closes: true }),
  on11('keep-alive: two requests', head(line) + last, { closes: true }),
  on11('keep-alive: ten requests', head(line).repeat(9) + last, { closes: true }),
  on11('keep-alive: HEAD between', head('HEAD /hello.txt HTTP/1.1') + head(line) + last, {
    closes: true,
  }),
  on11(
    'keep-alive: listing, redirect, 304',
    [
      head('GET /nested/ HTTP/1.1'),
      head('GET /nested HTTP/1.1'),
      head(line, ['If-Modified-Since: Thu, 29 Feb 2024 12:34:56 GMT']),
      last,
    ].join(''),
    { closes: true },
  ),
  on11('keep-alive: large file first', head('GET /big.bin HTTP/1.1') + last, { closes: true }),
  on11('keep-alive: a missing file closes', head('GET /missing HTTP/1.1') + last, { closes: true }),
  on11('keep-alive: an unknown method closes', head('SPAM / HTTP/1.1') + last, { closes: true }),
  on11('keep-alive: HTTP/1.0 closes', head('GET /hello.txt HTTP/1.0') + last, { closes: true }),
  on11(
    'keep-alive: HTTP/1.0 asks for it',
    head('GET /hello.txt HTTP/1.0', ['Connection: keep-alive']) + last,
    { closes: true },
  ),
  on11(
    'keep-alive: HTTP/1.0 in capitals',
    head('GET /hello.txt HTTP/1.0', ['Connection: Keep-Alive']) + last,
    { closes: true },
  ),
  on11('keep-alive: HTTP/1.2', head('GET /hello.txt HTTP/1.2') + last, { closes: true }),
  on11('keep-alive: 0.9 explicit closes', head('GET /hello.txt HTTP/0.9') + last, { closes: true }),
  on11('keep-alive: garbage behind', `${head(line)}GARBAGE / FOO BAR HTTP/1.1\r\n\r\n`, {
    closes: true,
  }),
  on11('keep-alive: half a line behind', `${head(line)}\r\n`),
  on11('connection close', head(line, ['Connection: close']) + last, { closes: true }),
  on11('connection CLOSE', head(line, ['Connection: CLOSE']) + last, { closes: true }),
  on11('connection keep-alive', head(line, ['Connection: keep-alive']) + last, { closes: true }),
  on11('connection Keep-Alive', head(line, ['Connection: Keep-Alive']) + last, { closes: true }),
  on11('connection unknown token', head(line, ['Connection: x']) + last, { closes: true }),
  on11('connection empty', head(line, ['Connection:']) + last, { closes: true }),
  on11('connection x-close', head(line, ['Connection: x-close']) + last, { closes: true }),
  on11('connection closed', head(line, ['Connection: closed']) + last, { closes: true }),
  on11('connection upgrade', head(line, ['Connection: Upgrade', 'Upgrade: websocket']) + last, {
    closes: true,
  }),
  on11('connection proxy-connection', head(line, ['Proxy-Connection: close']) + last, {
    closes: true,
  }),
  {
    name: 'keep-alive asked of a 1.0 server',
    bytes: head(line, ['Connection: keep-alive']) + last,
  },
  ...lists(),
  ...emptyLines(),
  ...expectations(),
]

function lists(): readonly CorpusEntry[] {
  const closes = (name: string, ...fields: string[]): CorpusEntry =>
    answeredLike(
      on11(`connection list: ${name}`, head(line, fields) + last, { closes: true }),
      'connection-list',
      ['keep-alive: default'],
      [`"${line}" 200 -`],
    )
  return [
    closes('close, x', 'Connection: close, x'),
    closes('keep-alive, close', 'Connection: keep-alive, close'),
    closes('x,close', 'Connection: x,close'),
    closes('close with a blank behind', 'Connection: close '),
    closes('close between tabs', 'Connection: \tclose\t'),
    closes('on a second line', 'Connection: keep-alive', 'Connection: close'),
    answeredLike(
      on11(
        'connection list: keep-alive, x by HTTP/1.0',
        head('GET /hello.txt HTTP/1.0', ['Connection: keep-alive, x']) + last,
        { closes: true },
      ),
      'connection-list',
      ['keep-alive: default', 'keep-alive: empty file'],
      ['"GET /hello.txt HTTP/1.0" 200 -', '"GET /empty.txt HTTP/1.1" 200 -'],
    ),
  ]
}

function emptyLines(): readonly CorpusEntry[] {
  return [
    answeredLike(
      on11('empty line between requests', `${head(line)}\r\n${last}`, { closes: true }),
      'empty-line',
      ['keep-alive: default', 'keep-alive: empty file'],
      [`"${line}" 200 -`, '"GET /empty.txt HTTP/1.1" 200 -'],
    ),
    {
      ...on11('bad version behind a good request', `${head(line)}GET / FUBAR\r\n\r\n`, {
        closes: true,
      }),
      deviation: 'early-status-line',
      expected: {
        response: [
          { like: 'keep-alive: default' },
          errorPage(400, "Bad request version ('FUBAR')", undefined, protocol),
        ],
        log: [`"${line}" 200 -`, ...errorLog('GET / FUBAR', 400, "Bad request version ('FUBAR')")],
      },
    },
  ]
}

function expectations(): readonly CorpusEntry[] {
  const expect = 'Expect: 100-continue'
  return [
    on11('expect on 1.1', head(line, [expect])),
    on11('expect in capitals', head(line, ['EXPECT: 100-CONTINUE'])),
    on11('expect and a request behind', head(line, [expect]) + last, { closes: true }),
    on11('expect with HEAD', head('HEAD /hello.txt HTTP/1.1', [expect])),
    on11('expect of an unknown method', head('SPAM /hello.txt HTTP/1.1', [expect]), {
      closes: true,
    }),
    on11('expect of a missing file', head('GET /missing HTTP/1.1', [expect]), { closes: true }),
    on11('expect and close', head(line, [expect, 'Connection: close']), { closes: true }),
    on11(
      'expect with content',
      `${head('POST /hello.txt HTTP/1.1', [expect, 'Content-Length: 5'])}ABCDE`,
      { closes: true },
    ),
    on11('expect by HTTP/1.0', head('GET /hello.txt HTTP/1.0', [expect]), { closes: true }),
    { name: 'expect of a 1.0 server', bytes: head(line, [expect]) },
    on11('expect nothing', head(line, ['Expect:'])),
    refused(
      on11('expect something else', head(line, ['Expect: 200-ok']) + last, { closes: true }),
      'expect',
      417,
      'Expectation Failed',
    ),
    refused(
      on11('expect with a parameter', head(line, ['Expect: 100-continue;x']) + last, {
        closes: true,
      }),
      'expect',
      417,
      'Expectation Failed',
    ),
    on11('expect something else by HTTP/1.0', head('GET /hello.txt HTTP/1.0', ['Expect: 200-ok']), {
      closes: true,
    }),
  ]
}
