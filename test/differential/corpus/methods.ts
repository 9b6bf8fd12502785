import { head, refused, request, type CorpusEntry } from '../entry.ts'

const unknown = [
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PATCH',
  'PROPFIND',
  'SPAM',
  'get',
  'Get',
  'head',
  'GETs',
  'GE',
  'HEADER',
  '__init__',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  "!#$%&'*+-.^_`|~09azAZ",
  '0',
  '-',
  "it's",
  'X'.repeat(300),
]

// not tokens: CPython answers 501, we 400
const notTokens = [
  ['GET,', `Bad request syntax ('GET, / HTTP/1.0')`],
  ['G(ET)', `Bad request syntax ('G(ET) / HTTP/1.0')`],
  ['GET:', `Bad request syntax ('GET: / HTTP/1.0')`],
  ['G<b>ET', `Bad request syntax ('G<b>ET / HTTP/1.0')`],
  ['GE"T', `Bad request syntax ('GE"T / HTTP/1.0')`],
  [`G'E"T`, `Bad request syntax ('G\\'E"T / HTTP/1.0')`],
  [`GE'T{`, `Bad request syntax ("GE'T{ / HTTP/1.0")`],
  ['G\\ET', `Bad request syntax ('G\\\\ET / HTTP/1.0')`],
  ['GE\xe9T', `Bad request syntax ('GE\xe9T / HTTP/1.0')`],
  ['GE\0T', `Bad request syntax ('GE\\x00T / HTTP/1.0')`],
  ['GE\x7fT', `Bad request syntax ('GE\\x7fT / HTTP/1.0')`],
  ['GE\x1b[31mT', `Bad request syntax ('GE\\x1b[31mT / HTTP/1.0')`],
  ['GE\xadT', `Bad request syntax ('GE\\xadT / HTTP/1.0')`],
] as const

/** Methods: known, unknown, in other letters, and what is no method. */
export const methods: readonly CorpusEntry[] = [
  request('method GET', 'GET /hello.txt HTTP/1.0'),
  request('method HEAD', 'HEAD /hello.txt HTTP/1.0'),
  request('method GET, listing', 'GET /nested/ HTTP/1.0'),
  request('method HEAD, listing', 'HEAD /nested/ HTTP/1.0'),
  request('method HEAD, redirect', 'HEAD /nested HTTP/1.0'),
  request('method HEAD, missing file', 'HEAD /missing HTTP/1.0'),
  request('method HEAD, four words', 'HEAD / foo HTTP/1.0'),
  request('method HEAD, large file', 'HEAD /big.bin HTTP/1.0'),
  request('method HEAD, empty file', 'HEAD /empty.txt HTTP/1.0'),
  request('method GET, large file', 'GET /big.bin HTTP/1.0'),
  request('method GET, empty file', 'GET /empty.txt HTTP/1.0'),
  ...unknown.map((method) =>
    request(`method ${method.slice(0, 40)}`, `${method} /hello.txt HTTP/1.0`),
  ),
  ...['POST', 'SPAM', 'HEAD', 'get'].map((method) =>
    request(`method ${method} on 1.1`, `${method} /hello.txt HTTP/1.1`, ['Host: a'], {
      protocol: 'HTTP/1.1',
    }),
  ),
  request('method CONNECT', 'CONNECT example.com:443 HTTP/1.0'),
  request('method CONNECT on 1.1', 'CONNECT example.com:443 HTTP/1.1', ['Host: example.com:443'], {
    protocol: 'HTTP/1.1',
  }),
  request(
    'method CONNECT that waits for 100 Continue',
    'CONNECT example.com:443 HTTP/1.1',
    ['Host: example.com:443', 'Expect: 100-continue'],
    { protocol: 'HTTP/1.1' },
  ),
  request('method OPTIONS *', 'OPTIONS * HTTP/1.0'),
  {
    name: 'method POST with content',
    bytes: `${head('POST /hello.txt HTTP/1.0', ['Content-Length: 9'])}spam=eggs`,
  },
  ...notTokens.map(([method, message]) =>
    refused(
      request(`method that is no token ${JSON.stringify(method)}`, `${method} / HTTP/1.0`),
      'method-token',
      400,
      message,
    ),
  ),
]
