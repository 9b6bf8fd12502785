import type { Readable, Writable } from 'node:stream'
import type {
  CacheOptions,
  Content,
  ContentCoding,
  DotfilesPolicy,
  FileSettings,
  FoundFile,
  Refusal,
  Selection,
  Sendfile,
  SetHeaders,
  SymlinkPolicy,
} from '../../types/files.ts'
import { contentsOf } from '../files/content-cache.ts'
import { defaultExtensionsMap, guessType } from '../files/mime.ts'
import { resolve, type Memory } from '../files/resolve.ts'
import { loadSystemTypes } from '../files/system-types.ts'
import { copy } from '../files/transfer.ts'
import { translatePath } from '../files/translate-path.ts'
import { BaseHTTPRequestHandler, failuresOf } from './base.ts'
import { declareFields } from './fields.ts'
import { fileChecks } from './file-checks.ts'
import { markOwn } from './own-classes.ts'
import { recorderKey, type Recorded } from './recorder.ts'
import { allowedOrigin, isPreflight, sendPreflight } from './simple-cors.ts'
import { prepareFile } from './simple-file.ts'
import type { PreparedFile } from './simple-file.ts'
import type * as Listing from './simple-listing.ts'
import { mayBePage, pageRequest, wantsPage } from './simple-spa.ts'
import { canonicalLocation, slashLocation, targetOf } from './simple-target.ts'
import type { Target } from './simple-target.ts'

/**
 * Serves files below a directory, and lists directories, for GET and HEAD.
 *
 * Its fields are the options of `simpleHandler()` under the same names, with http.server's defaults: all that is in
 * the directory is served, dotfiles and what links lead to included. Each method is an override point that every
 * response goes through.
 *
 * Python: `SimpleHTTPRequestHandler`
 */
export class SimpleHTTPRequestHandler extends BaseHTTPRequestHandler implements FileSettings {
  override serverVersion = 'SimpleHTTP/0.6'
  /** The directory that is served. @defaultValue the current one. Python: `directory` */
  directory: string = process.cwd()
  /** Names of files that answer for their directory, tried in turn. Python: `index_pages` */
  indexPages: readonly string[] = ['index.html', 'index.htm']
  /** Media types by extension, dot included, that win over all others. Python: `extensions_map` */
  extensionsMap: Readonly<Record<string, string>> = { ...defaultExtensionsMap }
  /**
   * Fields added to each response; under `strict` to those with status 200 alone, as Python 3.15 does.
   * Python: `extra_response_headers`
   */
  extraResponseHeaders: readonly (readonly [name: string, value: string])[] = []
  /** Media type of a file whose own is not known. Python: `default_content_type` */
  defaultContentType = 'application/octet-stream'

  /** Whether a directory without index page is listed; if not, it is not found. */
  listing = true
  /** Whether a directory asked for without its slash is redirected to it; if not, it is not found. */
  redirect = true
  /** Extensions, without dot, tried for a path that names nothing and has none. No effect under `strict`. */
  extensions: readonly string[] = []
  /** What becomes of names that start with a dot, in paths and in listings. */
  dotfiles: DotfilesPolicy = 'allow'
  /** Which symbolic links are followed. */
  symlinks: SymlinkPolicy = 'follow'
  /**
   * Codings of which a sibling (`.br`, `.zst`, `.gz`) is sent to clients that accept it, most wanted first. No effect under
   * `strict`.
   */
  precompressed: readonly ContentCoding[] = []
  /** Whether `Range` is followed. No effect under `strict`. */
  acceptRanges = true
  /** Whether an `ETag` is sent, and of which kind; `true` is weak. No effect under `strict`. */
  etag: boolean | 'weak' | 'strong' = true
  /** Whether `Last-Modified` is sent. Under `strict` it always is. */
  lastModified = true
  /** Charset named for types of text that do not name one; a byte order mark wins. No effect under `strict`. */
  charset: string | false = 'utf-8'
  /** `Cache-Control`: its value, or `true` for one made of `maxAge` and `immutable`. */
  cacheControl: boolean | string = false
  /** Milliseconds for `max-age`, at most a year. */
  maxAge = 0
  /** Whether `Cache-Control` says that the file never changes. */
  immutable = false
  /** Called before a file is sent. Fields that it sets on the response win over the handler's. */
  setHeaders: SetHeaders | undefined = undefined
  /**
   * The page that answers a navigation to what is not there: a path below the directory, or `true` for the first index
   * page. Paths with an extension, and requests that do not ask for HTML, are still not found. No effect under
   * `strict`.
   */
  spa: boolean | string = false
  /**
   * Whether pages of other origins may read what is served: `true` for any, or the one origin that may. Adds
   * `Access-Control-Allow-Origin` to each response and answers preflight requests.
   */
  cors: boolean | string = false
  /**
   * Bounds of what is kept in memory of small files, or `false` for nothing. What is kept is compared with the file
   * before each use. A class that overrides nothing has whole answers kept; of one that does, and of what answers
   * depend on conditions and ranges, the content alone is, and every override sees every response.
   */
  cache: CacheOptions | false = {}
  /**
   * Whether the server before this one sends the content of files, told by `X-Accel-Redirect` (nginx) or `X-Sendfile`
   * (Apache, lighttpd). What may be served is still decided here; conditions and ranges are left to that server, which
   * must take away the field if it does not heed it. No effect under `strict`.
   */
  sendfile: Sendfile | false = false
  /**
   * What stands for {@link SimpleHTTPRequestHandler.directory} in the path handed over.
   *
   * @defaultValue with `x-accel-redirect` `'/internal/'`, nginx's location; with `x-sendfile` the directory itself
   */
  sendfilePrefix: string | undefined = undefined

  static {
    markOwn(this)
    declareFields(this, fileChecks)
  }

  #sent = false

  /** Answers with a file, a listing or an error. Python: `do_GET` */
  do_GET(): Promise<void> {
    return failuresOf(this).ofOwn(this.#get())
  }

  async #get(): Promise<void> {
    const content = await this.sendHead()
    if (content === undefined) return
    try {
      await this.copyfile(content, this.wfile)
    } finally {
      await closeContent(content)
    }
  }

  /** Answers as {@link SimpleHTTPRequestHandler.do_GET} does, without content. Python: `do_HEAD` */
  do_HEAD(): Promise<void> {
    return failuresOf(this).ofOwn(this.#getHead())
  }

  async #getHead(): Promise<void> {
    const content = await this.sendHead()
    if (content !== undefined) await closeContent(content)
  }

  /**
   * Decides what answers the request and sends the head of it, or all of an error or a redirect.
   *
   * @returns what is to be copied, and then closed; `undefined` if there is nothing
   *
   * Python: `send_head`
   */
  async sendHead(): Promise<Content | Readable | undefined> {
    if (this.strict) await loadSystemTypes()
    const target = targetOf(this, this.isGuarded)
    if ('kind' in target) {
      this.refuse(target)
      return undefined
    }
    const recorder = (this as Recorded)[recorderKey]
    const located = await resolve(target, this.#settings, this.#memory(recorder === undefined))
    if (located.kind === 'refused') return this.#notFound(target, located)
    if (target.canonical !== undefined) {
      if (located.kind === 'file') await located.file.close()
      const slash = located.kind === 'redirect' ? '/' : ''
      this.sendRedirect(canonicalLocation(this, target.canonical + slash))
      return undefined
    }
    switch (located.kind) {
      case 'redirect':
        this.sendRedirect(slashLocation(this, this.isGuarded))
        return undefined
      case 'directory':
        return this.listDirectory(located.path)
      case 'file':
        recorder?.found(target, located)
        return this.#sendFound(located)
    }
  }

  /**
   * Lists a directory and sends the head of the listing.
   *
   * @param path - where it lies on disk
   * @returns what is to be copied, and then closed; `undefined` after an error
   *
   * Python: `list_directory`
   */
  async listDirectory(path: string): Promise<Content | Readable | undefined> {
    // Loaded with the first listing, not at start.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { sendListing } = require('./simple-listing') as typeof Listing
    return sendListing(this, path, (refusal) => {
      this.refuse(refusal, 'No permission to list directory')
    })
  }

  /**
   * Maps a request target to a path below {@link SimpleHTTPRequestHandler.directory}. Python: `translate_path`
   *
   * @param path - the target, query and fragment included
   */
  translatePath(path: string): string {
    return translatePath(path, this.directory)
  }

  /** The media type of a file, by its name. Python: `guess_type` */
  guessType(path: string): string {
    const source = this.strict ? 'strict' : 'python'
    return guessType(path, this.extensionsMap, this.defaultContentType, source)
  }

  /**
   * Copies content to the response, as fast as the client takes it; the response stays open.
   *
   * @param source - what `sendHead()` or `listDirectory()` returned, or any other source of bytes
   * @param outputfile - where to; usually `wfile`
   *
   * Python: `copyfile`
   */
  copyfile(source: AsyncIterable<unknown>, outputfile: Writable): Promise<void> {
    return copy(source, outputfile, this)
  }

  override sendResponse(code: number, message?: string): void {
    this.#sent = true
    super.sendResponse(code, message)
  }

  override endHeaders(): void {
    // Not for an interim response, which sendResponse() has no part in.
    if (this.#sent && !this.strict) this.#addExtraHeaders()
    this.#sent = false
    super.endHeaders()
  }

  /**
   * Whether guards before this handler may have seen the path as it is spelt, so that no other spelling of a path may
   * be served: in an Express or Connect app.
   */
  protected get isGuarded(): boolean {
    return !this.strict && this.server === undefined
  }

  /** Answers a path that leads to nothing; in middleware with `fallthrough` the next one may know it. */
  protected refuse({ status, cause }: Refusal, message = 'File not found'): void {
    if (this.fallthrough && status < 500) {
      this.decline()
      return
    }
    // What http.server cannot open is not found to it, whatever the reason.
    const concealed = this.strict || status === 400 || (status === 403 && cause !== undefined)
    if (concealed || status === 404) this.sendError(404, message)
    else this.sendError(status)
  }

  protected override handleUnknownMethod(): void | Promise<void> {
    if (!isPreflight(this)) return super.handleUnknownMethod()
    sendPreflight(this)
  }

  /** Sends a redirect. */
  protected sendRedirect(location: string): void {
    this.sendResponse(301)
    this.sendHeader('Location', location)
    this.sendHeader('Content-Length', '0')
    this.endHeaders()
  }

  /** Sends the head of a file, whole or in part. */
  protected sendFileHead(file: PreparedFile): void {
    this.sendResponse(file.status)
    this.addField('Content-type', file.type)
    this.sendHeader('Content-Length', file.content.size)
    if (file.handover !== undefined) this.sendHeader(...file.handover)
    if (file.lastModified !== undefined) this.addField('Last-Modified', file.lastModified)
    if (this.strict) {
      this.#addExtraHeaders()
    } else {
      if (file.contentRange !== undefined) this.sendHeader('Content-Range', file.contentRange)
      if (this.acceptRanges) this.addField('Accept-Ranges', 'bytes')
      if (file.coding !== undefined) this.sendHeader('Content-Encoding', file.coding)
      this.addValidators(file)
    }
    this.endHeaders()
  }

  /** Sends 304. */
  protected sendNotModified(file: PreparedFile): void {
    this.sendResponse(304)
    if (!this.strict) {
      if (file.lastModified !== undefined) this.addField('Last-Modified', file.lastModified)
      this.addValidators(file)
    }
    this.endHeaders()
  }

  /** Answers a request whose conditions the file does not meet. */
  protected sendConditionError(status: 412 | 416, file: PreparedFile): void {
    if (status === 416) this.sendHeader('Content-Range', `bytes */${file.size}`)
    if (file.negotiated) this.sendHeader('Vary', 'Accept-Encoding')
    this.sendError(status)
  }

  /** The fields that tell caches of a file what they need to know. */
  protected addValidators(file: PreparedFile): void {
    if (file.etag !== undefined) this.addField('ETag', file.etag)
    if (file.negotiated) this.sendHeader('Vary', 'Accept-Encoding')
    if (file.cacheControl !== undefined) this.addField('Cache-Control', file.cacheControl)
  }

  /** Adds a field unless other middleware, or `setHeaders`, has set it. */
  protected addField(name: string, value: string): void {
    if (!this.response.hasHeader(name)) this.sendHeader(name, value)
  }

  /** What `resolve()` goes by: under `strict` without what http.server does not know. */
  get #settings(): FileSettings {
    if (!this.strict) return this
    const { directory, indexPages, listing, redirect, dotfiles, symlinks } = this
    const python = { directory, indexPages, listing, redirect, dotfiles, symlinks }
    return { ...python, extensions: [], precompressed: [] }
  }

  async #notFound(target: Target, located: Refusal): Promise<Content | Readable | undefined> {
    const page = this.spa === true ? this.indexPages[0] : this.spa
    if (typeof page === 'string' && !this.strict && located.status === 404 && mayBePage(target)) {
      // The same path is a page to one and nothing to another.
      this.#varyByAccept()
      if (wantsPage(this.request)) {
        const found = await resolve(
          pageRequest(this.directory, page, target),
          this,
          this.#memory(true),
        )
        if (found.kind === 'file') return this.#sendFound(found)
      }
    }
    this.refuse(located)
    return undefined
  }

  /** Where content of files is kept; what is taken down with its head is not kept twice. */
  #memory(keeps: boolean): Memory | undefined {
    const { cache, constructor } = this
    return cache === false ? undefined : { contents: contentsOf(constructor, cache), keeps }
  }

  #varyByAccept(): void {
    // In an app it is the next handler's answer, too, that another Accept would have had otherwise.
    if (this.server === undefined) this.response.appendHeader('Vary', 'Accept')
    else this.sendHeader('Vary', 'Accept')
  }

  async #sendFound(found: FoundFile): Promise<Content | undefined> {
    try {
      const file = await prepareFile(this, found)
      return await this.#sendSelected(file, file.selection)
    } catch (error) {
      await found.file.close()
      throw error
    }
  }

  async #sendSelected(file: PreparedFile, selection: Selection): Promise<Content | undefined> {
    switch (selection.kind) {
      case 'whole':
      case 'part':
      case 'parts':
        this.sendFileHead(file)
        return file.content
      case 'notModified':
        this.sendNotModified(file)
        break
      case 'preconditionFailed':
        this.sendConditionError(412, file)
        break
      case 'rangeNotSatisfiable':
        this.sendConditionError(416, file)
        break
    }
    await file.content.close()
    return undefined
  }

  #addExtraHeaders(): void {
    const origin = allowedOrigin(this.cors)
    if (origin !== undefined) this.sendHeader('Access-Control-Allow-Origin', origin)
    for (const [name, value] of this.extraResponseHeaders) this.sendHeader(name, value)
  }
}

/** Closes what a subclass's `sendHead()` may have returned: content, or a stream. */
async function closeContent(content: Content | Readable): Promise<void> {
  if ('destroy' in content) content.destroy()
  else await content.close()
}
