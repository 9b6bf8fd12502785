// Every response through one override point: node examples/cors.mjs [port]
import { fileURLToPath } from 'node:url'
import { serve, SimpleHTTPRequestHandler } from 'basehttp'

class Cors extends SimpleHTTPRequestHandler {
  directory = fileURLToPath(new URL('site', import.meta.url))

  endHeaders() {
    this.sendHeader('Access-Control-Allow-Origin', '*')
    super.endHeaders()
  }
}

await serve(Cors, { port: Number(process.argv[2] ?? 8000) })
