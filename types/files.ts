import type { Stats } from 'node:fs'
import type { ServerResponse } from 'node:http'

/** What becomes of a path with a segment that starts with a dot: served, refused with 403, or not there. */
export type DotfilesPolicy = 'allow' | 'deny' | 'ignore'

/** Which symbolic links are followed: all, those that end inside the root, or none. */
export type SymlinkPolicy = 'follow' | 'inside' | 'deny'

/** A content coding of which a sibling file may hold the encoded bytes (RFC 9110 section 8.4.1, RFC 8878). */
export type ContentCoding = 'br' | 'zstd' | 'gzip'

/** The field by which another server is told to send a file: nginx's, or that of Apache, lighttpd and others. */
export type Sendfile = 'x-accel-redirect' | 'x-sendfile'

/** What the `setHeaders` option is: called before a file is sent, to add fields to the response. A promise is waited for. */
export type SetHeaders = (
  response: ServerResponse,
  path: string,
  stat: Stats,
) => void | Promise<void>

/** Bounds of a cache of small files. */
export interface CacheOptions {
  /** Most files. @defaultValue `10_000` */
  readonly maxEntries?: number
  /** Largest file, in bytes. @defaultValue `262_144` */
  readonly maxFileSize?: number
  /** Most memory, in bytes. @defaultValue `67_108_864` */
  readonly maxBytes?: number
}

/** What decides which file answers a path. A handler's own fields serve as this. */
export interface FileSettings {
  /** The root, as `translatePath` starts its paths with. */
  readonly directory: string
  /** Names tried in turn in a directory. */
  readonly indexPages: readonly string[]
  /** Whether a directory without index page is listed. */
  readonly listing: boolean
  /** Whether a directory's path without slash is redirected. */
  readonly redirect: boolean
  /** Extensions, without dot, tried in turn for a path that names nothing and has none. */
  readonly extensions: readonly string[]
  readonly dotfiles: DotfilesPolicy
  readonly symlinks: SymlinkPolicy
  /** Codings of siblings that may be sent instead, in the order preferred. */
  readonly precompressed: readonly ContentCoding[]
}

/** A path that was asked for, taken apart. */
export interface FileRequest {
  /** Where it lies on disk, a string as Python has them, `/` at its end kept. */
  readonly path: string
  /** The decoded segments of the URL's path, relative to the root. */
  readonly segments: readonly string[]
  /** Whether the URL's path ends with a slash. */
  readonly slash: boolean
  /** `Accept-Encoding`, if it was sent. */
  readonly acceptEncoding: string | undefined
}

/** A regular file that is open. */
export interface OpenedFile {
  /** Where it lies, a string as Python has them. */
  readonly path: string
  /** Of what was opened. */
  readonly stats: Stats
  /** All of its content, where that is in memory: to be sent, never to be changed. There is no descriptor then. */
  readonly bytes?: Buffer | undefined
  /**
   * Reads up to `length` bytes; fewer only at the end of the file.
   *
   * @throws NodeJS.ErrnoException
   */
  read(position: number, length: number): Promise<Buffer>
  /**
   * Where it lies now, without links, a string as Python has them.
   *
   * @returns `undefined` where the system does not say
   */
  realPath(): Promise<string | undefined>
  /** Gives the descriptor away; `close()` then does nothing. */
  release(): number
  /** Closes the descriptor; more than once does no harm. */
  close(): Promise<void>
}

/** A file to answer with. */
export interface FoundFile {
  readonly kind: 'file'
  /** Where the file lies, by which its type is told; that of `file` where no coding is used. */
  readonly path: string
  /** What is sent: the file, or its sibling. */
  readonly file: OpenedFile
  /** The coding of what is sent, and the first bytes of what it encodes. */
  readonly coding: { readonly name: ContentCoding; readonly start: Uint8Array } | undefined
  /** Whether another `Accept-Encoding` may lead to another file. */
  readonly negotiated: boolean
}

/** A directory to list. */
export interface FoundDirectory {
  readonly kind: 'directory'
  readonly path: string
  readonly stats: Stats
}

/** Why a path leads nowhere, and the status that says so. */
export interface Refusal {
  readonly kind: 'refused'
  readonly status: 400 | 403 | 404 | 500 | 503
  /** What the operating system said, if it was asked. */
  readonly cause: unknown
}

/** What a path leads to. */
export type Located =
  | FoundFile
  | FoundDirectory
  /** A directory asked for without the slash. */
  | { readonly kind: 'redirect' }
  | Refusal

/** What of a file is sent. */
export type Selection =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'parts'; readonly ranges: readonly { start: number; end: number }[] }
  | { readonly kind: 'notModified' }
  | { readonly kind: 'preconditionFailed' }
  | { readonly kind: 'rangeNotSatisfiable' }

/** The content of a response: what `sendHead()` returns and `copyfile()` copies. */
export interface Content extends AsyncIterable<Uint8Array> {
  /** Bytes in all; `undefined` if they are made as they are sent. */
  readonly size: number | undefined
  /** Gives up what it holds; more than once does no harm. */
  close(): Promise<void>
}
