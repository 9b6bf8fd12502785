import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Content, FoundFile, Selection, SetHeaders } from '../../types/files.ts'
import { BytesContent, contentOf, MultipartContent, type FileContent } from '../files/content.ts'
import { BOM_LENGTH, isText, sniffCharset, withCharset } from '../files/mime.ts'
import { select, selectAsPython } from '../files/select.ts'
import { parseHttpDate } from '../http/date.ts'
import { formatEtag } from '../http/etag.ts'
import type { HTTPMessage } from '../http/message.ts'
import { handoverOf, type Handover, type SendfileSettings } from './sendfile.ts'

/** Up to so many bytes a file is read before its head is sent, and sent with it in one write. */
const MOST_READ_AHEAD = 64 * 1024

/**
 * Milliseconds after which a file written again gets another time, to the millisecond: one, and what the clock of a file
 * system may lag behind.
 */
const UNSETTLED = 20

/** Longest `max-age`: a year in seconds. */
const MAX_AGE = 31_536_000

/** What of a handler decides how a file is sent. */
export interface FileHandler extends SendfileSettings {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly headers: HTTPMessage
  readonly command: string
  readonly acceptRanges: boolean
  readonly etag: boolean | 'weak' | 'strong'
  readonly lastModified: boolean
  readonly charset: string | false
  readonly cacheControl: boolean | string
  readonly maxAge: number
  readonly immutable: boolean
  readonly setHeaders: SetHeaders | undefined
  /** Whether `Cache-Control: no-cache` in a request rules 304 out. */
  readonly reloads?: boolean
  guessType(path: string): string
  dateTimeString(timestamp?: number): string
}

/** A file and all that its response's head says of it. */
export interface PreparedFile {
  readonly selection: Selection
  readonly status: number
  readonly type: string
  /** Bytes of the whole. */
  readonly size: number
  /** What is sent, of the length it has. */
  readonly content: Content & { readonly size: number }
  readonly contentRange: string | undefined
  readonly lastModified: string | undefined
  readonly etag: string | undefined
  readonly cacheControl: string | undefined
  readonly coding: string | undefined
  readonly negotiated: boolean
  /** Has the server before this one send the content, of which there is none here. */
  readonly handover: Handover | undefined
}

/**
 * Decides what of a file is sent and what is said of it. Nothing is sent yet.
 *
 * @param handler - whose settings and override points count
 * @param found - the file; the content returned closes it
 */
export async function prepareFile(handler: FileHandler, found: FoundFile): Promise<PreparedFile> {
  const { file } = found
  const { response, strict, headers } = handler
  const { size, mtimeMs } = file.stats
  const guessed = handler.guessType(found.path)
  const lastModified = handler.lastModified || strict ? handler.dateTimeString(mtimeMs) : undefined
  if (strict) {
    const since = headers.get('If-Modified-Since') ?? undefined
    const selection = selectAsPython(since, headers.has('If-None-Match'), mtimeMs)
    const content = await wholeContent(handler, found, selection)
    return complete(
      { selection, type: guessed, size, lastModified, ...withoutAdditions },
      { content },
    )
  }
  const set = handler.setHeaders?.(response, found.path, file.stats)
  if (set !== undefined) await set
  const fresh = Math.abs(Date.now() - mtimeMs) < UNSETTLED
  const etag = etagOf(handler, found, fresh)
  const handover = response.statusCode === 200 ? handoverOf(handler, found) : undefined
  const preset = presetText(response, 'ETag')
  // Whoever sends the file may know it by validators of its own, which the client's conditions are then about.
  const decides = handover === undefined && isSuccess(response)
  const selection = decides
    ? select(handler.command, handler.request.headers, {
        etag: preset ?? etag,
        otherEtag: preset === undefined ? etagOf(handler, found, !fresh) : undefined,
        lastModified: presetTime(response) ?? (handler.lastModified ? mtimeMs : undefined),
        size,
        acceptRanges: handler.acceptRanges,
        reloads: handler.reloads === true,
      })
    : whole
  return finish(handler, found, {
    selection,
    type: guessed,
    size,
    lastModified,
    etag,
    cacheControl: cacheControlOf(handler),
    coding: found.coding?.name,
    negotiated: found.negotiated,
    handover,
  })
}

// --- Internal ---

/** The value of `Cache-Control`; `undefined` for none. */
function cacheControlOf(
  settings: Pick<FileHandler, 'cacheControl' | 'maxAge' | 'immutable'>,
): string | undefined {
  const { cacheControl, maxAge, immutable } = settings
  if (typeof cacheControl === 'string') return cacheControl
  if (!cacheControl) return undefined
  const seconds = Math.min(Math.max(0, Math.floor(maxAge / 1000)), MAX_AGE)
  return `public, max-age=${seconds}${immutable ? ', immutable' : ''}`
}

const whole: Selection = { kind: 'whole' }

/** What http.server says nothing of. */
const withoutAdditions = {
  etag: undefined,
  cacheControl: undefined,
  coding: undefined,
  negotiated: false,
  handover: undefined,
}

const nothing = new BytesContent(new Uint8Array())

/** What is decided before the content. */
type Decided = Omit<PreparedFile, 'status' | 'content' | 'contentRange'>

/** Field by field: to spread an object of so many costs more than all decisions together. */
function complete(
  decided: Decided,
  chosen: Pick<PreparedFile, 'content'> &
    Partial<Pick<PreparedFile, 'status' | 'type' | 'contentRange'>>,
): PreparedFile {
  return {
    selection: decided.selection,
    status: chosen.status ?? 200,
    type: chosen.type ?? decided.type,
    size: decided.size,
    content: chosen.content,
    contentRange: chosen.contentRange,
    lastModified: decided.lastModified,
    etag: decided.etag,
    cacheControl: decided.cacheControl,
    coding: decided.coding,
    negotiated: decided.negotiated,
    handover: decided.handover,
  }
}

/** Chooses content and type, which depend on what was selected. */
async function finish(
  handler: FileHandler,
  found: FoundFile,
  decided: Decided,
): Promise<PreparedFile> {
  const { file } = found
  const { selection, size } = decided
  if (decided.handover !== undefined) {
    const type = await typeWithCharset(handler, found, decided.type, undefined)
    await file.close()
    return complete(decided, { type, content: nothing })
  }
  const content = await wholeContent(handler, found, selection)
  // A 304 names no type, so the file need not be read for it.
  if (selection.kind === 'notModified') return complete(decided, { content })
  const type = await typeWithCharset(handler, found, decided.type, content)
  const status = handler.response.statusCode
  switch (selection.kind) {
    case 'part': {
      const { start, end } = selection
      const contentRange = `bytes ${start}-${end}/${size}`
      const part = contentOf(file, start, end - start + 1)
      return complete(decided, { status: 206, type, content: part, contentRange })
    }
    case 'parts': {
      const parts = new MultipartContent(file, type, selection.ranges)
      const multipart = `multipart/byteranges; boundary=${parts.boundary}`
      return complete(decided, { status: 206, type: multipart, content: parts })
    }
    default:
      // A file that became shorter since it was opened is no longer what the validators say.
      return content.size === size
        ? complete(decided, { status, type, content })
        : {
            ...complete(decided, { status, type, content }),
            etag: undefined,
            lastModified: undefined,
          }
  }
}

/** The whole file: in memory if it is small and about to be sent, else to be read. */
async function wholeContent(
  { command }: FileHandler,
  { file }: FoundFile,
  selection: Selection,
): Promise<BytesContent | FileContent> {
  const { size } = file.stats
  const reads = selection.kind === 'whole' && command === 'GET' && size <= MOST_READ_AHEAD
  if (!reads || file.bytes !== undefined) return contentOf(file, 0, size)
  const bytes = size === 0 ? Buffer.alloc(0) : await file.read(0, size)
  await file.close()
  return new BytesContent(bytes)
}

/** Adds the charset that a byte order mark names, or else the one that is set. */
async function typeWithCharset(
  { charset }: FileHandler,
  { file, coding }: FoundFile,
  type: string,
  content: BytesContent | FileContent | undefined,
): Promise<string> {
  if (charset === false || !isText(type)) return type
  const start =
    coding?.start ??
    (content instanceof BytesContent ? content.bytes : await file.read(0, BOM_LENGTH))
  return withCharset(type, sniffCharset(start) ?? charset)
}

/**
 * The tag of what is sent. Milliseconds, which Express counts, do not tell apart what is written and read within one; so
 * the tag of a file that was written just now counts microseconds.
 */
function etagOf(
  { etag }: FileHandler,
  { file, coding }: FoundFile,
  fine: boolean,
): string | undefined {
  if (etag === false) return undefined
  const { size, mtimeMs } = file.stats
  return formatEtag(size, mtimeMs, { weak: etag !== 'strong', suffix: coding?.name, fine })
}

/** Whether the answer can be one that conditions and ranges are for: middleware may have set another status before. */
function isSuccess({ statusCode }: ServerResponse): boolean {
  return statusCode >= 200 && statusCode < 300
}

function presetText(response: ServerResponse, name: string): string | undefined {
  const value = response.getHeader(name)
  return typeof value === 'string' ? value : undefined
}

function presetTime(response: ServerResponse): number | undefined {
  const value = presetText(response, 'Last-Modified')
  return value === undefined ? undefined : parseHttpDate(value)
}
