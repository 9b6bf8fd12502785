import { answeredLike, get, refused, request, type CorpusEntry } from '../entry.ts'

const line = (version: string): string => `GET /hello.txt ${version}`

// CPython answers these with a bare page; see the deviation
const bad = [
  ['FUBAR', 'FUBAR'],
  ['HTTP', 'HTTP'],
  ['HTTP/', 'HTTP/'],
  ['HTTP/1', 'HTTP/1'],
  ['HTTP/1.', 'HTTP/1.'],
  ['HTTP/.1', 'HTTP/.1'],
  ['HTTP/1.1.1', 'HTTP/1.1.1'],
  ['HTTP/9.9.9', 'HTTP/9.9.9'],
  ['HTTP/1,1', 'HTTP/1,1'],
  ['HTTP/1.x', 'HTTP/1.x'],
  ['HTTP/+1.1', 'HTTP/+1.1'],
  ['HTTP/-1.1', 'HTTP/-1.1'],
  ['HTTP/-9_9_9.+9_9_9', 'HTTP/-9_9_9.+9_9_9'],
  ['HTTP/1.1_0', 'HTTP/1.1_0'],
  ['HTTP/0x1.1', 'HTTP/0x1.1'],
  ['HTTP/1.\xb2', 'HTTP/1.\xb2'],
  ['http/1.1', 'http/1.1'],
  ['Http/1.1', 'Http/1.1'],
  ['HTTPS/1.1', 'HTTPS/1.1'],
  ['RTSP/1.0', 'RTSP/1.0'],
  ['HTTP\\1.1', 'HTTP\\\\1.1'],
  ['/HTTP/1.1', '/HTTP/1.1'],
  ['XHTTP/1.1', 'XHTTP/1.1'],
  ['HTTP/1.1;', 'HTTP/1.1;'],
  ['HTTP/1.1\xe9', 'HTTP/1.1\xe9'],
  ['<b>', '<b>'],
  ['HTTP/909876543210.0', 'HTTP/909876543210.0'],
  ['HTTP/1.909876543210', 'HTTP/1.909876543210'],
] as const

// accepted by CPython, or refused with another text
const lax = [
  'HTTP/01.1',
  'HTTP/01.01',
  'HTTP/1.01',
  'HTTP/1.10',
  'HTTP/1.0000000001',
  'HTTP/00.9',
  'HTTP/10.0',
  'HTTP/10.1',
] as const

const major = ['2.0', '2.1', '3.0', '9.9'] as const

/** Versions, and what is none. */
export const versions: readonly CorpusEntry[] = [
  ...['HTTP/1.0', 'HTTP/1.1', 'HTTP/1.2', 'HTTP/1.9'].flatMap((version) => [
    request(`version ${version}`, line(version)),
    request(`version ${version} on 1.1`, line(version), [], { protocol: 'HTTP/1.1' }),
  ]),
  ...bad.map(([version, shown]) => {
    const quote = shown.includes("'") ? '"' : "'"
    const message = `Bad request version (${quote}${shown}${quote})`
    const entry = request(`version ${JSON.stringify(version)}`, line(version))
    return refused(entry, 'early-status-line', 400, message)
  }),
  refused(
    request('version FUBAR on 1.1', line('FUBAR'), [], { protocol: 'HTTP/1.1' }),
    'early-status-line',
    400,
    "Bad request version ('FUBAR')",
  ),
  refused(
    request('version bad after four words', 'GET / foo HTTP/x'),
    'early-status-line',
    400,
    "Bad request version ('HTTP/x')",
  ),
  ...lax.map((version) =>
    refused(
      request(`version lax ${version}`, line(version)),
      'version-grammar',
      400,
      `Bad request version ('${version}')`,
    ),
  ),
  ...major.map((version) =>
    refused(
      request(`version ${version}`, line(`HTTP/${version}`)),
      'early-status-line',
      505,
      `Invalid HTTP version (${version})`,
    ),
  ),
  refused(
    request('version 2.0 on 1.1', line('HTTP/2.0'), [], { protocol: 'HTTP/1.1' }),
    'early-status-line',
    505,
    'Invalid HTTP version (2.0)',
  ),
  refused(
    { name: 'version HTTP/2 preface', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' },
    'early-status-line',
    505,
    'Invalid HTTP version (2.0)',
  ),
  ...['0.0', '0.5', '0.8'].map((version) =>
    refused(
      request(`version ${version}`, line(`HTTP/${version}`)),
      'version-zero',
      505,
      `Invalid HTTP version (${version})`,
    ),
  ),
  ...explicitZeroNine(),
  ...simple(),
]

/** `HTTP/0.9` written out: any method, fields are read, the answer is content only. */
function explicitZeroNine(): readonly CorpusEntry[] {
  return [
    request('0.9 explicit', line('HTTP/0.9')),
    request('0.9 explicit with fields', line('HTTP/0.9'), ['Accept: */*']),
    request('0.9 explicit, on 1.1', line('HTTP/0.9'), [], { protocol: 'HTTP/1.1' }),
    request('0.9 explicit, HEAD', 'HEAD /hello.txt HTTP/0.9'),
    request('0.9 explicit, listing', 'GET /nested/ HTTP/0.9'),
    request('0.9 explicit, missing', 'GET /missing HTTP/0.9'),
    request('0.9 explicit, redirect', 'GET /nested HTTP/0.9'),
    request('0.9 explicit, unknown method', 'SPAM / HTTP/0.9'),
  ]
}

/** Two words only. */
function simple(): readonly CorpusEntry[] {
  const earlyPost = (method: string): CorpusEntry =>
    refused(
      request(`0.9 simple, ${method}`, `${method} /hello.txt`),
      'early-status-line',
      400,
      `Bad HTTP/0.9 request type ('${method}')`,
    )
  const waiting: CorpusEntry = { name: '0.9 simple, no empty line', bytes: 'GET /hello.txt\r\n' }
  const kept: CorpusEntry = {
    name: '0.9 simple, kept alive',
    bytes: 'GET /hello.txt\r\nConnection: keep-alive\r\n\r\nGET /hello.txt\r\n\r\n',
    protocol: 'HTTP/1.1',
  }
  const only = ['"GET /hello.txt" 200 -']
  return [
    request('0.9 simple', 'GET /hello.txt'),
    request('0.9 simple, blanks', 'GET  /hello.txt  '),
    request('0.9 simple, on 1.1', 'GET /hello.txt', [], { protocol: 'HTTP/1.1' }),
    request('0.9 simple, large', 'GET /big.bin'),
    request('0.9 simple, listing', 'GET /nested/'),
    request('0.9 simple, redirect', 'GET /nested'),
    request('0.9 simple, missing', 'GET /missing'),
    request('0.9 simple, target like a version', 'GET HTTP/1.1'),
    request('0.9 simple, with fields', 'GET /hello.txt', ['Accept: */*']),
    answeredLike({ ...waiting, python: 'hangs' }, 'simple-request', ['0.9 simple'], only),
    answeredLike(kept, 'simple-request', ['0.9 simple'], only),
    ...['HEAD', 'POST', 'get', 'SPAM', 'CUSTOM'].map(earlyPost),
    get('0.9 is not what a space in the version makes', '/hello.txt HTTP/'),
  ]
}
