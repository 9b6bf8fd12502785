import { afterEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { exchangeKey, exchangeOf } from '../../../lib/http/exchange-of.ts'
import type { Exchange, ResponseHead, WireOptions } from '../../../types/wire.ts'
import { connect, exchange as send, parseResponses } from '../../helpers/raw.ts'
import { appDispatch, replyText, startWire, type WireServer } from '../../helpers/wire.ts'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const last = 'GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

let server: WireServer | undefined

async function start(
  dispatch: (exchange: Exchange) => void,
  options: Partial<WireOptions> = {},
): Promise<WireServer> {
  server = await startWire((exchange) => {
    if (exchange.head?.target === '/last') replyText(exchange, 'last')
    else dispatch(exchange)
  }, options)
  return server
}

async function talk(bytes: string): Promise<string> {
  return (await send(server?.port ?? 0, bytes)).toString('latin1')
}

/** Starts a server whose handler begins its response with a head of its own. */
function startBare(
  head: Partial<ResponseHead>,
  handle: (response: ServerResponse, exchange: Exchange) => void,
): Promise<WireServer> {
  return start((exchange) => {
    const bytes = 'HTTP/1.0 299 Bare\r\nX: y\r\n\r\n'
    exchange.beginResponse({ bytes, hasBody: true, length: 5, ...head })
    handle(exchange.response, exchange)
  })
}

function startApp(
  handle: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<WireServer> {
  return start(appDispatch(handle))
}

const bare = 'HTTP/1.0 299 Bare\r\nX: y\r\n\r\n'
const answerOfLast = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlast'

afterEach(async () => {
  await server?.close()
  server = undefined
})

describe('beginResponse', () => {
  it('sends these very bytes, then what is written', async () => {
    await startBare({}, (response) => {
      response.write('AB')
      response.write(Buffer.from('CD'))
      response.end('E')
    })
    expect(await talk(get + last)).toBe(`${bare}ABCDE${answerOfLast}`)
  })

  it('sends the head when the response ends without content', async () => {
    await startBare({ length: 0 }, (response) => response.end())
    expect(await talk(get + last)).toBe(bare + answerOfLast)
  })

  it('sends head and first content in one write', async () => {
    let writes = 0
    const { port, connections } = await startBare({ length: 10 }, (response) => {
      const { socket } = response
      if (socket === null) return
      const write = socket._write.bind(socket)
      const writev = socket._writev?.bind(socket)
      socket._write = (...args) => {
        writes++
        write(...args)
      }
      socket._writev = (...args) => {
        writes++
        writev?.(...args)
      }
      response.write(Buffer.from('ABCDE'))
      setImmediate(() => response.end(Buffer.from('FGHIJ')))
    })
    const client = await connect(port)
    await client.send(get)
    await client.waitFor((received) => received.includes('FGHIJ'), 'content')
    expect(writes).toBe(2)
    expect(connections).toHaveLength(1)
    client.destroy()
  })

  it('writes the head as latin-1 whatever the content is', async () => {
    const bytes = 'HTTP/1.1 200 \xe9\r\nX: \xff\r\n\r\n'
    for (const content of ['\u20ac', Buffer.from('\u20ac'), '']) {
      const length = Buffer.byteLength(content)
      const { close } = await startBare({ bytes, length }, (response) => {
        response.flushHeaders()
        response.end(content)
      })
      expect(await talk(last.replace('/last', '/'))).toBe(
        bytes + Buffer.from(content).toString('latin1'),
      )
      await close()
    }
  })

  it('sends no head where there is none', async () => {
    await startBare({ bytes: '', length: 'until-close' }, (response) => {
      expect(response.headersSent).toBe(true)
      response.write('raw ')
      response.end('content')
    })
    expect(await talk(get + last)).toBe('raw content')
    await server?.close()
    await startBare({ bytes: '', hasBody: false, length: 0 }, (response) => response.end('dropped'))
    expect(await talk('HEAD / HTTP/0.9\r\n\r\n')).toBe('')
  })

  it('drops content where none may be (R52)', async () => {
    await startBare({ hasBody: false, length: 5 }, (response) => {
      response.write('AB')
      response.end('CDE')
    })
    expect(await talk(get + last)).toBe(bare + answerOfLast)
  })

  it('closes behind content that only the end delimits', async () => {
    await startBare({ length: 'until-close' }, (response) => response.end('content'))
    expect(await talk(get + last)).toBe(`${bare}content`)
  })

  it('trusts content that delimits itself', async () => {
    await startBare({ length: 'self-delimited' }, (response) => response.end('0\r\n\r\n'))
    expect(await talk(get + last)).toBe(`${bare}0\r\n\r\n${answerOfLast}`)
  })

  it.each([['ABCDEF'], ['ABC', 'DEF'], ['ABCDE', 'F']])(
    'never sends more than was announced: %j (R56)',
    async (...pieces) => {
      const { dispatched } = await startBare({}, (response) => {
        for (const piece of pieces) response.write(piece)
        response.end()
      })
      const answer = talk(get + last)
      const { response } = await dispatched(1)
      if (!response.closed) await once(response, 'close')
      expect(response.errored).toEqual(new RangeError('Content exceeds the 5 bytes announced'))
      expect((bare + pieces.join('').slice(0, 5)).startsWith(await answer)).toBe(true)
    },
  )

  it('fails a pipeline that brings too much instead of throwing', async () => {
    let outcome: Promise<unknown> | undefined
    await startBare({}, (response) => {
      outcome = pipeline(Readable.from([Buffer.alloc(3), Buffer.alloc(3)]), response).catch(
        (error: unknown) => error,
      )
    })
    await talk(get)
    expect(await outcome).toBeInstanceOf(Error)
  })

  it('drops the connection when content ends short (R56)', async () => {
    await startBare({}, (response) => response.end('ABC'))
    expect(await talk(get + last)).toBe(`${bare}ABC`)
  })

  it('is not given twice, nor over a head of Node’s', async () => {
    const errors: unknown[] = []
    const head = { bytes: bare, hasBody: true, length: 0 } as const
    await startBare({ length: 0 }, (response, exchange) => {
      for (const attempt of [
        () => {
          exchange.beginResponse(head)
        },
        () => {
          exchange.reply(head)
        },
        () => response.writeHead(200),
        () => response.setHeader('A', 'b'),
      ]) {
        try {
          attempt()
        } catch (error) {
          errors.push(error)
        }
      }
      response.end()
    })
    expect(await talk(last.replace('/last', '/'))).toBe(bare)
    expect(errors).toHaveLength(4)
  })

  it('lets a slow reader slow the writer down', async () => {
    let drained = 0
    const { port, dispatched } = await startBare({ length: 50_000_000 }, (response) => {
      let left = 500
      const more = (): void => {
        while (left-- > 0) if (!response.write(Buffer.alloc(100_000))) return
        response.end()
      }
      response.on('drain', () => {
        drained++
        more()
      })
      more()
    })
    const client = await connect(port)
    client.socket.pause()
    await client.send(last.replace('/last', '/'))
    const { response } = await dispatched(1)
    expect(response.writableLength).toBeLessThan(300_000)
    let size = 0
    client.socket.removeAllListeners('data')
    client.socket.on('data', (chunk) => (size += chunk.length))
    client.socket.resume()
    await client.waitForClose()
    expect(size).toBe(bare.length + 50_000_000)
    expect(drained).toBeGreaterThan(100)
  })
})

describe('reply', () => {
  const reply = (head: Partial<ResponseHead>, body?: Uint8Array) => (exchange: Exchange) => {
    exchange.reply({ bytes: bare, hasBody: true, length: body?.length ?? 0, ...head }, body)
  }

  it.each([0, 1, 1000, 16_384, 16_385, 1_000_000])('sends %i bytes of content', async (size) => {
    await start(reply({}, Buffer.alloc(size, 'x')))
    expect(await talk(get + last)).toBe(bare + 'x'.repeat(size) + answerOfLast)
  })

  it('drops content where none may be', async () => {
    await start(reply({ hasBody: false }, Buffer.from('ABCDE')))
    expect(await talk(get + last)).toBe(bare + answerOfLast)
  })

  it('closes behind content that only the end delimits', async () => {
    await start(reply({ length: 'until-close' }, Buffer.from('ABCDE')))
    expect(await talk(get + last)).toBe(`${bare}ABCDE`)
  })

  it('refuses content of another length than announced', async () => {
    const errors: unknown[] = []
    await start((exchange) => {
      for (const length of [4, 6]) {
        try {
          reply({ length }, Buffer.from('ABCDE'))(exchange)
        } catch (error) {
          errors.push(error)
        }
      }
      reply({}, Buffer.from('ABCDE'))(exchange)
    })
    expect(await talk(get + last)).toBe(`${bare}ABCDE${answerOfLast}`)
    expect(errors).toEqual([expect.any(RangeError), expect.any(RangeError)])
  })

  it('takes the socket from a response that had not begun (R54)', async () => {
    const events: string[] = []
    await start((exchange) => {
      const { response } = exchange
      response.on('close', () => events.push('close'))
      response.on('finish', () => events.push('finish'))
      response.setHeader('A', 'b')
      reply({})(exchange)
      response.end('late')
    })
    expect(await talk(get + last)).toBe(bare + answerOfLast)
    expect(events).toEqual(['close'])
  })

  it('answers once', async () => {
    await start((exchange) => {
      reply({})(exchange)
      reply({})(exchange)
    })
    expect(await talk(get + last)).toBe(bare + answerOfLast)
  })
})

describe('an exchange', () => {
  it('is found by its response, and makes real request and response', async () => {
    let seen: unknown[] = []
    await start((exchange) => {
      const { request, response } = exchange
      seen = [
        exchangeOf(response) === exchange,
        Object.hasOwn(response, exchangeKey),
        exchange.request === request,
        exchange.response === response,
        response.req === request,
        response.socket === request.socket,
        exchange.mayPersist,
        exchange.persist,
      ]
      request.rawHeaders.push('changed', 'by middleware')
      expect(exchange.head?.rawHeaders).toEqual(['Host', 'a'])
      response.end()
    })
    await talk(last.replace('/last', '/').replace('Connection: close\r\n', '') + last)
    expect(seen).toEqual(Array(8).fill(true))
  })

  it('has the members of a request that node:http gives it', async () => {
    const { port, dispatched } = await startApp((_, response) => response.end())
    await send(
      port,
      'PUT /a%20b?c HTTP/1.1\r\nHost: a\r\nCookie: a=b\r\ncookie: c=d\r\n__proto__: x\r\nX: 1\r\nX: 2\r\nConnection: close\r\n\r\n',
    )
    const { request } = await dispatched(1)
    expect(request).toMatchObject({
      method: 'PUT',
      url: '/a%20b?c',
      httpVersion: '1.1',
      httpVersionMajor: 1,
      httpVersionMinor: 1,
      complete: true,
    })
    expect(request.headers.cookie).toBe('a=b; c=d')
    expect(request.headers['x']).toBe('1, 2')
    expect(request.headersDistinct['x']).toEqual(['1', '2'])
    expect(request.rawHeaders).toHaveLength(14)
    expect(Object.prototype).not.toHaveProperty('x')
  })

  it('emits finish, then close, before the next request is looked at (P7)', async () => {
    const events: string[] = []
    const closed: number[] = []
    const { exchanges } = await startApp((request, response) => {
      const number = exchanges.length
      events.push(`request ${number}`)
      response.on('finish', () => events.push(`finish ${number}`))
      response.on('close', () => events.push(`close ${number}`))
      request.on('close', () => closed.push(number))
      response.end(request.url)
    })
    await talk(get + get.replace('/', '/2') + last)
    expect(events).toEqual(['request 1', 'finish 1', 'close 1', 'request 2', 'finish 2', 'close 2'])
    expect(closed).toEqual([1, 2])
  })
})

describe('many requests on a connection', () => {
  it.each(['response', 'reply', 'bare'])('leave no listeners behind: %s', async (way) => {
    const { connections } = await start((exchange) => {
      if (way === 'reply') replyText(exchange, 'x')
      else {
        if (way === 'bare') exchange.beginResponse({ bytes: bare, hasBody: true, length: 1 })
        exchange.request.resume()
        exchange.response.end('x')
      }
    })
    const client = await connect(server?.port ?? 0)
    const count = (): number[] => {
      const socket = connections[0]?.socket
      return (socket?.eventNames() ?? []).map((name) => socket?.listenerCount(name) ?? 0)
    }
    await client.send(get)
    await client.waitFor((received) => received.includes('x'), 'answer')
    await new Promise((resolve) => setImmediate(resolve))
    const before = count()
    await client.send(get.repeat(50) + last)
    await client.waitForClose()
    expect(server?.exchanges).toHaveLength(52)
    expect(before.reduce((sum, listeners) => sum + listeners, 0)).toBeLessThan(12)
    expect(connections[0]?.socket.listenerCount('close')).toBeLessThan(3)
  })
})

describe('a response written by Node’s methods', () => {
  it('is chunked when its length is unknown, and keeps the connection', async () => {
    await startApp((_, response) => {
      response.sendDate = false
      response.write('AB')
      response.end('CD')
    })
    expect(await talk(get + last)).toBe(
      'HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n' +
        `2\r\nAB\r\n2\r\nCD\r\n0\r\n\r\n${answerOfLast}`,
    )
  })

  it('is never chunked for HTTP/1.0 (R55)', async () => {
    await startApp((_, response) => {
      response.sendDate = false
      response.write('AB')
      response.end('CD')
    })
    const http10 = 'GET / HTTP/1.0\r\nTE: chunked\r\nConnection: keep-alive\r\n\r\n'
    expect(await talk(http10)).toBe('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nABCD')
    await server?.close()
    await startApp((_, response) => {
      response.sendDate = false
      response.setHeader('Transfer-Encoding', 'chunked')
      response.writeProcessing()
      response.end('ABCD')
    })
    expect(await talk(http10)).toMatch(/^HTTP\/1\.1 200 OK\r\n(Connection: \S+\r\n)?\r\nABCD$/)
  })

  it('keeps an HTTP/1.0 connection that asks for it and knows its length (R45)', async () => {
    await startApp((_, response) => {
      response.sendDate = false
      response.end('ABCD')
    })
    expect(await talk(`GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n${last}`)).toBe(
      `HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\nABCD${answerOfLast}`,
    )
    expect(await talk(`GET / HTTP/1.0\r\n\r\n${last}`)).toBe(
      'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nABCD',
    )
  })

  it('is content only for HTTP/0.9', async () => {
    await startApp((_, response) => {
      response.setHeader('A', 'b')
      response.write('AB')
      response.end('CD')
    })
    expect(await talk('GET /\r\n')).toBe('ABCD')
    expect(await talk('GET / HTTP/0.9\r\nA: b\r\n\r\n')).toBe('ABCD')
    expect(await talk('HEAD / HTTP/0.9\r\nA: b\r\n\r\n')).toBe('')
  })

  it('has no content for HEAD, 204 and 304, nor fields that delimit it (R52, P12)', async () => {
    await startApp((request, response) => {
      response.sendDate = false
      response.statusCode = Number(request.url?.slice(1))
      response.setHeader(
        request.method === 'HEAD' ? 'Content-Length' : 'Transfer-Encoding',
        request.method === 'HEAD' ? '5' : 'chunked',
      )
      response.end('ABCDE')
    })
    const head = get.replace('GET /', 'HEAD /200')
    expect(await talk(head + last)).toBe(
      `HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n${answerOfLast}`,
    )
    for (const status of ['204 No Content', '304 Not Modified']) {
      const bytes = get.replace('/', `/${status.slice(0, 3)}`)
      expect(await talk(bytes)).toBe(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`)
    }
  })

  it('has no length beside a coding (R56)', async () => {
    await startApp((_, response) => {
      response.writeHead(200, { 'content-length': '3', 'Transfer-Encoding': 'chunked' })
      response.end('ABCDE')
    })
    const [response] = parseResponses(await send(server?.port ?? 0, get + last))
    expect(response?.get('content-length')).toBeUndefined()
    expect(response?.body.toString()).toBe('ABCDE')
  })

  it('is cut at the length an app announced, and closes (R56, P11)', async () => {
    await startApp((_, response) => {
      response.sendDate = false
      response.setHeader('Content-Length', '3')
      response.write('AB')
      response.write(Buffer.from('CD'))
      response.end('EF')
    })
    expect(await talk(get + last)).toBe(
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nABC',
    )
  })

  it('closes when shorter than an app announced, or announced as nonsense (R56)', async () => {
    await startApp((request, response) => {
      response.sendDate = false
      response.setHeader('Content-Length', request.url?.slice(1) ?? '')
      response.end('ABC')
    })
    expect(await talk(get.replace('/', '/5') + last)).toMatch(/\r\n\r\nABC$/)
    expect(await talk(get.replace('/', '/x') + last)).toMatch(/\r\n\r\nABC$/)
  })

  it('writes 8-bit fields as latin-1 also before a string (P5)', async () => {
    await startApp((_, response) => {
      response.sendDate = false
      response.setHeader('X', '\xe9')
      response.end('\u20ac')
    })
    expect(await talk(get + last)).toContain('X: \xe9\r\n')
  })

  it('sends trailers', async () => {
    await startApp((_, response) => {
      response.setHeader('Trailer', 'X')
      response.write('A')
      response.addTrailers({ X: 'y' })
      response.end()
    })
    expect(await talk(get + last)).toContain('1\r\nA\r\n0\r\nX: y\r\n\r\n')
  })

  it('sends early hints before it', async () => {
    await startApp((_, response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload' })
      response.end('A')
    })
    expect(await talk(get + last)).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nLink: .*\r\n\r\nHTTP\/1\.1 200/,
    )
  })

  it('closes with its own Connection: close', async () => {
    await startApp((_, response) => {
      response.setHeader('Connection', 'close')
      response.end('A')
    })
    expect(parseResponses(await send(server?.port ?? 0, get + last))).toHaveLength(1)
  })

  it('ends the connection when destroyed', async () => {
    await startApp((_, response) => response.destroy())
    expect(await talk(get + last)).toBe('')
  })

  it('and its request are told of a timeout that a handler has set', async () => {
    const events: string[] = []
    await startApp((request, response) => {
      request.setTimeout(20, () => events.push('request'))
      response.on('timeout', () => {
        events.push('response')
        response.end('late')
      })
    })
    expect(
      await talk(get.replace('GET', 'POST').replace('Host', 'Content-Length: 1\r\nHost')),
    ).toMatch(/late$/)
    expect(events).toEqual(['request', 'response'])
  })

  it('ends the connection on a timeout that nobody listens to', async () => {
    await startApp((request) => request.setTimeout(20))
    expect(await talk(get)).toBe('')
  })
})
