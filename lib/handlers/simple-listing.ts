import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Content, Refusal } from '../../types/files.ts'
import { BytesContent } from '../files/content.ts'
import { refusal } from '../files/resolve.ts'
import { listDirectory, type Listing, type ListingRequest } from '../files/listing.ts'
import type { EntryPolicy } from '../files/listing-entries.ts'
import { pythonListing } from '../files/listing-python.ts'
import { select } from '../files/select.ts'
import { decodePath } from '../files/translate-path.ts'
import { publicPath, queryOf } from './simple-target.ts'
import type { TargetHandler } from './simple-target.ts'

/** What of a handler a listing depends on, and is sent by. */
export interface ListingHandler extends TargetHandler, EntryPolicy {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly etag: boolean | 'weak' | 'strong'
  readonly lastModified: boolean
  readonly extraResponseHeaders: readonly (readonly [name: string, value: string])[]
  sendError(code: number, message?: string): void
  sendResponse(code: number): void
  sendHeader(keyword: string, value: string | number): void
  endHeaders(): void
  dateTimeString(timestamp?: number): string
}

/**
 * Lists a directory: sends the head, or all of an error.
 *
 * @param refuse - answers for a directory that cannot be read
 * @returns what is to be copied; `undefined` if there is nothing
 */
export async function sendListing(
  handler: ListingHandler,
  path: string,
  refuse: (refusal: Refusal) => void,
): Promise<Content | undefined> {
  if (handler.strict) return sendPythonListing(handler, path)
  try {
    return sendHead(handler, await listDirectory(listingRequest(handler, path)))
  } catch (error) {
    refuse(refusal(error))
    return undefined
  }
}

// --- Internal ---

function listingRequest(handler: ListingHandler, path: string): ListingRequest {
  const urlPath = publicPath(handler)
  const mountDepth = handler.mount.split('/').length - 1
  return {
    path,
    policy: handler,
    accept: handler.request.headers.accept,
    query: queryOf(handler),
    page: {
      urlPath,
      displayPath: decodePath(urlPath),
      top: urlPath.split('/').length - 2 <= mountDepth,
      mountDepth,
    },
  }
}

/** Sends the head of a listing, or 304, which has no content. */
function sendHead(handler: ListingHandler, listing: Listing): Content | undefined {
  const { content, headers } = listing
  const etag = handler.etag === false ? undefined : listing.etag
  const lastModified = handler.lastModified ? listing.lastModified : undefined
  const { method = '', headers: requestHeaders } = handler.request
  const representation = { etag, lastModified, size: content.size ?? 0, acceptRanges: false }
  const selection = select(method, requestHeaders, representation)
  if (selection.kind === 'preconditionFailed') {
    handler.sendError(412)
    return undefined
  }
  const unchanged = selection.kind === 'notModified'
  handler.sendResponse(unchanged ? 304 : handler.response.statusCode)
  if (!unchanged) {
    handler.sendHeader('Content-type', listing.type)
    if (content.size !== undefined) handler.sendHeader('Content-Length', content.size)
  }
  if (lastModified !== undefined) {
    handler.sendHeader('Last-Modified', handler.dateTimeString(lastModified))
  }
  if (etag !== undefined) handler.sendHeader('ETag', etag)
  for (const [name, value] of headers) handler.sendHeader(name, value)
  handler.endHeaders()
  return unchanged ? undefined : content
}

/** Sends the head of the page that CPython makes. */
async function sendPythonListing(
  handler: ListingHandler,
  path: string,
): Promise<Content | undefined> {
  let bytes: Buffer | undefined
  try {
    bytes = await pythonListing(path, handler.mount + handler.path)
  } catch {
    handler.sendError(404, 'No permission to list directory')
    return undefined
  }
  if (bytes === undefined) {
    handler.sendError(404, 'File not found')
    return undefined
  }
  handler.sendResponse(200)
  handler.sendHeader('Content-type', 'text/html; charset=utf-8')
  handler.sendHeader('Content-Length', bytes.length)
  for (const [name, value] of handler.extraResponseHeaders) handler.sendHeader(name, value)
  handler.endHeaders()
  return new BytesContent(bytes)
}
