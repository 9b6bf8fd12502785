import { basename } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { simpleHandler } from '../../lib/middleware/simple.ts'
import type { Middleware } from '../../types/middleware.ts'
import { hosts } from '../helpers/hosts.ts'
import { exchange, parseResponses } from '../helpers/raw.ts'
import { TextHandler } from '../helpers/text-handler.ts'

class Handler extends TextHandler {
  do_GET(): void {
    this.reply('text')
  }
}

/** What @fastify/express does to a response: `headersSent` says whether a method of its own was called. */
const redefine: Middleware = (_req, res, next) => {
  Object.defineProperty(res, 'headersSent', { get: () => false, configurable: true })
  next?.()
}

describe.each(hosts.filter((host) => !host.standalone))(
  'a host that redefines headersSent, by $name',
  (host) => {
    it.each([
      ['a handler class', Handler, 'GET', ''],
      ['a file', simpleHandler(__dirname), 'HEAD', basename(__filename)],
    ])('gets the whole answer of %s', async (_, handler, method, name) => {
      const server = await host.start(handler, { before: redefine })
      const received = await exchange(
        server.port,
        `${method} /${name} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
      )
      server.takeLog()
      const [response] = parseResponses(received, { methods: [method] })
      expect(response?.status).toBe(200)
      expect(response?.body.toString()).toBe(method === 'HEAD' ? '' : 'text')
    })
  },
)
