import type { FileRequest } from '../../types/files.ts'
import { join } from '../files/listing-entries.ts'
import type { TargetHandler } from './simple-target.ts'

/** `text/html` by its own name, with a weight that is not zero. */
const html =
  /(?:^|,)\s*(?:text\/html|application\/xhtml\+xml)\s*(?:;(?!\s*q=0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)/i

/**
 * Whether a request is for a page of an application, not for one of its parts: its last segment has no extension, and
 * the client asks for HTML, or says nothing of what it wants.
 */
export function isPageRequest({ request }: TargetHandler, { segments }: FileRequest): boolean {
  if (segments.at(-1)?.includes('.') === true) return false
  const { accept } = request.headers
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
