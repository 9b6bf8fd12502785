import type { DeviationId } from './deviations.ts'

/** What we answer where we deviate. */
export interface Expectation {
  /** The masked response: literal text, or the transcripts of other entries, one after the other. */
  readonly response: readonly (string | { readonly like: string })[]
  /** The log lines without address and date. */
  readonly log: readonly string[]
}

/** One exchange, run against CPython and against us. */
export interface CorpusEntry {
  readonly name: string
  /** What the client sends, one latin-1 character a byte. */
  readonly bytes: string
  /** The server's `-p`; HTTP/1.0 when absent. */
  readonly protocol?: 'HTTP/1.1'
  /** Whether the client sends FIN after its bytes; only by default on an HTTP/1.1 server, which would wait. */
  readonly halfClose?: boolean
  /** What the file system has to be able to do. */
  readonly needs?: 'byte-names'
  /** Whether the answer depends on the system's mime.types. */
  readonly systemTypes?: true
  /** The first CPython that answers like 3.13; 3.11 when absent. */
  readonly since?: '3.12' | '3.13'
  /** Why the entry is not run against CPython. */
  readonly python?: 'hangs' | 'unstable'
  readonly deviation?: DeviationId
  readonly expected?: Expectation
}

/** What differs from the defaults of {@link get} and its like. */
export type EntryOptions = Omit<CorpusEntry, 'name' | 'bytes'>

/** A head: the request line, the fields and the empty line. */
export function head(line: string, fields: readonly string[] = []): string {
  return [line, ...fields, '', ''].join('\r\n')
}

/** An entry with one request made of a request line and fields. */
export function request(
  name: string,
  line: string,
  fields: readonly string[] = [],
  options: EntryOptions = {},
): CorpusEntry {
  return { name, bytes: head(line, fields), ...options }
}

/** An entry that is a plain `GET` by HTTP/1.0. */
export function get(
  name: string,
  target: string,
  fields: readonly string[] = [],
  options: EntryOptions = {},
): CorpusEntry {
  return request(name, `GET ${target} HTTP/1.0`, fields, options)
}

/** Adds to an entry that we answer with an error page, and which. `line` is the request line as it is logged. */
export function refused(
  entry: CorpusEntry,
  deviation: DeviationId,
  code: number,
  message: string,
  options: { readonly explain?: string; readonly line?: string } = {},
): CorpusEntry {
  const line = options.line ?? /^[^\r\n]*/.exec(entry.bytes)?.[0] ?? ''
  return {
    ...entry,
    deviation,
    expected: {
      response: [errorPage(code, message, options.explain, entry.protocol)],
      log: errorLog(line, code, message),
    },
  }
}

/** Adds to an entry that we answer it as CPython answers others. */
export function answeredLike(
  entry: CorpusEntry,
  deviation: DeviationId,
  names: readonly string[],
  log: readonly string[],
): CorpusEntry {
  return {
    ...entry,
    deviation,
    expected: { response: names.map((like) => ({ like })), log },
  }
}

/** The log of an error, without address and date. */
export function errorLog(line: string, code: number, message: string): readonly string[] {
  return [`code ${code}, message ${scrub(message)}`, `"${scrub(line)}" ${code} -`]
}

const descriptions: Readonly<Record<number, string>> = {
  400: 'Bad request syntax or unsupported method',
  404: 'Nothing matches the given URI',
  413: 'Content is too large',
  414: 'URI is too long',
  417: 'Expect condition could not be satisfied',
  431: 'The server is unwilling to process the request because its header fields are too large',
  501: 'Server does not support this operation',
  505: 'Cannot fulfill request',
}

/** http.server's error response, masked. */
export function errorPage(
  code: number,
  message: string,
  explain: string = descriptions[code] ?? '???',
  protocol = 'HTTP/1.0',
): string {
  const escape = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const page = [
    '<!DOCTYPE HTML>',
    '<html lang="en">',
    '    <head>',
    '        <meta charset="utf-8">',
    '        <title>Error response</title>',
    '    </head>',
    '    <body>',
    '        <h1>Error response</h1>',
    `        <p>Error code: ${code}</p>`,
    `        <p>Message: ${escape(message)}.</p>`,
    `        <p>Error code explanation: ${code} - ${escape(explain)}.</p>`,
    '    </body>',
    '</html>',
    '',
  ].join('\n')
  const content = Buffer.from(page, 'utf8')
  const fields = [
    'Server: SimpleHTTP/0.6 <system>',
    'Date: <date>',
    'Connection: close',
    'Content-Type: text/html;charset=utf-8',
    `Content-Length: ${content.length}`,
  ]
  return head(`${protocol} ${code} ${message}`, fields) + content.toString('latin1')
}

function scrub(text: string): string {
  return Array.from(text, (c) => {
    const code = c.charCodeAt(0)
    if (c === '\\') return '\\\\'
    const control = code < 0x20 || (code >= 0x7f && code < 0xa0)
    return control ? `\\x${code.toString(16).padStart(2, '0')}` : c
  }).join('')
}
