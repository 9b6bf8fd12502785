// A handler class in a Connect app: node examples/connect.mjs [port]
import { createServer } from 'node:http'
import { BaseHTTPRequestHandler, toMiddleware } from 'basehttp'
import connect from 'connect'

class Clock extends BaseHTTPRequestHandler {
  do_GET() {
    this.sendResponse(200)
    this.sendHeader('Content-Type', 'text/plain')
    this.endHeaders()
    this.wfile.write(`${this.dateTimeString()}\n`)
  }
}

const app = connect()
app.use('/clock', toMiddleware(Clock))

const server = createServer(app).listen(Number(process.argv[2] ?? 8000), () => {
  const address = server.address()
  if (typeof address === 'object') console.log(`http://localhost:${address?.port}/clock`)
})
