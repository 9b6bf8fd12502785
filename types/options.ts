import type {
  CacheOptions,
  ContentCoding,
  DotfilesPolicy,
  Sendfile,
  SetHeaders,
  SymlinkPolicy,
} from './files.ts'
import type { LogOptions } from './logger.ts'
import type { ProxyOptions } from './proxy.ts'

/**
 * Options of `simpleHandler()`. Those that `serve-static` has too mean the same and have the same defaults. With
 * `listing: false` what is left to tell the two apart is that a path has one spelling, that `/.well-known/` is served, and
 * what RFC 9110 has of conditions and ranges. Options that there are none of are ignored, as there.
 */
export interface SimpleHandlerOptions extends LogOptions, ProxyOptions {
  /**
   * Whether `Range` requests are answered with parts, and `Accept-Ranges` is sent.
   *
   * @defaultValue `true`
   */
  acceptRanges?: boolean
  /**
   * `Cache-Control`: `true` makes it of {@link SimpleHandlerOptions.maxAge} and
   * {@link SimpleHandlerOptions.immutable}, `false` leaves it out, a string is sent as it is.
   *
   * @defaultValue `true`
   */
  cacheControl?: boolean | string
  /**
   * What becomes of paths with a segment that starts with a dot: served, refused with 403, or not found. Listings
   * follow it. `/.well-known/` at the top is never taken for a dotfile.
   *
   * @defaultValue `'ignore'`
   */
  dotfiles?: DotfilesPolicy
  /**
   * `ETag` of size and modification time. `true` is `'weak'`. Only a strong one serves `If-Match` and `If-Range`.
   *
   * @defaultValue `true`
   */
  etag?: boolean | 'weak' | 'strong'
  /**
   * Extensions, without dot, that are tried in turn for a path that names nothing and has none itself.
   *
   * @defaultValue `false`
   */
  extensions?: string | readonly string[] | false
  /**
   * Whether what is not found, and methods other than GET and HEAD, go to the next handler; otherwise `next(err)` is
   * called with an error that has a `status`, and another method is answered with 405.
   *
   * @defaultValue `true`, under `strict` `false`: the request is answered as http.server does
   */
  fallthrough?: boolean
  /** Adds `immutable` to `Cache-Control`. Set {@link SimpleHandlerOptions.maxAge} with it. @defaultValue `false` */
  immutable?: boolean
  /**
   * Names of files that answer for their directory, tried in turn; `false` for none.
   *
   * @defaultValue `'index.html'`
   */
  index?: string | readonly string[] | false
  /** Whether `Last-Modified` is sent. @defaultValue `true` */
  lastModified?: boolean
  /**
   * `max-age` of `Cache-Control`, in milliseconds, or a text such as `'2 days'`, `'1h'`; at most a year.
   *
   * @defaultValue `0`
   */
  maxAge?: number | string
  /** Whether a directory asked for without its slash is redirected to it. @defaultValue `true` */
  redirect?: boolean
  /**
   * Called before a file is sent, to set fields on the response; those win over the handler's own. Not called for
   * listings, redirects and errors.
   *
   * @defaultValue none
   */
  setHeaders?: SetHeaders

  /** Whether a directory without index page is listed. @defaultValue `true` */
  listing?: boolean
  /**
   * Symbolic links that are followed: all, those that end inside the directory, or none. Every component of a path is
   * looked at. It does not protect against hard links.
   *
   * @defaultValue `'follow'`
   */
  symlinks?: SymlinkPolicy
  /**
   * Codings for which a sibling of a file is sent to clients that accept it: `file.br`, `file.zst`, `file.gz`; `true`
   * for all three in this order. A sibling older than its file is not used.
   *
   * @defaultValue `false`
   */
  precompressed?: boolean | readonly ContentCoding[]
  /**
   * Bounds of what is kept in memory of small files, or `false` for nothing. What is kept is compared with the file
   * before each use.
   *
   * @defaultValue 10,000 files of at most 256 KiB each, 64 MiB in all
   */
  cache?: CacheOptions | false
  /**
   * Charset named in the type of texts. A file's byte order mark wins over it.
   *
   * @defaultValue `'utf-8'`, under `strict` `false`
   */
  charset?: string | false
  /** Media types by extension, dot included, that win over the built-in ones. @defaultValue none */
  extensionsMap?: Readonly<Record<string, string>>
  /** Media type of files whose own is not known. @defaultValue `'application/octet-stream'` */
  defaultContentType?: string
  /**
   * Fields added to each response; under `strict` to those with status 200 alone. An object, or pairs of name and value, as
   * an array, a `Map` or `Headers` has them.
   *
   * @defaultValue none
   */
  headers?: Readonly<Record<string, string>> | Iterable<readonly [name: string, value: string]>
  /**
   * Whether pages of other origins may read what is served: `true` for any, or the one origin that may, as browsers
   * spell it: `'https://example.com'`. Adds `Access-Control-Allow-Origin` and answers preflight requests.
   *
   * @defaultValue `false`
   */
  cors?: boolean | string
  /**
   * The page of a single-page application, a path below the directory, that answers navigations to what is not there;
   * `true` is the first of {@link SimpleHandlerOptions.index}. Paths with an extension, and requests that do not ask
   * for HTML, are not found as before.
   *
   * @defaultValue `false`
   */
  spa?: boolean | string
  /**
   * Has the server before this one send the content of files: `'x-accel-redirect'` nginx, `'x-sendfile'` Apache and
   * lighttpd. What may be served is still decided here; conditions and ranges are that server's. Encoded siblings and
   * names that are not plain UTF-8 are still sent from here, and with `'x-sendfile'` all names with other characters than
   * letters, digits and `-._~`, which not every server reads the same.
   *
   * For use behind such a server alone: other clients get the path in place of the content. No request can switch it
   * on. That server opens the file by its path later, so it does not protect against links that are exchanged meanwhile.
   *
   * @defaultValue `false`; no effect under `strict`
   */
  sendfile?: Sendfile | false
  /**
   * What stands for the directory in the path handed over: for nginx the `internal` location whose `alias` is the
   * directory, else the directory as the other server sees it.
   *
   * @defaultValue with `'x-accel-redirect'` `'/internal/'`, with `'x-sendfile'` the directory
   */
  sendfilePrefix?: string
  /**
   * Whether to send byte for byte what CPython's http.server sends, with its defaults: dotfiles are served, links
   * followed, errors answered. Paths are mapped as CPython does, in any spelling: a guard that the app has put before it,
   * such as `app.use('/admin', guard)`, can be passed by.
   *
   * @defaultValue `false`
   */
  strict?: boolean
}
