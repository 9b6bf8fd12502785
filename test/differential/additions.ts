/** What is added to http.server without `strict`: a row of docs/compatibility.md, and a request that shows it. */
export interface Addition {
  /** The row's text. */
  readonly addition: string
  /** How it is switched off: the row's other text. */
  readonly off: string
  /** The request: a target, fields, or a whole request line. */
  readonly request: readonly [line: string, ...fields: string[]]
  /** What the answer has without `strict`, and has not with it. */
  readonly shown: RegExp
}

const strict = '`strict`'

/** Every addition, in the order of the page. */
export const additions: readonly Addition[] = [
  {
    addition: '`ETag`, `If-Match`, `If-None-Match`, `If-Unmodified-Since` (RFC 9110), also on 304',
    off: '`etag = false`, `lastModified = false`',
    request: ['GET /hello.txt HTTP/1.0', 'If-None-Match: *'],
    shown: /^HTTP\/1\.0 304 [^]*\r\nETag: W\/"/,
  },
  {
    addition: '`Accept-Ranges`, `Range`, `If-Range`, several ranges at once',
    off: '`acceptRanges = false`',
    request: ['GET /hello.txt HTTP/1.0', 'Range: bytes=0-1'],
    shown: /^HTTP\/1\.0 206 [^]*\r\nContent-Range: bytes 0-1\//,
  },
  {
    addition: '`; charset=utf-8` on types of text; a byte order mark wins',
    off: '`charset = false`, `--charset none`',
    request: ['GET /hello.txt HTTP/1.0'],
    shown: /\r\nContent-type: text\/plain; charset=utf-8\r\n/,
  },
  {
    addition:
      'media types of the `mime-types` table before those Python knows, and none of the system’s',
    off: strict,
    request: ['GET /a.hjson HTTP/1.0'],
    shown: /\r\nContent-type: application\/hjson\r\n/,
  },
  {
    addition:
      'listings with size, date, sorting, filter and dark mode, in http.server’s skeleton, without the query in their title; JSON and text by `Accept`',
    off: strict,
    request: ['GET /?a=b HTTP/1.0'],
    shown: /<title>Directory listing for \/<\/title>/,
  },
  {
    addition:
      '`ETag`, `Last-Modified`, `Vary`, `Cache-Control` and `Content-Security-Policy` on listings',
    off: strict,
    request: ['GET / HTTP/1.0'],
    shown: /\r\nContent-Security-Policy: default-src 'none';/,
  },
  {
    addition: '`X-Content-Type-Options: nosniff` on listings and error pages',
    off: strict,
    request: ['GET /missing HTTP/1.0'],
    shown: /^HTTP\/1\.0 404 [^]*\r\nX-Content-Type-Options: nosniff\r\n/,
  },
  {
    addition: '`-H` fields on every response, not on those with status 200 alone',
    off: strict,
    request: ['GET /missing HTTP/1.0'],
    shown: /^HTTP\/1\.0 404 [^]*\r\nX-Added: yes\r\n/,
  },
  {
    addition: 'a target with scheme and host is answered by its path (RFC 9112 section 3.2.2)',
    off: strict,
    request: ['GET http://a/hello.txt HTTP/1.0'],
    shown: /^HTTP\/1\.0 200 /,
  },
  {
    addition: 'a `Location` has everything encoded that stands in no URL',
    off: strict,
    request: ['GET /odd<dir> HTTP/1.0'],
    shown: /^HTTP\/1\.0 301 [^]*\r\nLocation: \/odd%3Cdir%3E\/\r\n/,
  },
  {
    addition:
      'a date of `If-Modified-Since` counts in the three forms of RFC 9110 section 5.6.7, not in others that mail knows',
    off: strict,
    request: ['GET /hello.txt HTTP/1.0', 'If-Modified-Since: Fri, 31 Dec 2100 23:59:59 -0000'],
    shown: /^HTTP\/1\.0 200 /,
  },
]
