import { afterEach } from '@jest/globals'
import type { HTTPServer } from '../../lib/server/http-server.ts'

/** A set of servers that are shut down after each test, whoever is connected. */
export function closingServers(): Set<HTTPServer> {
  const open = new Set<HTTPServer>()
  afterEach(async () => {
    for (const server of open) {
      server.closeAllConnections()
      await server.shutdown()
    }
    open.clear()
  })
  return open
}

/** A set of clients that are destroyed after each test. */
export function closingClients<T extends { destroy(): void }>(): Set<T> {
  const open = new Set<T>()
  afterEach(() => {
    for (const client of open) client.destroy()
    open.clear()
  })
  return open
}
