import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import express from 'express'
import { expect, it } from '@jest/globals'
import { HTTPServer } from '../../lib/server/http-server.ts'
import { parseResponses } from '../helpers/raw.ts'

// The end of a client's half of the connection is all that tells of its leaving; one that waits may have sent it, too.

type App = (request: IncomingMessage, response: ServerResponse) => void

/** Sends a request to an app; what `meanwhile` does comes when the app has it. */
async function ask(
  app: App,
  version: string,
  meanwhile: (socket: Socket) => void,
): Promise<string> {
  let begun: (() => void) | undefined
  const beginning = new Promise<void>((resolve) => (begun = resolve))
  const outer = express()
  outer.use((request, response) => {
    app(request, response)
    begun?.()
  })
  const server = await new HTTPServer(['127.0.0.1', 0], outer, { log: false }).listen()
  const socket = connect({ port: server.serverPort, host: '127.0.0.1', allowHalfOpen: true })
  const received: Buffer[] = []
  socket.on('data', (chunk: Buffer) => received.push(chunk))
  socket.write(`GET / HTTP/${version}\r\nHost: h\r\n\r\n`)
  await beginning
  const closed = once(socket, 'close')
  meanwhile(socket)
  await closed
  await server.shutdown()
  return Buffer.concat(received).toString('latin1')
}

it.each([
  ['has not begun to answer', '1.1', false],
  ['has begun to answer', '1.1', true],
  ['cannot be asked', '1.0', false],
])('an app whose client %s sees that it has gone', async (_, version, begins) => {
  let seen: Promise<unknown> | undefined
  let aborted = false
  await ask(
    (request, response) => {
      seen = once(response, 'close')
      request.once('aborted', () => (aborted = true))
      if (begins) response.write('data')
    },
    version,
    (socket) => socket.destroy(),
  )
  await seen
  expect(aborted).toBe(true)
})

it('a client that has sent all it wants gets its answer', async () => {
  const received = await ask(
    (request, response) => {
      // When it has been asked whether it is there, twice.
      const asked = setInterval(() => {
        if (request.socket.bytesWritten < 2 * 'HTTP/1.1 102 Processing\r\n\r\n'.length) return
        clearInterval(asked)
        response.end('late')
      }, 20)
    },
    '1.1',
    (socket) => socket.end(),
  )
  const responses = parseResponses(Buffer.from(received, 'latin1'))
  expect(responses.map(({ status }) => status)).toEqual([102, 102, 200])
  expect(responses.at(-1)?.body.toString()).toBe('late')
})
