import { afterEach, describe, expect, it } from '@jest/globals'
import type { Exchange, WireOptions } from '../../../types/wire.ts'
import { connect, exchange as send, parseResponses, responses } from '../../helpers/raw.ts'
import {
  appDispatch,
  readContent,
  replyText,
  replyWith,
  startWire,
  type WireServer,
} from '../../helpers/wire.ts'

const get = (target: string, ...fields: string[]): string =>
  `${[`GET ${target} HTTP/1.1`, 'Host: a', ...fields].join('\r\n')}\r\n\r\n`
const last = get('/last', 'Connection: close')

let server: WireServer | undefined

async function start(
  dispatch: (exchange: Exchange) => void,
  options: Partial<WireOptions> = {},
): Promise<WireServer> {
  server = await startWire(dispatch, options)
  return server
}

/** Statuses and contents of all that comes back. */
async function answers(bytes: string | string[], methods: string[] = []): Promise<string[]> {
  const received = await send(server?.port ?? 0, bytes)
  return parseResponses(received, { methods }).map(
    ({ status, body }) => `${status} ${body.toString('latin1')}`,
  )
}

const echo = replyWith(({ head }) => `${head?.method ?? ''} ${head?.target ?? ''}`)
/** Reads all content first. */
const reading = (exchange: Exchange): void => {
  if (exchange.failure !== undefined) replyText(exchange, '')
  else {
    readContent(exchange.request).then(
      (content) => {
        replyText(exchange, `${exchange.head?.target ?? ''} ${content}`)
      },
      () => undefined,
    )
  }
}

/** Resolves when `find` has found something for so many turns of the event loop. */
async function soon<T>(find: () => T | undefined, turns = 1): Promise<T> {
  for (let found = 0; ;) {
    const value = find()
    found = value === undefined ? 0 : found + 1
    if (value !== undefined && found >= turns) return value
    await new Promise((resolve) => setImmediate(resolve))
  }
}

afterEach(async () => {
  await server?.close()
  server = undefined
})

describe('a connection', () => {
  it('answers one request after another', async () => {
    await start(echo)
    const client = await connect(server?.port ?? 0)
    await client.send(get('/1'))
    await client.waitFor(responses(1), 'first answer')
    await client.send(get('/2'))
    await client.waitFor(responses(2), 'second answer')
    await client.send(last)
    const received = await client.waitForClose()
    expect(parseResponses(received).map(({ body }) => body.toString())).toEqual([
      'GET /1',
      'GET /2',
      'GET /last',
    ])
    expect(client.reset).toBe(false)
  })

  it('answers pipelined requests in order, one at a time (R53)', async () => {
    let under = 0
    let most = 0
    await start((exchange) => {
      most = Math.max(most, ++under)
      setImmediate(() => {
        under--
        replyText(exchange, exchange.head?.target ?? '')
      })
    })
    expect(await answers(get('/1') + get('/2') + get('/3') + last)).toEqual([
      '200 /1',
      '200 /2',
      '200 /3',
      '200 /last',
    ])
    expect(most).toBe(1)
  })

  it('hands over a request only when its head is complete', async () => {
    const { port, exchanges } = await start(echo)
    const client = await connect(port)
    await client.sendPieces(get('/1').slice(0, -1).split(''))
    expect(exchanges).toHaveLength(0)
    await client.send('\n')
    await client.waitFor(responses(1), 'answer')
    expect(exchanges).toHaveLength(1)
    client.destroy()
  })

  it('closes when the client asks, and takes nothing sent behind (R44)', async () => {
    const { exchanges } = await start(echo)
    expect(await answers(get('/1', 'Connection: x, CLOSE') + get('/2'))).toEqual(['200 GET /1'])
    expect(exchanges).toHaveLength(1)
  })

  it.each([
    ['GET /1 HTTP/1.0\r\n\r\n', 1],
    ['GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', 2],
    ['GET /1 HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n', 1],
    ['GET /1 HTTP/1.3\r\nHost: a\r\n\r\n', 2],
    ['GET /1 HTTP/0.9\r\nConnection: keep-alive\r\n\r\n', 1],
    ['GET /1\r\n', 1],
  ])('persists as version and Connection say: %j (R13, R15, R45)', async (first, count) => {
    const { exchanges } = await start(echo)
    await answers(first + last)
    expect(exchanges).toHaveLength(count)
  })

  it('closes when the handler wants it', async () => {
    await start((exchange) => {
      exchange.persist = false
      echo(exchange)
    })
    expect(await answers(get('/1') + get('/2'))).toEqual(['200 GET /1'])
  })

  it('closes after the number of requests allowed, and says so', async () => {
    await start(echo, { maxRequests: 2 })
    const received = await send(server?.port ?? 0, get('/1') + get('/2') + get('/3'))
    expect(parseResponses(received).map((response) => response.get('connection'))).toEqual([
      undefined,
      'close',
    ])
  })

  it('refuses what is no request behind a good one, after its answer (R46)', async () => {
    await start((exchange) => {
      setImmediate(() => {
        replyText(exchange, exchange.failure?.message ?? exchange.head?.target ?? '')
      })
    })
    expect(await answers(`${get('/1')}BAD / LINE HTTP/1.1\r\n\r\n${get('/2')}`)).toEqual([
      '200 /1',
      "400 Bad request syntax ('BAD / LINE HTTP/1.1')",
    ])
  })

  it('gives refused bytes to the host as a failure with an empty request', async () => {
    const { port, exchanges } = await start(echo)
    await send(port, 'HEAD /x HTTP/1.0\r\nbad\r\n')
    const [{ head, failure, requestline, request, mayPersist } = {} as Exchange] = exchanges
    expect(head).toBeUndefined()
    expect(failure).toEqual({ code: 400, message: "Bad header line ('bad')" })
    expect(requestline).toBe('HEAD /x HTTP/1.0')
    expect(mayPersist).toBe(false)
    expect(request).toMatchObject({ method: 'HEAD', httpVersion: '1.0', complete: true, url: '' })
    expect(await readContent(request)).toBe('')
  })

  it('lets a client that still sends read why it was refused (R55, D7)', async () => {
    const { port } = await start(echo)
    const client = await connect(port)
    await client.send('GET / HTTP/7.7\r\n')
    await client.waitFor(responses(1), 'answer')
    await client.send('x'.repeat(100_000))
    const received = await client.waitForClose()
    expect(received.toString()).toContain('505')
    expect(client.reset).toBe(false)
  })

  it('answers 414 and 431 without a reset while the client sends on (D7)', async () => {
    const { port } = await start(echo)
    for (const [bytes, status] of [
      [`GET /${'x'.repeat(200_000)}`, 414],
      [`${get('/').slice(0, -2)}X: ${'y'.repeat(200_000)}`, 431],
    ] as const) {
      const client = await connect(port)
      await client.send(bytes)
      const received = await client.waitForClose()
      expect(parseResponses(received)[0]?.status).toBe(status)
      expect(client.reset).toBe(false)
    }
  })

  it('skips empty lines between requests (R5)', async () => {
    await start(echo)
    expect(await answers(`\r\n${get('/1')}\r\n\r\n${last}`)).toEqual([
      '200 GET /1',
      '200 GET /last',
    ])
  })

  it('closes in silence when nothing or only an empty line came', async () => {
    const { port, exchanges } = await start(echo)
    for (const bytes of ['', '\r\n']) {
      expect(await send(port, bytes, { halfClose: true })).toHaveLength(0)
    }
    expect(exchanges).toHaveLength(0)
  })

  it('answers a simple request at once and closes (R15)', async () => {
    const { port } = await start((exchange) => {
      const bytes = Buffer.from('raw')
      exchange.reply({ bytes: '', hasBody: true, length: 'until-close' }, bytes)
    })
    expect((await send(port, `GET /\r\n${last}`)).toString()).toBe('raw')
  })

  it('ignores Upgrade and what comes of it (R49)', async () => {
    await start(echo)
    const upgrade = get('/1', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c')
    expect(await answers(upgrade + last)).toEqual(['200 GET /1', '200 GET /last'])
  })

  it('answers with 500 when the host throws, once (P14)', async () => {
    await start((exchange) => {
      if (exchange.failure === undefined) throw new Error('broken')
      replyText(exchange, '')
    })
    expect(await answers(get('/1') + get('/2'))).toEqual(['500 '])
  })

  it('closes when the host throws over and over', async () => {
    const { port } = await start(() => {
      throw new Error('broken')
    })
    expect(await send(port, get('/1'))).toHaveLength(0)
  })
})

describe('half-closed clients (R50)', () => {
  it('still get all their answers', async () => {
    const { port } = await start((exchange) => {
      setImmediate(() => {
        echo(exchange)
      })
    })
    const received = await send(port, get('/1') + get('/2'), { halfClose: true })
    expect(parseResponses(received).map(({ body }) => body.toString())).toEqual([
      'GET /1',
      'GET /2',
    ])
  })

  it.each(['GET / HT', get('/').slice(0, -2), `${get('/').slice(0, -2)}X: y`])(
    'get 400 for half a head: %j (R41)',
    async (bytes) => {
      const { port } = await start(echo)
      const received = await send(port, bytes, { halfClose: true })
      expect(parseResponses(received)[0]?.status).toBe(400)
    },
  )

  it.each(['Content-Length: 10\r\n\r\nABC', 'Transfer-Encoding: chunked\r\n\r\n5\r\nABC'])(
    'get 400 for half of their content, and its reader an abort: %j (R41)',
    async (rest) => {
      const events: string[] = []
      const { port } = await start((exchange) => {
        if (exchange.failure !== undefined) replyText(exchange, '')
        else {
          const { request, response } = exchange
          for (const event of ['aborted', 'error', 'close', 'end']) {
            request.on(event, () => events.push(event))
          }
          response.on('close', () => events.push('response close'))
          request.resume()
        }
      })
      const received = await send(port, `POST / HTTP/1.1\r\nHost: a\r\n${rest}`, {
        halfClose: true,
      })
      expect(parseResponses(received)).toMatchObject([
        { status: 400, reason: 'Bad message framing' },
      ])
      expect(events).toEqual(
        expect.arrayContaining(['aborted', 'error', 'close', 'response close']),
      )
      expect(events).not.toContain('end')
    },
  )
})

describe('content', () => {
  const post = (target: string, field: string, content: string): string =>
    `POST ${target} HTTP/1.1\r\nHost: a\r\n${field}\r\n\r\n${content}`
  const chunkedGet = post(
    '/1',
    'Transfer-Encoding: chunked',
    '17\r\nGET /README.md HTTP/1.1\r\n0\r\n\r\n',
  )

  it.each([
    ['a length', post('/1', 'Content-Length: 27', 'GET /smuggled HTTP/1.1\r\nA: b')],
    [
      'chunks',
      post('/1', 'Transfer-Encoding: chunked', '1c\r\nGET /smuggled HTTP/1.1\r\nA: b\r\n0\r\n\r\n'),
    ],
    ['a GET', get('/1', 'Content-Length: 23').concat('GET /smuggled HTTP/1.1\n')],
    ['tabs', post('/1', 'Content-Length:\t5\t', 'ABCDE')],
  ])('is never taken for the next request, read or not: %s (R40, R42)', async (_, bytes) => {
    for (const dispatch of [echo, reading]) {
      const { exchanges, close } = await start(dispatch)
      const received = await answers(bytes + last)
      expect(received).toHaveLength(2)
      expect(exchanges.map(({ head }) => head?.target)).toEqual(['/1', '/last'])
      await close()
    }
  })

  it.each([
    ['Content-Length: 5\r\nContent-Length: 5', 400],
    ['Content-Length: 5, 5', 400],
    ['Content-Length: +5', 400],
    ['Content-Length: 5\r\nTransfer-Encoding: chunked', 400],
    ['Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', 400],
    ['Transfer-Encoding: xchunked', 501],
    ['Transfer-Encoding:', 400],
    ['Transfer-Encoding : chunked', 400],
    ['Content-Length: 4294967301', 0],
  ])('delimited by %j is not guessed at (R22, R30 to R35)', async (field, status) => {
    const { port, exchanges } = await start(echo)
    const client = await connect(port)
    await client.send(post('/1', field, `ABCDE${get('/smuggled')}`))
    const received = await client.waitForClose()
    expect(parseResponses(received).map((response) => response.status)).toEqual([status || 200])
    expect(exchanges).toHaveLength(1)
    expect(exchanges[0]?.head?.target).toBe(status === 0 ? '/1' : undefined)
  })

  it('reaches the request whole, from any pieces', async () => {
    await start(reading)
    const bytes = `${chunkedGet}${post('/2', 'Content-Length: 5', 'ABCDE')}${last}`
    const expected = ['200 /1 GET /README.md HTTP/1.1', '200 /2 ABCDE', '200 /last ']
    expect(await answers(bytes)).toEqual(expected)
    expect(await answers(bytes.split(''))).toEqual(expected)
  })

  it('waits for a request that is asked for late', async () => {
    const { port, connections } = await start((exchange) => {
      if (exchange.head?.target === '/last') reading(exchange)
      // The connection has taken all it holds for a handler that does not read.
      else connections[0]?.socket.once('pause', () => setImmediate(reading, exchange))
    })
    const bytes = post('/1', 'Content-Length: 300000', 'x'.repeat(300_000))
    const received = await send(port, bytes + last)
    expect(parseResponses(received).map(({ body }) => body.length)).toEqual([300_003, 6])
  })

  it('has trailers apart from its fields (R39)', async () => {
    const { port, exchanges } = await start(reading)
    await send(
      port,
      post('/1', 'Transfer-Encoding: chunked', '1\r\nA\r\n0\r\nX-T: u\r\nHost: b\r\n\r\n') + last,
    )
    const request = exchanges[0]?.request
    expect(request?.trailers).toEqual({ 'x-t': 'u', host: 'b' })
    expect(request?.rawTrailers).toEqual(['X-T', 'u', 'Host', 'b'])
    expect(request?.headers).toEqual({ host: 'a', 'transfer-encoding': 'chunked' })
  })

  it.each([
    ['Content-Length: 11', '', 413],
    ['Transfer-Encoding: chunked', 'b\r\n', 413],
    ['Transfer-Encoding: chunked', '5\r\nABCDE\r\n6\r\n', 413],
    ['Transfer-Encoding: chunked', '5 \r\n', 400],
    ['Transfer-Encoding: chunked', '5\nABCDE', 400],
    ['Transfer-Encoding: chunked', '1\r\nABCDE', 400],
    ['Transfer-Encoding: chunked', '0\r\nbad\r\n', 400],
    ['Transfer-Encoding: chunked', `0\r\n${'X: y\r\n'.repeat(101)}`, 431],
  ])('is refused at once when wrong or too large: %j %j', async (field, content, status) => {
    await start(reading, { maxBodySize: 10 })
    expect(await answers(post('/1', field, content))).toEqual([`${status} `])
  })

  it('found wrong before it is asked for does not look like content that ended', async () => {
    const { port, dispatched } = await start((exchange) => {
      if (exchange.failure !== undefined) replyText(exchange, '')
    })
    await send(port, post('/1', 'Transfer-Encoding: chunked', '1\r\nA\r\noops'))
    const { request, response } = await dispatched(1)
    await expect(readContent(request)).rejects.toThrow('aborted')
    expect(request.complete).toBe(false)
    expect(response.destroyed).toBe(true)
  })

  it('dropped behind the answer does not look like content that ended', async () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
    const { port, dispatched } = await start((exchange) => {
      exchange.reply({ bytes: head, hasBody: true, length: 0 }, Buffer.alloc(0))
    })
    await send(port, post('/1', 'Content-Length: 5', 'ABCDE') + last)
    const { request } = await dispatched(1)
    await expect(readContent(request)).rejects.toThrow('aborted')
  })

  it('wrong behind a response that has begun drops the connection (R47)', async () => {
    await start((exchange) => {
      exchange.beginResponse({
        bytes: 'HTTP/1.1 200 OK\r\n\r\n',
        hasBody: true,
        length: 'until-close',
      })
      exchange.response.write('begun')
    })
    const client = await connect(server?.port ?? 0)
    await client.send(post('/1', 'Transfer-Encoding: chunked', '1\r\nA'))
    await client.waitFor((received) => received.includes('begun'), 'begin of the answer')
    await client.send('oops')
    const received = await client.waitForClose()
    expect(received.toString()).toBe('HTTP/1.1 200 OK\r\n\r\nbegun')
  })

  it('wrong behind a complete response closes without a second one', async () => {
    await start(echo)
    expect(await answers(post('/1', 'Transfer-Encoding: chunked', `oops\r\n${get('/2')}`))).toEqual(
      ['200 POST /1'],
    )
  })

  it('left unread is dropped up to 64 KiB, beyond the connection closes (R42)', async () => {
    await start(echo)
    const some = post('/1', 'Content-Length: 60000', 'x'.repeat(60_000))
    expect(await answers(some + last)).toEqual(['200 POST /1', '200 GET /last'])
    const much = post('/1', 'Content-Length: 70000', 'x'.repeat(70_000))
    expect(await answers(much + last)).toEqual(['200 POST /1'])
    const chunk = `5000\r\n${'x'.repeat(0x5000)}\r\n`
    const chunks = post('/1', 'Transfer-Encoding: chunked', `${chunk.repeat(5)}0\r\n\r\n`)
    expect(await answers(chunks + last)).toEqual(['200 POST /1'])
  })

  it('left unread and not on its way closes the connection soon (R42)', async () => {
    const { port } = await start(echo)
    const client = await connect(port)
    await client.send(post('/1', 'Content-Length: 5', 'ABC'))
    const received = await client.waitForClose()
    expect(parseResponses(received)).toHaveLength(1)
  })

  it('still being read after the answer is read to its end', async () => {
    let content: Promise<string> | undefined
    const { port } = await start((exchange) => {
      if (exchange.head?.method !== 'POST') echo(exchange)
      else {
        content = readContent(exchange.request)
        // Once the reader has begun.
        setImmediate(() => {
          replyText(exchange, 'early')
        })
      }
    })
    const client = await connect(port)
    await client.send(post('/1', 'Content-Length: 200000', 'x'.repeat(1000)))
    await client.waitFor(responses(1), 'early answer')
    await client.send('x'.repeat(199_000) + last)
    const received = await client.waitForClose()
    expect(parseResponses(received).map(({ body }) => body.toString())).toEqual([
      'early',
      'GET /last',
    ])
    expect(await content).toHaveLength(200_000)
  })

  it('is read no faster than its reader takes it', async () => {
    const { port, connections, exchanges, dispatched } = await start(() => undefined)
    const client = await connect(port)
    const sent = client.send(post('/1', 'Content-Length: 50000000', 'x'.repeat(50_000_000)))
    const { request } = await dispatched(1)
    await new Promise((resolve) => connections[0]?.socket.once('pause', resolve))
    expect(request.readableLength).toBeLessThan(200_000)
    expect(connections[0]?.socket.bytesRead).toBeLessThan(1_000_000)
    request.resume()
    await new Promise((resolve) => request.once('end', resolve))
    expect(exchanges).toHaveLength(1)
    await sent
    client.destroy()
  })
})

describe('Expect: 100-continue (R48)', () => {
  const head = 'POST /1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n'
  const interim = 'HTTP/1.1 100 Continue\r\n\r\n'

  it('waits for the host to send it, once', async () => {
    const { port } = await start((exchange) => {
      exchange.sendInterim(interim)
      exchange.sendInterim(interim)
      reading(exchange)
    })
    const client = await connect(port)
    await client.send(head)
    await client.waitFor((received) => received.toString() === interim, 'interim response')
    await client.send(`ABCDE${last}`)
    const received = await client.waitFor((bytes) => bytes.includes('ABCDE'), 'answer')
    expect(received.toString().split('100 Continue')).toHaveLength(2)
    client.destroy()
  })

  it('closes after an answer without it, and says so', async () => {
    const { exchanges } = await start(echo)
    const received = await send(server?.port ?? 0, head)
    const [response] = parseResponses(received)
    expect(response?.get('connection')).toBe('close')
    expect(exchanges).toHaveLength(1)
  })

  it('knows an app that sends it by itself', async () => {
    const { port } = await start((exchange) => {
      const { request, response } = exchange
      response.writeContinue()
      void readContent(request).then((content) => response.end(content))
    })
    const client = await connect(port)
    await client.send(head)
    await client.waitFor((received) => received.toString() === interim, 'interim response')
    await client.send('ABCDE')
    const received = await client.waitFor((bytes) => bytes.includes('ABCDE'), 'answer')
    expect(received.toString()).toContain('Connection: keep-alive')
    client.destroy()
  })

  it('sends no interim response to HTTP/1.0, nor behind a final one', async () => {
    const { port } = await start((exchange) => {
      exchange.sendInterim('HTTP/1.1 103 Early Hints\r\n\r\n')
      echo(exchange)
      exchange.sendInterim(interim)
    })
    const old = await send(port, 'GET /1 HTTP/1.0\r\nExpect: 100-continue\r\n\r\n')
    expect(parseResponses(old).map(({ status }) => status)).toEqual([200])
    expect(parseResponses(await send(port, last)).map(({ status }) => status)).toEqual([103, 200])
  })
})

describe('memory', () => {
  it('holds little of what a client sends ahead (R53)', async () => {
    const { port, connections, dispatched } = await start(() => undefined)
    const client = await connect(port)
    void client.send(get('/1') + get('/2').repeat(500_000))
    await dispatched(1)
    await new Promise((resolve) => connections[0]?.socket.once('pause', resolve))
    expect(connections[0]?.socket.bytesRead).toBeLessThan(1_000_000)
    client.destroy()
  })

  it('takes no further request before the client has taken the answers', async () => {
    const { port, connections, exchanges } = await start(replyWith(() => 'x'.repeat(100_000)))
    const client = await connect(port)
    client.socket.pause()
    await client.send(get('/1').repeat(400) + last)
    const socket = await soon(() => connections[0]?.socket)
    await soon(() => (socket.writableLength > 0 ? true : undefined), 50)
    expect(exchanges.length).toBeLessThan(200)
    expect(socket.writableLength).toBeLessThan(200_000)
    let received = 0
    client.socket.removeAllListeners('data')
    client.socket.on('data', (chunk) => (received += chunk.length))
    client.socket.resume()
    await client.waitForClose()
    expect(exchanges).toHaveLength(401)
    expect(received).toBeGreaterThan(401 * 100_000)
  })
})

describe('close()', () => {
  it('closes an idle connection at once', async () => {
    const { port, connections } = await start(echo)
    const client = await connect(port)
    await client.send(get('/1'))
    await client.waitFor(responses(1), 'answer')
    expect(connections[0]?.idle).toBe(true)
    connections[0]?.close()
    await client.waitForClose()
    expect(client.reset).toBe(false)
  })

  it('lets the answer under way finish, and no further', async () => {
    const { port, connections, exchanges, dispatched } = await start(() => undefined)
    const client = await connect(port)
    await client.send(get('/1') + get('/2'))
    const exchange = await dispatched(1)
    expect(connections[0]?.idle).toBe(false)
    connections[0]?.close()
    expect(exchange.mayPersist).toBe(false)
    replyText(exchange, 'done')
    const [response] = parseResponses(await client.waitForClose())
    expect(response?.body.toString()).toBe('done')
    expect(response?.get('connection')).toBe('close')
    expect(exchanges).toHaveLength(1)
  })

  it('is told to an app whose response has not begun', async () => {
    const { port, connections } = await start(
      appDispatch((_, response) => {
        connections[0]?.close()
        response.end('done')
      }),
    )
    const [response] = parseResponses(await send(port, get('/1')))
    expect(response?.get('connection')).toBe('close')
  })
})

describe('a client that goes away (R51)', () => {
  it.each([true, false])('aborts the request and closes the response; reset: %s', async (reset) => {
    const { port, dispatched } = await start(() => undefined)
    const client = await connect(port)
    await client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nABC')
    const { request, response } = await dispatched(1)
    const events: string[] = []
    const closed = new Promise((resolve) => response.on('close', resolve))
    for (const event of ['aborted', 'error', 'close']) request.on(event, () => events.push(event))
    response.on('finish', () => events.push('finish'))
    response.write('begun')
    client.destroy({ reset })
    await closed
    await new Promise((resolve) => setImmediate(resolve))
    expect(events).toEqual(['aborted', 'error', 'close'])
  })

  it('makes a late answer go nowhere', async () => {
    const { port, connections, dispatched } = await start(() => undefined)
    const client = await connect(port)
    await client.send(get('/1'))
    const exchange = await dispatched(1)
    const gone = new Promise((resolve) => connections[0]?.socket.once('close', resolve))
    client.destroy({ reset: true })
    await gone
    replyText(exchange, 'late')
    exchange.sendInterim('HTTP/1.1 103 Early Hints\r\n\r\n')
    const { response, request } = exchange
    expect(response.destroyed).toBe(true)
    expect(request.destroyed).toBe(true)
    exchange.beginResponse({ bytes: 'HTTP/1.1 200 OK\r\n\r\n', hasBody: true, length: 1 })
    expect(response.end('x')).toBe(response)
    await new Promise((resolve) => response.once('close', resolve))
  })
})
