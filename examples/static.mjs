// A directory, as the command serves it: node examples/static.mjs [port]
import { fileURLToPath } from 'node:url'
import { serve, SimpleHTTPRequestHandler } from 'basehttp'

class Site extends SimpleHTTPRequestHandler {
  directory = fileURLToPath(new URL('site', import.meta.url))
}

await serve(Site, { port: Number(process.argv[2] ?? 8000), protocol: 'HTTP/1.1' })
