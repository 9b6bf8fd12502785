import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from '@jest/globals'
import polka from 'polka'
import { simpleHandler } from '../../lib/middleware/simple.ts'
import { HTTPServer } from '../../lib/server/http-server.ts'
import type { Middleware } from '../../types/middleware.ts'
import { closingServers } from '../helpers/closing.ts'

const servers = closingServers()

function makeApp() {
  const app = polka()
  const own: Middleware = (req, res, next) => {
    if (req.url === '/own?a=b') res.end('own')
    else next?.()
  }
  app.use(own)
  app.use('/files', simpleHandler(__dirname, { index: false }))
  return app
}

async function ask(port: number, path: string): Promise<[status: number, text: string]> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`)
  return [response.status, await response.text()]
}

it("Polka's handler answers on HTTPServer as it does on node:http", async () => {
  const server = await new HTTPServer(['127.0.0.1', 0], makeApp().handler, { log: false }).listen()
  servers.add(server)
  const node = createServer(makeApp().handler)
  await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve))
  const { port } = node.address() as AddressInfo
  try {
    for (const [path, status] of [
      ['/own?a=b', 200],
      ['/files/polka.test.ts', 200],
      ['/files/none', 404],
      ['/none', 404],
    ] as const) {
      const ours = await ask(server.serverPort, path)
      expect(ours[0]).toBe(status)
      expect(ours).toEqual(await ask(port, path))
    }
  } finally {
    node.closeAllConnections()
    node.close()
  }
})
