import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { feed } from '../cgi/feed.ts'
import type { Release } from '../cgi/queue.ts'
import type { ComingInput, InputFailure } from '../cgi/relay.ts'
import { spool, type Input, type Spooling, type SpoolOutcome } from '../cgi/spool.ts'
import type { Upload } from '../cgi/uploads.ts'
import { parameterOf } from '../http/parameter.ts'
import { Growth } from './cgi-growth.ts'

/** A request's content as a script gets it. */
export type ScriptContent =
  /** There is none; `length` is 0 if the client said so. */
  | { readonly kind: 'none'; readonly length: 0 | undefined }
  /** It is in a file; `decoded` if something has undone its `Content-Encoding`. */
  | { readonly kind: 'file'; readonly input: Input; readonly decoded: boolean }
  /** It still comes, slowly; `release` gives back the place in the queue that the script has already. */
  | {
      readonly kind: 'stream'
      readonly input: Input
      readonly decoded: false
      readonly release: Release
      readonly coming: ComingInput
    }
  /** An error should be answered. */
  | { readonly kind: 'refused'; readonly status: number; readonly cause?: string }
  /** The client has gone. */
  | { readonly kind: 'gone' }

/** Code of the log line about content that other middleware has read before a script could. */
const BODY_CONSUMED = 'ERR_CGI_BODY_CONSUMED'

/** Milliseconds for which the rest of content is read after the answer. */
const LINGER = 1000

/** How content is taken. */
export interface ContentOptions {
  /** Most bytes accepted. */
  readonly maxBodySize: number
  /** Whether the script runs as another user, who has to be able to open the file again. */
  readonly shared: boolean
  /** Asks the client for its content, if it waits to be asked. */
  proceed(): void
  /** Asks for a place to take the content in. */
  enterUpload(): Upload | undefined
  /** Asks for a place in the queue for a script whose content comes slowly. */
  enterEarly(): Release | undefined
  /** Where the script's answer goes. */
  readonly response: ServerResponse
}

/** What a body parser leaves behind. */
interface ParsedRequest extends IncomingMessage {
  body?: unknown
  rawBody?: unknown
}

/**
 * Takes a request's content for a script: to the end, chunked coding removed, into a file.
 *
 * Content that a body parser has read is taken from `req.rawBody` or `req.body` if these have it as it was.
 */
export async function takeContent(
  request: IncomingMessage,
  options: ContentOptions,
): Promise<ScriptContent> {
  const declared = declaredLength(request)
  if (declared === undefined || declared === 0) return { kind: 'none', length: declared }
  if (declared !== 'unknown' && declared > options.maxBodySize) {
    return { kind: 'refused', status: 413 }
  }
  if (!request.complete && request.destroyed) return { kind: 'gone' }
  if (Readable.isDisturbed(request)) return takeParsed(request, options)
  const upload = options.enterUpload()
  if (upload === undefined) return { kind: 'refused', status: 503 }
  options.proceed()
  if (declared === 'unknown') return spoolFrom(request, options, { decoded: false, upload })
  return spoolOrFeed(request, { ...options, upload }, declared)
}

// --- Internal ---

/** The length of the content, as far as the head tells; `undefined` if there is none (RFC 9112 section 6.3). */
function declaredLength(request: IncomingMessage): number | 'unknown' | undefined {
  const { headers } = request
  if (headers['transfer-encoding'] !== undefined) return 'unknown'
  const length = headers['content-length']
  if (length !== undefined) return Number(length)
  // HTTP/2 needs neither field.
  return request.httpVersionMajor >= 2 && !request.complete ? 'unknown' : undefined
}

async function spoolFrom(
  source: Readable,
  options: ContentOptions,
  { decoded, upload }: { readonly decoded: boolean; readonly upload?: Upload },
): Promise<ScriptContent> {
  const { maxBodySize: maxSize, shared } = options
  const watched = upload === undefined ? {} : { expelled: upload.expelled }
  const grown = ({ size }: Spooling): void => upload?.grow(size)
  const outcome = await spool(source, { maxSize, shared, ...watched, grown }).finally(() => {
    upload?.leave()
  })
  return contentOf(outcome, decoded)
}

/**
 * Takes content of known length; if it comes slowly, the script is started with a pipe, so that it can answer before all
 * of it is there.
 */
async function spoolOrFeed(
  request: IncomingMessage,
  options: ContentOptions & { readonly upload: Upload },
  length: number,
): Promise<ScriptContent> {
  const { upload } = options
  const growth = new Growth()
  const spooling = spool(request, {
    maxSize: options.maxBodySize,
    shared: options.shared,
    expelled: upload.expelled,
    grown: (file) => {
      growth.grow(file)
      upload.grow(file.size)
    },
  }).finally(() => {
    upload.leave()
  })
  spooling.then(
    (outcome) => {
      growth.finish(failureOf(outcome))
    },
    (error: unknown) => {
      growth.finish({
        kind: 'failed',
        status: 500,
        cause: `has lost its content: ${String(error)}`,
      })
    },
  )
  const release = await growth.whenSlow(() => options.enterEarly())
  if (release === undefined) return contentOf(await spooling, false)
  const input = await feed(growth, length).catch((error: unknown) => {
    release()
    // Without a script the content is of no more use; what becomes of it is of no interest.
    void spooling.then(discard, () => undefined)
    throw error
  })
  if (input === undefined) {
    release()
    return contentOf(await spooling, false)
  }
  followUp(request, options.response, spooling)
  return { kind: 'stream', input, decoded: false, release, coming: growth }
}

/** Sees to it that the rest of content does not outlive the answer. */
function followUp(
  request: IncomingMessage,
  response: ServerResponse,
  spooling: Promise<SpoolOutcome>,
): void {
  let timer: NodeJS.Timeout | undefined
  const onClose = (): void => {
    // To close at once could take an answer away that the client has not read yet.
    if (response.writableFinished) timer = setTimeout(() => request.destroy(), LINGER)
    else request.destroy()
  }
  response.once('close', onClose)
  void spooling
    .then(discard, () => undefined)
    .finally(() => {
      response.off('close', onClose)
      clearTimeout(timer)
    })
}

function discard(outcome: SpoolOutcome): void {
  if (outcome.kind === 'spooled') void outcome.spool.remove()
}

function contentOf(outcome: SpoolOutcome, decoded: boolean): ScriptContent {
  if (outcome.kind === 'spooled') return { kind: 'file', input: outcome.spool, decoded }
  if (outcome.kind === 'aborted') return { kind: 'gone' }
  return { kind: 'refused', status: refusals[outcome.kind] }
}

/** What content that is not all there means to a script that has it already. */
function failureOf(outcome: SpoolOutcome): InputFailure | undefined {
  if (outcome.kind === 'spooled') return undefined
  if (outcome.kind === 'aborted') return { kind: 'gone' }
  return { kind: 'failed', status: refusals[outcome.kind] }
}

const refusals = { tooLarge: 413, tooSlow: 408 } as const

function takeParsed(
  request: ParsedRequest,
  options: ContentOptions,
): ScriptContent | Promise<ScriptContent> {
  const { body, rawBody } = request
  const bytes = toBytes(rawBody, request) ?? toBytes(body, request)
  if (bytes === undefined) {
    const found = body === undefined ? 'there is no req.body' : `req.body is ${describe(body)}`
    const cause =
      `${BODY_CONSUMED}: the request's content was read before the script could, and ${found}, ` +
      'not what was read; mount cgiHandler() before the body parser, or have that make a Buffer'
    return { kind: 'refused', status: 500, cause }
  }
  const decoded = request.headers['content-encoding'] !== undefined
  return spoolFrom(Readable.from([bytes]), options, { decoded })
}

/** What was read, as bytes; `undefined` if it cannot be told from what there is. */
function toBytes(body: unknown, request: IncomingMessage): Buffer | undefined {
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (typeof body !== 'string') return undefined
  const charset = parameterOf(request.headers['content-type'] ?? '', 'charset') ?? 'utf-8'
  const encoding = encodings[charset.toLowerCase()]
  return encoding === undefined ? undefined : Buffer.from(body, encoding)
}

/** Charsets by which a text becomes the bytes again that it was read from. */
const encodings: Readonly<Record<string, BufferEncoding>> = {
  'utf-8': 'utf8',
  utf8: 'utf8',
  'us-ascii': 'latin1',
  'iso-8859-1': 'latin1',
}

function describe(body: unknown): string {
  return typeof body === 'string' ? 'text of another charset' : `of type ${typeof body}`
}
