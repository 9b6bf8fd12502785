import type { IncomingMessage } from 'node:http'
import type { FileRequest } from '../../types/files.ts'
import { join } from '../files/join.ts'

/** `text/html` by its own name, with a weight that is not zero. */
const html =
  /(?:^|,)\s*(?:text\/html|application\/xhtml\+xml)\s*(?:;(?!\s*q=0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)/i

/** Whether a path may be one of an application's pages, and not one of its parts: its last segment has no extension. */
export function mayBePage({ segments, slash }: FileRequest): boolean {
  return slash || segments.at(-1)?.includes('.') !== true
}

/** Whether a client takes a page for an answer: it asks for HTML, or says nothing of what it wants. */
export function wantsPage({ headers: { accept } }: IncomingMessage): boolean {
  return accept === undefined || accept.trim() === '*/*' || html.test(accept)
}

/** The request for the application's page, in place of what is not there. */
export function pageRequest(directory: string, page: string, request: FileRequest): FileRequest {
  const segments = page.split('/').filter((segment) => segment !== '')
  return {
    path: segments.reduce(join, directory),
    segments,
    slash: false,
    acceptEncoding: request.acceptEncoding,
  }
}
