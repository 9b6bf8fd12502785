// The server that the soak test talks to: a process of its own, which tells what it holds when it is asked.
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)
const { CGIHTTPRequestHandler } = load('../../dist/lib/index.js')
const { HTTPServer } = load('../../dist/lib/server/http-server.js')
const { HTTPSServer } = load('../../dist/lib/server/https-server.js')

class Handler extends CGIHTTPRequestHandler {
  protocolVersion = 'HTTP/1.1'
  directory = process.argv[2]
  log = () => undefined
}

const errors = []
const watched = (Server) =>
  class extends Server {
    handleError(_request, _address, error) {
      errors.push(error instanceof Error ? error.stack : String(error))
    }
  }

const plain = await new (watched(HTTPServer))(['127.0.0.1', 0], Handler).listen()
const secure = await new (watched(HTTPSServer))(['127.0.0.1', 0], Handler, {
  selfSigned: true,
  // A client that leaves within the handshake may be noticed only then.
  handshakeTimeout: 2000,
}).listen()

process.on('uncaughtException', (error) => errors.push(`uncaught: ${error.stack}`))

/** Numbers of this process, once what it no longer needs is gone. */
async function measure() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const resources = process.getActiveResourcesInfo()
  const { heapUsed, external, rss } = process.memoryUsage()
  const { pid } = process
  return {
    memory: heapUsed + external,
    rss,
    descriptors: readdirSync('/proc/self/fd').length,
    timers: resources.filter((name) => name === 'Timeout').length,
    sockets: resources.filter((name) => /TCP(?:Socket)?Wrap|TLS/.test(name)).length,
    children: readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
      .length,
    errors: errors.splice(0),
  }
}

process.on('message', async (message) => {
  if (message === 'measure') process.send(await measure())
  else {
    await Promise.all([plain.shutdown(), secure.shutdown()])
    process.disconnect()
  }
})
// Whoever has started it may be stopped from outside.
process.on('disconnect', () => process.exit())
process.send({ port: plain.serverPort, securePort: secure.serverPort })
