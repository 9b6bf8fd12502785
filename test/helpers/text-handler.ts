import { BaseHTTPRequestHandler } from '../../lib/handlers/base.ts'

/** A handler that answers with text; POST gets its content back. */
export class TextHandler extends BaseHTTPRequestHandler {
  async do_POST(): Promise<void> {
    let text = ''
    for await (const chunk of this.rfile) text += (chunk as Buffer).toString()
    this.reply(text)
  }

  protected reply(text: string): void {
    this.sendResponse(200)
    this.sendHeader('Content-Length', text.length)
    this.endHeaders()
    this.wfile.write(text)
  }
}
