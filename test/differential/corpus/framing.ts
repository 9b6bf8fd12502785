import { answeredLike, errorLog, errorPage, head, refused, type CorpusEntry } from '../entry.ts'

const line = 'GET /hello.txt HTTP/1.1'
const next = head('GET /empty.txt HTTP/1.1', ['Connection: close'])
const bothLog = [`"${line}" 200 -`, '"GET /empty.txt HTTP/1.1" 200 -']

const badLengths: readonly (readonly [name: string, ...fields: string[]])[] = [
  ['sign', 'Content-Length: +3'],
  ['minus', 'Content-Length: -1'],
  ['hexadecimal', 'Content-Length: 0x3'],
  ['underscore', 'Content-Length: 1_0'],
  ['fraction', 'Content-Length: 3.0'],
  ['exponent', 'Content-Length: 1e1'],
  ['inner blank', 'Content-Length: 1 0'],
  ['list', 'Content-Length: 3, 3'],
  ['empty', 'Content-Length:'],
  ['letters', 'Content-Length: abc'],
  ['no-break space', 'Content-Length: \xa03'],
  ['superscript', 'Content-Length: \xb3'],
  ['too large', 'Content-Length: 18446744073709551621'],
  ['not safe', 'Content-Length: 9007199254740997'],
  ['twice', 'Content-Length: 3', 'Content-Length: 3'],
  ['twice and different', 'Content-Length: 3', 'Content-Length: 4'],
]

const badCodings: readonly (readonly [name: string, ...fields: string[]])[] = [
  ['twice in one', 'Transfer-Encoding: chunked, chunked'],
  ['on two lines', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
  ['with a parameter', 'Transfer-Encoding: chunked;a=b'],
  ['quoted', 'Transfer-Encoding: "chunked"'],
  ['after a comma', 'Transfer-Encoding: ,chunked'],
  ['empty', 'Transfer-Encoding:'],
  ['not last', 'Transfer-Encoding: chunked, gzip'],
]

const badChunks: readonly (readonly [name: string, content: string, message: string])[] = [
  ['size of letters', 'zz\r\nABCDE\r\n0\r\n\r\n', 'Bad chunk size'],
  ['size empty', '\r\nABCDE\r\n0\r\n\r\n', 'Bad chunk size'],
  ['size with a sign', '+5\r\nABCDE\r\n0\r\n\r\n', 'Bad chunk size'],
  ['size with 0x', '0x5\r\nABCDE\r\n0\r\n\r\n', 'Bad chunk size'],
  ['size with an underscore', '0_5\r\nABCDE\r\n0\r\n\r\n', 'Bad chunk size'],
  ['size behind a blank', ' 5\r\nABCDE\r\n0\r\n\r\n', 'Bad chunk size'],
  ['size before a blank', '5 \r\nABCDE\r\n0\r\n\r\n', 'Bad chunk size'],
  ['size too large', 'ffffffffffffffff\r\nABCDE\r\n0\r\n\r\n', 'Bad chunk size'],
  ['size of too many digits', '00000000000000005\r\nABCDE\r\n0\r\n\r\n', 'Bad chunk size'],
  ['size line ended by LF', '5\nABCDE\r\n0\r\n\r\n', 'Bad chunk size'],
  ['size line with a CR', '5\rX\nABCDE\r\n0\r\n\r\n', 'Bad chunk size'],
  ['extension bare', '5;\r\nABCDE\r\n0\r\n\r\n', 'Bad chunk size'],
  ['extension not ended', '5;a="\r\nABCDE\r\n0\r\n\r\n', 'Bad chunk size'],
  ['data too long', '5\r\nABCDEF\r\n0\r\n\r\n', 'Bad chunk data'],
  ['data ended by LF', '5\r\nABCDE\n0\r\n\r\n', 'Bad chunk data'],
  ['trailer without a colon', '0\r\nNoColon\r\n\r\n', 'Bad trailer'],
  ['trailer that frames', '0\r\nContent-Length: 3\r\n\r\n', 'Bad trailer'],
  ['trailer folded', '0\r\nX: a\r\n b\r\n\r\n', 'Bad trailer'],
  ['trailer ended by LF', '0\r\nX: a\n\r\n', 'Bad trailer'],
]

const otherCodings = ['gzip', 'identity', 'gzip, chunked', 'xchunked']

const goodContent: readonly (readonly [
  name: string,
  fields: readonly string[],
  content: string,
])[] = [
  ['length', ['Content-Length: 5'], 'ABCDE'],
  ['length 0', ['Content-Length: 0'], ''],
  ['length with leading zeros', ['Content-Length: 005'], 'ABCDE'],
  ['length with blanks', ['Content-Length: \t5 \t'], 'ABCDE'],
  ['a request in it', ['Content-Length: 30'], 'GET /README.md HTTP/1.1\r\nA: b\r\n'.slice(0, 30)],
  ['chunked', ['Transfer-Encoding: chunked'], '5\r\nABCDE\r\n0\r\n\r\n'],
  ['chunked, empty', ['Transfer-Encoding: chunked'], '0\r\n\r\n'],
  ['chunked in capitals', ['Transfer-Encoding: CHUNKED'], '5\r\nABCDE\r\n0\r\n\r\n'],
  ['chunked, several', ['Transfer-Encoding: chunked'], '1\r\nA\r\n00A\r\n0123456789\r\n0\r\n\r\n'],
  [
    'chunked, extensions',
    ['Transfer-Encoding: chunked'],
    '5;a;b=c;d="e;\\"f"\r\nABCDE\r\n0;x\r\n\r\n',
  ],
  [
    'chunked, trailers',
    ['Transfer-Encoding: chunked'],
    '5\r\nABCDE\r\n0\r\nX-A: b\r\nX-C: d\r\n\r\n',
  ],
  [
    'chunked, a request in it',
    ['Transfer-Encoding: chunked'],
    `17\r\nGET /README.md HTTP/1.1\r\n0\r\n\r\n`,
  ],
]

/** Content and how it is delimited. */
export const framing: readonly CorpusEntry[] = [
  ...badLengths.map(([name, ...fields]) =>
    refused(
      { name: `Content-Length ${name}`, bytes: `${head('GET /hello.txt HTTP/1.0', fields)}ABC` },
      'content-length',
      400,
      'Bad Content-Length',
    ),
  ),
  refused(
    {
      name: 'Content-Length list on 1.1',
      bytes: `${head(line, ['Content-Length: 3, 3'])}ABC`,
      protocol: 'HTTP/1.1',
    },
    'content-length',
    400,
    'Bad Content-Length',
  ),
  ...badCodings.map(([name, ...fields]) =>
    refused(
      { name: `Transfer-Encoding ${name}`, bytes: `${head(line, fields)}0\r\n\r\n` },
      'transfer-encoding',
      400,
      `Bad Transfer-Encoding (${quoted(fields)})`,
    ),
  ),
  ...otherCodings.map((coding) =>
    refused(
      {
        name: `Transfer-Encoding ${coding}`,
        bytes: `${head(line, [`Transfer-Encoding: ${coding}`])}0\r\n\r\n`,
      },
      'transfer-encoding',
      501,
      `Unsupported transfer encoding ('${coding}')`,
    ),
  ),
  refused(
    {
      name: 'Transfer-Encoding and Content-Length',
      bytes: `${head(line, ['Transfer-Encoding: chunked', 'Content-Length: 5'])}0\r\n\r\n`,
    },
    'transfer-encoding',
    400,
    'Bad message framing',
  ),
  refused(
    {
      name: 'Transfer-Encoding by HTTP/1.0',
      bytes: `${head('GET /hello.txt HTTP/1.0', ['Transfer-Encoding: chunked'])}0\r\n\r\n`,
    },
    'transfer-encoding',
    400,
    'Bad message framing',
  ),
  ...badChunks.map(([name, content, message]) => brokenChunk(name, content, message)),
  ...goodContent.map(([name, fields, content]) => ({
    name: `content: ${name}`,
    bytes: `${head(line, fields)}${content}`,
  })),
  ...goodContent.map(([name, fields, content]) => dropped(name, fields, content)),
  {
    name: 'content refused with its method',
    bytes: `${head('POST /hello.txt HTTP/1.1', ['Content-Length: 4'])}SPAM${next}`,
    protocol: 'HTTP/1.1',
    halfClose: false,
  },
]

/** The handler is at work by the time its content turns out to be broken: nobody gets its answer, but it logs one. */
function brokenChunk(name: string, content: string, message: string): CorpusEntry {
  const bytes = `${head(line, ['Transfer-Encoding: chunked'])}${content}`
  return {
    name: `chunk: ${name}`,
    bytes,
    deviation: 'transfer-encoding',
    expected: {
      response: [errorPage(400, message)],
      log: [...errorLog(line, 400, message), `"${line}" 200 -`],
    },
  }
}

/** On HTTP/1.1 with another request behind: CPython takes the content for a request. */
function dropped(name: string, fields: readonly string[], content: string): CorpusEntry {
  const entry: CorpusEntry = {
    name: `content: ${name}, on 1.1 and a request behind`,
    bytes: `${head(line, fields)}${content}${next}`,
    protocol: 'HTTP/1.1',
    halfClose: false,
  }
  if (content === '') return entry
  const hangs = name === 'a request in it' ? { python: 'hangs' as const } : {}
  return answeredLike(
    { ...entry, ...hangs },
    'request-content',
    ['keep-alive: default', 'keep-alive: empty file'],
    bothLog,
  )
}

/** The field's value as Python shows it; the first line's when there are two. */
function quoted(fields: readonly string[]): string {
  const value = fields.map((field) => field.slice(field.indexOf(':') + 1).trim()).join(', ')
  return `'${value}'`
}
