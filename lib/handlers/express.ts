import { FileError } from '../files/errors.ts'
import { guessType } from '../files/mime.ts'
import { escapeHtml } from '../http/escape.ts'
import type { Refusal } from '../../types/files.ts'
import type { PreparedFile } from './simple-file.ts'
import { SimpleHTTPRequestHandler } from './simple.ts'

/**
 * Serves files as `serve-static` does: its fields and their order, its redirect page, and errors left to the app.
 */
export class ExpressFileHandler extends SimpleHTTPRequestHandler {
  // Node adds its own Date; Server is the app's to send.
  protected override announces = false

  /** The media type that `mime-types` has, as with `send`. */
  override guessType(path: string): string {
    return guessType(path, this.extensionsMap, this.defaultContentType, 'express')
  }

  protected override handleUnknownMethod(): void {
    if (this.fallthrough) {
      this.decline()
      return
    }
    this.sendResponse(405)
    this.sendHeader('Allow', 'GET, HEAD')
    this.sendHeader('Content-Length', '0')
    this.endHeaders()
  }

  /** Leaves it to the next handler, or to the app's error handler. */
  protected override refuse({ status, cause }: Refusal): void {
    this.decline(this.fallthrough && status < 500 ? undefined : new FileError(status, cause))
  }

  protected override sendConditionError(status: 412 | 416, file: PreparedFile): void {
    // Whoever answers the error finds it on the response, and in the error.
    const fields = status === 416 ? { 'Content-Range': `bytes */${file.size}` } : undefined
    if (fields !== undefined) this.response.setHeader('Content-Range', fields['Content-Range'])
    this.decline(new FileError(status, undefined, fields))
  }

  protected override sendRedirect(location: string): void {
    const shown = escapeHtml(location).replaceAll('&#x27;', '&#39;')
    const page = redirectPage(shown)
    this.sendResponse(301)
    this.sendHeader('Content-Type', 'text/html; charset=UTF-8')
    this.sendHeader('Content-Length', Buffer.byteLength(page))
    this.addField('Content-Security-Policy', "default-src 'none'")
    this.sendHeader('X-Content-Type-Options', 'nosniff')
    this.sendHeader('Location', location)
    this.endHeaders()
    if (this.command !== 'HEAD') this.wfile.write(page)
  }

  protected override sendFileHead(file: PreparedFile): void {
    this.sendResponse(file.status)
    this.addFileFields(file)
    this.addField('Content-Type', file.type)
    if (file.contentRange !== undefined) this.sendHeader('Content-Range', file.contentRange)
    this.sendHeader('Content-Length', file.content.size)
    if (file.coding !== undefined) this.sendHeader('Content-Encoding', file.coding)
    this.endHeaders()
  }

  protected override sendNotModified(file: PreparedFile): void {
    for (const name of contentFields) this.response.removeHeader(name)
    this.sendResponse(304)
    this.addFileFields(file)
    this.endHeaders()
  }

  /** The fields that a file's 200, 206 and 304 have in common. */
  protected addFileFields(file: PreparedFile): void {
    if (this.acceptRanges) this.addField('Accept-Ranges', 'bytes')
    if (file.cacheControl !== undefined) this.addField('Cache-Control', file.cacheControl)
    if (file.lastModified !== undefined) this.addField('Last-Modified', file.lastModified)
    if (file.etag !== undefined) this.addField('ETag', file.etag)
    if (file.negotiated) this.sendHeader('Vary', 'Accept-Encoding')
  }
}

/** Fields of content that a 304 has none of, whoever set them. */
const contentFields = [
  'Content-Encoding',
  'Content-Language',
  'Content-Length',
  'Content-Range',
  'Content-Type',
]

function redirectPage(location: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Redirecting</title>
</head>
<body>
<pre>Redirecting to ${location}</pre>
</body>
</html>
`
}
