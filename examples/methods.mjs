// Methods of one's own, and content that is read: node examples/methods.mjs [port]
import { BaseHTTPRequestHandler, serve } from 'basehttp'

class Methods extends BaseHTTPRequestHandler {
  protocolVersion = 'HTTP/1.1'

  // curl -X SPAM http://localhost:8000/
  do_SPAM() {
    this.answer(Buffer.from('spam, spam, spam\n'))
  }

  // curl -T file http://localhost:8000/
  async do_PUT() {
    let size = 0
    for await (const chunk of this.rfile) size += chunk.length
    this.answer(Buffer.from(`${size} bytes\n`))
  }

  /** @param {Buffer} body */
  answer(body) {
    this.sendResponse(200)
    this.sendHeader('Content-Length', body.length)
    this.endHeaders()
    this.wfile.write(body)
  }
}

await serve(Methods, { port: Number(process.argv[2] ?? 8000), protocol: 'HTTP/1.1' })
