/** A place where `strict` knowingly answers otherwise than CPython 3.13. */
export interface Deviation {
  /** What CPython 3.13 does. */
  readonly python: string
  /** What basehttp does, also under `strict`. */
  readonly ours: string
  readonly reason: string
  /** The rule behind it. */
  readonly rule: string
}

/** The name of a deviation. */
export type DeviationId =
  | 'early-status-line'
  | 'simple-request'
  | 'header-count'
  | 'empty-line'
  | 'first-byte'
  | 'request-line-blanks'
  | 'method-token'
  | 'version-grammar'
  | 'version-zero'
  | 'target-octets'
  | 'redirect-origin'
  | 'redirect-url'
  | 'bare-cr'
  | 'field-line'
  | 'field-value'
  | 'obs-fold'
  | 'host'
  | 'head-size'
  | 'content-length'
  | 'transfer-encoding'
  | 'request-content'
  | 'truncated'
  | 'connection-list'
  | 'expect'
  | 'nul-path'
  | 'unencodable-title'
  | 'special-file'

/**
 * Every deliberate deviation from CPython 3.13 that remains under `strict`, by its id. Each is a row of
 * docs/compatibility.md, and each has entries in the corpus.
 */
export const deviations: Readonly<Record<DeviationId, Deviation>> = {
  'early-status-line': {
    python:
      'An error in the request line is answered with the bare page, without status line and fields.',
    ours: 'The page comes with a status line and fields.',
    reason: 'No client can read a bare page as an error; CPython 3.15 made this repair.',
    rule: 'CPython 3.15',
  },
  'simple-request': {
    python: 'An HTTP/0.9 request waits for a block of fields, which may keep the connection open.',
    ours: 'It is answered at once and the connection closes.',
    reason: 'An HTTP/0.9 client sends one line and waits; CPython 3.15 made this repair.',
    rule: 'CPython 3.15',
  },
  'header-count': {
    python: '99 fields are accepted and 100 refused.',
    ours: '100 fields are accepted and 101 refused.',
    reason: 'The limit is meant to be 100; CPython 3.15 made this repair.',
    rule: 'CPython 3.15',
  },
  'empty-line': {
    python: 'An empty line before the request closes the connection without an answer.',
    ours: 'Up to two empty lines are skipped, a third is refused with 400.',
    reason: 'Old clients send one after a POST, and the standard asks for tolerance.',
    rule: 'RFC 9112 section 2.2',
  },
  'first-byte': {
    python: 'Blanks before the method are dropped, and other bytes wait for a line end.',
    ours: 'A first byte that cannot begin a method is answered 400 at once.',
    reason: 'A TLS hello or other protocol must not hang until a line feed happens to come.',
    rule: 'RFC 9112 section 2.2',
  },
  'request-line-blanks': {
    python: 'Any of VT, FF, FS to US, CR, NEL and NBSP separates the words of a request line.',
    ours: 'Only spaces and tabs do; the others are 400.',
    reason: 'Servers in front split elsewhere, so that the two see different requests.',
    rule: 'RFC 9112 section 3',
  },
  'method-token': {
    python: 'A method may be any text without blanks; an unknown one is 501.',
    ours: 'A method that is not a token is 400; an unknown token is 501.',
    reason: 'What is not a token is not a request.',
    rule: 'RFC 9110 section 9.1',
  },
  'version-grammar': {
    python: 'Versions may have several digits and leading zeros, such as HTTP/01.01 and HTTP/1.10.',
    ours: 'Exactly one digit each side of the point; anything else is 400.',
    reason: 'Recipients that read such a version differently frame the message differently.',
    rule: 'RFC 9112 section 2.3',
  },
  'version-zero': {
    python: 'HTTP/0.0 to HTTP/0.8 are answered like HTTP/1.0.',
    ours: '505.',
    reason: 'No such versions exist.',
    rule: 'RFC 9110 section 15.6.6',
  },
  'target-octets': {
    python:
      'Control characters may stand in the target; NUL ends in a traceback and an empty reply.',
    ours: '400.',
    reason: 'They are in no valid target and are used to slip past filters and logs.',
    rule: 'RFC 9112 section 3.2',
  },
  'redirect-origin': {
    python:
      'The Location of a directory’s redirect may begin with a slash and a backslash, or with http:///.',
    ours: 'The backslash is encoded, and the slashes are not added.',
    reason: 'Browsers take what follows for another host.',
    rule: 'never relaxed',
  },
  'redirect-url': {
    python: 'A directory whose URL cannot be taken apart ends in a traceback and an empty reply.',
    ours: 'It is redirected like others.',
    reason: 'No input may crash a request.',
    rule: 'never relaxed',
  },
  'bare-cr': {
    python: 'A CR without LF ends a field line, so that a value can smuggle in a field.',
    ours: '400.',
    reason: 'Request smuggling.',
    rule: 'RFC 9112 section 2.2',
  },
  'field-line': {
    python: 'A line without a valid name silently ends the fields; this and all later ones vanish.',
    ours: '400.',
    reason: 'Request smuggling: a lost Content-Length turns content into the next request.',
    rule: 'RFC 9112 section 5.1',
  },
  'field-value': {
    python: 'Control characters in values are kept.',
    ours: '400 for all of them but tab.',
    reason: 'They must be refused or replaced, and end up in logs and environments.',
    rule: 'RFC 9110 section 5.5',
  },
  'obs-fold': {
    python: 'A folded line is joined with its line break kept in the value.',
    ours: '400.',
    reason: 'An echoed value would write a line break into the response.',
    rule: 'RFC 9112 section 5.2',
  },
  host: {
    python: 'Host is not looked at.',
    ours: 'A second or an invalid Host is 400. (Without strict, so is a missing one on HTTP/1.1.)',
    reason: 'Two recipients that pick different hosts disagree on who answers.',
    rule: 'RFC 9112 section 3.2',
  },
  'head-size': {
    python: 'The fields may have 65,536 bytes each, 6.5 MB in all.',
    ours: '256 KiB in all, then 431.',
    reason: 'Memory.',
    rule: 'RFC 9110 section 5.4',
  },
  'content-length': {
    python: 'Content-Length is not looked at.',
    ours: 'One that is not a plain number, or given twice, is 400.',
    reason: 'Request smuggling.',
    rule: 'RFC 9112 section 6.3',
  },
  'transfer-encoding': {
    python: 'Transfer-Encoding is not looked at.',
    ours: 'Only chunked, alone, well formed, on HTTP/1.1 and without Content-Length; otherwise 400 or 501.',
    reason: 'Request smuggling.',
    rule: 'RFC 9112 section 6.1',
  },
  'request-content': {
    python: 'Content that a handler does not read is taken for the next request.',
    ours: 'It is read and dropped, or the connection closes.',
    reason: 'Request smuggling.',
    rule: 'RFC 9112 section 9.3',
  },
  truncated: {
    python: 'A head that ends in the middle is served as if it were complete.',
    ours: '400 and close.',
    reason: 'Half a request is not what the client meant.',
    rule: 'RFC 9112 section 8',
  },
  'connection-list': {
    python: 'Only the whole first Connection field is compared with close and keep-alive.',
    ours: 'Its tokens on all lines count, and close wins.',
    reason: 'It is a list.',
    rule: 'RFC 9110 section 7.6.1',
  },
  expect: {
    python: 'An unknown expectation is ignored.',
    ours: '417 and close.',
    reason: 'The client asked for something that nobody will do.',
    rule: 'RFC 9110 section 10.1.1',
  },
  'nul-path': {
    python:
      'A path with an encoded NUL, or one that cannot be encoded, ends in a traceback and an empty reply.',
    ours: '404.',
    reason: 'No input may crash a request.',
    rule: 'never relaxed',
  },
  'unencodable-title': {
    python: 'A listing whose title cannot be encoded ends in a traceback and an empty reply.',
    ours: '404.',
    reason: 'No input may crash a request.',
    rule: 'never relaxed',
  },
  'special-file': {
    python: 'A FIFO in the tree blocks the request for ever.',
    ours: '404 for whatever is neither a file nor a directory.',
    reason: 'No request may hang.',
    rule: 'never relaxed',
  },
}
