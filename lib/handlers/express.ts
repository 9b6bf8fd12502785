import { FileError } from '../files/errors.ts'
import { guessType } from '../files/mime.ts'
import { escapeHtml } from '../http/escape.ts'
import type { Refusal } from '../../types/files.ts'
import type { PreparedFile } from './simple-file.ts'
import { markOwn } from './own-classes.ts'
import { isPreflight } from './simple-cors.ts'
import { SimpleHTTPRequestHandler } from './simple.ts'

/**
 * Serves files as `serve-static` does: its fields and their order, its redirect page, and errors left to the app.
 */
export class ExpressFileHandler extends SimpleHTTPRequestHandler {
  static {
    markOwn(this)
  }

  // Node adds its own Date; Server is the app's to send.
  protected override announces = false
  /** @internal A browser's reload gets the file again, as with `fresh`. */
  readonly reloads = true

  /** The media type that `mime-types` has, as with `send`. */
  override guessType(path: string): string {
    return guessType(path, this.extensionsMap, this.defaultContentType, 'express')
  }

  protected override handleUnknownMethod(): void | Promise<void> {
    if (this.fallthrough || isPreflight(this)) return super.handleUnknownMethod()
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
    // Whoever answers the error finds the file's fields on the response, where send() leaves them.
    const { response } = this
    for (const [name, value] of this.fileFields(file)) {
      if (!response.hasHeader(name)) response.setHeader(name, value)
    }
    if (file.negotiated) response.appendHeader('Vary', 'Accept-Encoding')
    const range = status === 416 ? { 'Content-Range': `bytes */${file.size}` } : undefined
    if (range !== undefined) response.setHeader('Content-Range', range['Content-Range'])
    this.decline(new FileError(status, undefined, range))
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
    for (const [name, value] of this.fileFields(file)) this.addField(name, value)
    if (file.contentRange !== undefined) this.sendHeader('Content-Range', file.contentRange)
    this.sendHeader('Content-Length', file.content.size)
    if (file.handover !== undefined) this.sendHeader(...file.handover)
    if (file.coding !== undefined) this.sendHeader('Content-Encoding', file.coding)
    if (file.negotiated) this.sendHeader('Vary', 'Accept-Encoding')
    this.endHeaders()
  }

  protected override sendNotModified(file: PreparedFile): void {
    for (const name of contentFields) this.response.removeHeader(name)
    this.sendResponse(304)
    for (const [name, value] of this.fileFields(file)) {
      if (name !== 'Content-Type') this.addField(name, value)
    }
    if (file.negotiated) this.sendHeader('Vary', 'Accept-Encoding')
    this.endHeaders()
  }

  /** The fields that a file has whatever of it is sent. */
  protected fileFields(file: PreparedFile): (readonly [name: string, value: string])[] {
    const fields: [string, string][] = []
    if (this.acceptRanges) fields.push(['Accept-Ranges', 'bytes'])
    if (file.cacheControl !== undefined) fields.push(['Cache-Control', file.cacheControl])
    if (file.lastModified !== undefined) fields.push(['Last-Modified', file.lastModified])
    if (file.etag !== undefined) fields.push(['ETag', file.etag])
    fields.push(['Content-Type', file.type])
    return fields
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
