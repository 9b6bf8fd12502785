import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { HTTPServer } from '../../../lib/server/http-server.ts'
import { connect, exchange } from '../../helpers/raw.ts'

type Listener = (request: IncomingMessage, response: ServerResponse) => void

let ours: HTTPServer | undefined
let theirs: Server | undefined

afterEach(async () => {
  ours?.closeAllConnections()
  await ours?.shutdown()
  theirs?.closeAllConnections()
  theirs?.close()
  ours = theirs = undefined
})

async function startOurs(listener: Listener): Promise<number> {
  ours = await new HTTPServer(['127.0.0.1', 0], listener).listen()
  return ours.serverPort
}

async function startTheirs(listener: Listener): Promise<number> {
  theirs = createServer(listener)
  theirs.keepAliveTimeout = 0
  theirs.listen(0, '127.0.0.1')
  await once(theirs, 'listening')
  // A TCP server's address is never a string.
  return (theirs.address() as AddressInfo).port
}

/** Asserts that a listener gives the same bytes on `HTTPServer` as on node:http, and resolves with them. */
async function sameAnswer(listener: Listener, bytes: string): Promise<string> {
  const ports = await Promise.all([startOurs(listener), startTheirs(listener)])
  const answers = await Promise.all(
    ports.map(async (port) => (await exchange(port, bytes)).toString('latin1')),
  )
  const [mine = '', other] = answers.map((text) => text.replace(/^Date: .*$/gm, 'Date: x'))
  expect(mine).toBe(other)
  return mine
}

const get = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

const listeners: Readonly<Record<string, Listener>> = {
  'a head written with the content': (_, response) => {
    response.writeHead(200, 'Fine', ['A', '1', 'A', '2', 'Set-Cookie', 'a=b'])
    response.end('abc')
  },
  'a head sent before the content': (_, response) => {
    response.flushHeaders()
    setImmediate(() => response.end('late'))
  },
  'several values': (_, response) => {
    response.setHeader('X', ['1', '2'])
    response.appendHeader('X', '3')
    response.end()
  },
  'content in several encodings': (_, response) => {
    response.write('é', 'latin1')
    response.write('aGk=', 'base64')
    response.end('é')
  },
  'content in bytes': (_, response) => {
    response.write(new Uint8Array([65, 66]))
    response.end(Buffer.from('c'))
  },
  'corked content': (_, response) => {
    response.cork()
    response.write('a')
    response.write('b')
    process.nextTick(() => {
      response.uncork()
    })
    setImmediate(() => response.end('c'))
  },
  trailers: (request, response) => {
    // Node throws where there is no content to have them.
    if (request.method !== 'HEAD') response.setHeader('Trailer', 'X-T')
    response.write('a')
    response.addTrailers({ 'X-T': 'v' })
    response.end()
  },
  'interim responses': (_, response) => {
    response.writeContinue()
    response.writeProcessing()
    response.writeEarlyHints({ link: '</a>; rel=preload' })
    response.end('x')
  },
  'server-sent events': (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' })
    let count = 0
    const timer = setInterval(() => {
      response.write(`data: ${count++}\n\n`)
      if (count < 3) return
      clearInterval(timer)
      response.end()
    }, 5)
  },
  'no Date': (_, response) => {
    response.sendDate = false
    response.end('x')
  },
  'chunked coding asked for': (_, response) => {
    response.setHeader('Transfer-Encoding', 'chunked')
    response.end('x')
  },
  'a response cut off': (_, response) => {
    response.write('abc', () => response.destroy())
  },
  'a socket cut off': (request) => {
    request.socket.destroy()
  },
  'a request cut off': (request) => {
    request.destroy()
  },
  'a time that runs out': (_, response) => {
    response.setTimeout(30, () => response.end('timed'))
  },
  'large content, as fast as it is taken': (_, response) => {
    let left = 100
    const write = (): void => {
      while (left-- > 0) if (!response.write(Buffer.alloc(50_000, 'a'))) return
      response.end()
    }
    response.on('drain', write)
    write()
  },
  ...Object.fromEntries(
    [204, 205, 304].map((status): [string, Listener] => [
      `${status} with content`,
      (_, response) => {
        response.statusCode = status
        response.write('x')
        response.end('y')
      },
    ]),
  ),
}

describe('A listener on HTTPServer answers as on node:http', () => {
  it.each(Object.entries(listeners))('%s', async (_, listener) => {
    expect(await sameAnswer(listener, get)).toMatch(/^(?:HTTP\/1\.1 |$)/)
  })

  it.each(Object.entries(listeners))('%s, to HEAD', async (_, listener) => {
    const answer = await sameAnswer(listener, get.replace('GET', 'HEAD'))
    expect(answer).toMatch(/^(?:HTTP\/1\.1 |$)/)
  })

  it('an upgrade that nobody offers is none', async () => {
    const upgrade = get.replace('close', 'Upgrade, close\r\nUpgrade: websocket')
    const answer = await sameAnswer((request, response) => {
      response.end(request.headers.upgrade)
    }, upgrade)
    expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*websocket$/)
  })

  it.each(['content-length', 'chunked'])('content of %s is read', async (framing) => {
    const content = 'x'.repeat(1000)
    const [field, body] =
      framing === 'chunked'
        ? ['Transfer-Encoding: chunked', `3e8\r\n${content}\r\n0\r\nX: y\r\n\r\n`]
        : ['Content-Length: 1000', content]
    const bytes = `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${field}\r\n\r\n${body}`
    const answer = await sameAnswer((request, response) => {
      let length = 0
      request.on('data', (chunk: Buffer) => (length += chunk.length))
      request.on('end', () => response.end(`${length} ${request.trailers['x'] ?? ''}`))
    }, bytes)
    expect(answer).toMatch(framing === 'chunked' ? /1000 y/ : /1000 $/)
  })
})

describe('A listener on HTTPServer', () => {
  it('sees its client leave', async () => {
    const events: string[] = []
    const gone = new Promise<void>((resolve) => {
      void startOurs((request, response) => {
        request.on('aborted', () => events.push('aborted'))
        request.on('error', (error: NodeJS.ErrnoException) => events.push(String(error.code)))
        request.on('close', () => events.push('request closed'))
        response.on('finish', () => events.push('finish'))
        response.on('close', () => {
          events.push('response closed')
          setImmediate(resolve)
        })
        response.write('begun')
      }).then(async (port) => {
        const client = await connect(port)
        await client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\npart')
        await client.waitFor((received) => received.includes('begun'), 'a beginning')
        client.destroy({ reset: true })
      })
    })
    await gone
    expect(events.sort()).toEqual(['ECONNRESET', 'aborted', 'request closed', 'response closed'])
  })

  it('may end long after it has returned, and keeps the client that long', async () => {
    const port = await startOurs((_, response) => {
      response.write('partial')
      setTimeout(() => response.end(' whole'), 50)
    })
    expect((await exchange(port, get)).toString()).toMatch(/partial[^]* whole/)
  })
})
