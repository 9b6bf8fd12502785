// A request handler class: node examples/hello.mjs [port]
import { BaseHTTPRequestHandler, serve } from 'basehttp'

class Hello extends BaseHTTPRequestHandler {
  do_GET() {
    const body = Buffer.from(`Hello from ${this.path}\n`)
    this.sendResponse(200)
    this.sendHeader('Content-Type', 'text/plain; charset=utf-8')
    this.sendHeader('Content-Length', body.length)
    this.endHeaders()
    this.wfile.write(body)
  }
}

await serve(Hello, { port: Number(process.argv[2] ?? 8000) })
