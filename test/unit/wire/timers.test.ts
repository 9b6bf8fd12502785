import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { once } from 'node:events'
import { Clock } from '../../../lib/wire/clock.ts'
import type { Exchange, WireOptions } from '../../../types/wire.ts'
import { connect, parseResponses, responses, type RawConnection } from '../../helpers/raw.ts'
import {
  readContent,
  replyText,
  replyWith,
  startWire,
  type WireServer,
} from '../../helpers/wire.ts'
import { until } from '../../helpers/wait.ts'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n'
const echo = replyWith(() => 'answer')
/** Closes though the client has not asked for it, and may have more on its way. */
const echoOnce: typeof echo = (exchange) => {
  exchange.persist = false
  echo(exchange)
}

// Long enough never to pass by itself: only the timer under test may close the connection.
const never = 600_000
const off: Partial<WireOptions> = {
  firstByteTimeout: never,
  headTimeout: never,
  bodyIdleTimeout: never,
  minBodyRate: 0,
  keepAliveTimeout: never,
  writeTimeout: never,
}

let server: WireServer | undefined

/** Starts a server with one timer, connects and sends; resolves with all that comes until the server closes. */
async function whatComes(
  dispatch: (exchange: Exchange) => void,
  options: Partial<WireOptions>,
  bytes: string,
): Promise<{ received: string; client: RawConnection; elapsed: number }> {
  server = await startWire(dispatch, { ...off, ...options })
  const client = await connect(server.port)
  const began = performance.now()
  await client.send(bytes)
  const received = (await client.waitForClose()).toString('latin1')
  return { received, client, elapsed: performance.now() - began }
}

/** Resolves when the server has closed its first connection. */
async function dropped({ connections: [first] }: WireServer): Promise<void> {
  if (first?.socket.destroyed === false) await once(first.socket, 'close')
}

afterEach(async () => {
  await server?.close()
  server = undefined
})

describe('timers of a connection', () => {
  it('close in silence when no first byte comes', async () => {
    const { received, client, elapsed } = await whatComes(echo, { firstByteTimeout: 50 }, '')
    expect(received).toBe('')
    expect(client.reset).toBe(false)
    expect(elapsed).toBeGreaterThan(45)
    expect(server?.exchanges).toHaveLength(0)
  })

  it.each(['G', '\r\n', 'GET / HTTP/1.1\r\nHost: a\r\nX'])(
    'answer 408 when a head does not end: %j',
    async (bytes) => {
      const { received } = await whatComes(echo, { headTimeout: 50 }, bytes)
      expect(parseResponses(Buffer.from(received))).toMatchObject([{ status: 408 }])
      expect(server?.exchanges[0]?.requestline).toBe(
        bytes.startsWith('GET') ? 'GET / HTTP/1.1' : '',
      )
    },
  )

  it('give a head its time in all, however often a byte of it comes', async () => {
    server = await startWire(echo, { ...off, headTimeout: 100 })
    const client = await connect(server.port)
    await client.send('GET / HTTP/1.1\r\nX: ')
    const drip = setInterval(() => void client.send('x'), 10)
    const received = await client.waitForClose()
    clearInterval(drip)
    // Were it given more time by each byte, it would never end.
    expect(received.toString()).toContain('408')
  })

  it('close in silence between requests', async () => {
    const { received, client } = await whatComes(echo, { keepAliveTimeout: 50 }, get)
    expect(parseResponses(Buffer.from(received))).toHaveLength(1)
    expect(client.reset).toBe(false)
    expect(server?.exchanges).toHaveLength(1)
  })

  it('leave a handler all its time', async () => {
    const options = { firstByteTimeout: 500, headTimeout: 500, keepAliveTimeout: 100 }
    server = await startWire(
      (exchange) => {
        if (exchange.failure !== undefined) replyText(exchange, '')
      },
      { ...off, ...options },
    )
    const client = await connect(server.port)
    await client.send(get)
    const exchange = await server.dispatched(1)
    // By the time that these are closed, the same time has passed for the first.
    const silent = await connect(server.port)
    const unended = await connect(server.port)
    await unended.send('G')
    expect((await silent.waitForClose()).toString()).toBe('')
    expect((await unended.waitForClose()).toString()).toContain('408')
    expect(client.received).toHaveLength(0)
    replyText(exchange, 'late')
    const received = await client.waitForClose()
    expect(parseResponses(received).map(({ body }) => body.toString())).toEqual(['late'])
  })

  it.each([true, false])('answer 408 when content stops coming; being read: %s', async (read) => {
    const events: string[] = []
    const { received } = await whatComes(
      (exchange) => {
        if (exchange.failure !== undefined) replyText(exchange, '')
        else if (read) {
          exchange.response.on('close', () => events.push('response close'))
          void readContent(exchange.request).catch(() => events.push('request error'))
        }
      },
      { bodyIdleTimeout: 50 },
      `${post}ABC`,
    )
    expect(parseResponses(Buffer.from(received))).toMatchObject([{ status: 408 }])
    expect(events.sort()).toEqual(read ? ['request error', 'response close'] : [])
  })

  it('drop the connection when content stops coming behind the begin of an answer', async () => {
    const { received } = await whatComes(
      (exchange) => {
        exchange.request.on('data', () => undefined)
        exchange.response.write('begun')
      },
      { bodyIdleTimeout: 50 },
      `${post}ABC`,
    )
    expect(received).toContain('begun')
    expect(received).not.toContain('408')
  })

  it('answer 408 when content comes too slowly', async () => {
    server = await startWire(
      (exchange) => {
        if (exchange.failure !== undefined) replyText(exchange, '')
        else exchange.request.resume()
      },
      { ...off, bodyIdleTimeout: 1000, minBodyRate: 1000, bodyRateGrace: 100 },
    )
    const client = await connect(server.port)
    await client.send(post)
    const drip = setInterval(() => void client.send('x'), 10)
    const received = await client.waitForClose()
    clearInterval(drip)
    expect(parseResponses(received)).toMatchObject([{ status: 408 }])
  })

  it('do not hold a handler’s slowness against the client', async () => {
    const size = 1_000_000
    server = await startWire(
      (exchange) => {
        if (exchange.failure !== undefined) replyText(exchange, '')
      },
      { ...off, bodyIdleTimeout: 400, minBodyRate: 250_000, bodyRateGrace: 400 },
    )
    const client = await connect(server.port)
    void client.send(
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`,
    )
    const exchange = await server.dispatched(1)
    // Nothing is read until the idle time has passed twice for others.
    for (let i = 0; i < 2; i++) {
      const idle = await connect(server.port)
      await idle.send(post)
      expect((await idle.waitForClose()).toString()).toContain('408')
    }
    void readContent(exchange.request).then((content) => {
      replyText(exchange, `${content.length}`)
    })
    const received = await client.waitFor(responses(1), 'answer')
    expect(received.toString()).toContain(`${size}`)
    client.destroy()
  })

  it('wait for content once it was asked for', async () => {
    const { received } = await whatComes(
      (exchange) => {
        if (exchange.failure !== undefined) replyText(exchange, '')
        else exchange.sendInterim('HTTP/1.1 100 Continue\r\n\r\n')
      },
      { bodyIdleTimeout: 50 },
      post.replace('Host', 'Expect: 100-continue\r\nHost'),
    )
    expect(received).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 408 /)
  })

  it.each(['reply', 'response', 'close'])('drop a client that takes nothing: %s', async (way) => {
    const content = Buffer.alloc(20_000_000)
    server = await startWire(
      (exchange) => {
        if (way === 'response') exchange.response.end(content)
        else {
          exchange.persist = way !== 'close'
          exchange.reply(
            { bytes: 'HTTP/1.1 200 OK\r\n\r\n', hasBody: true, length: content.length },
            content,
          )
        }
      },
      { ...off, writeTimeout: 100 },
    )
    const client = await connect(server.port)
    client.socket.pause()
    const began = performance.now()
    await client.send(get)
    await server.dispatched(1)
    await dropped(server)
    expect(performance.now() - began).toBeGreaterThan(95)
    client.destroy()
  })

  it('leave a client that takes its answer slowly', async () => {
    const size = 20_000_000
    server = await startWire((exchange) => exchange.response.end(Buffer.alloc(size)), {
      ...off,
      writeTimeout: 1500,
    })
    const client = await connect(server.port)
    let taken = 0
    let rests = 0
    client.socket.removeAllListeners('data')
    client.socket.on('data', (chunk) => {
      taken += chunk.length
      // A rest of a fraction of the limit, often enough to exceed it in all.
      if (taken < (rests + 1) * 2_000_000) return
      rests++
      client.socket.pause()
      setTimeout(() => client.socket.resume(), 200)
    })
    await client.send(get.replace('Host', 'Connection: close\r\nHost'))
    await client.waitForClose()
    expect(taken).toBeGreaterThan(size)
  })

  it('see a lingering client out', async () => {
    // Only the client's own end can close it.
    const { received, client } = await whatComes(echoOnce, { lingerTimeout: never }, get)
    expect(received).toContain('answer')
    expect(client.reset).toBe(false)
  })

  it('give a client that does not leave only so long', async () => {
    server = await startWire(echoOnce, { ...off, lingerTimeout: 50 })
    const client = await connect(server.port)
    client.socket.removeAllListeners('end')
    const began = performance.now()
    await client.send(get)
    await client.waitFor(responses(1), 'answer')
    await dropped(server)
    expect(performance.now() - began).toBeGreaterThan(45)
    client.destroy()
  })

  it('stop reading a lingering client that sends on and on', async () => {
    server = await startWire(echoOnce, { ...off, lingerTimeout: never })
    const client = await connect(server.port)
    client.socket.removeAllListeners('end')
    await client.send(get)
    await client.waitFor(responses(1), 'answer')
    void client.send('x'.repeat(20_000_000))
    await dropped(server)
    expect(server.connections[0]?.socket.bytesRead).toBeLessThan(3_000_000)
    client.destroy()
  })

  it('let a client of HTTP/1.0 go at once', async () => {
    server = await startWire(echo, { ...off, lingerTimeout: never })
    const client = await connect(server.port)
    client.socket.removeAllListeners('end')
    await client.send(get.replace('HTTP/1.1', 'HTTP/1.0'))
    await client.waitFor(responses(1), 'answer')
    await dropped(server)
    expect(client.reset).toBe(false)
    client.destroy()
  })

  it.each([
    get.replace('Host', 'Connection: close\r\nHost'),
    get.replace('HTTP/1.1', 'HTTP/1.0').replace('Host', 'Connection: keep-alive\r\nHost'),
  ])('read on behind the last answer to %j', async (request) => {
    server = await startWire(echoOnce, { ...off, lingerTimeout: never })
    const client = await connect(server.port)
    client.socket.removeAllListeners('end')
    await client.send(request)
    await client.waitFor(responses(1), 'answer')
    // What is sent now would be answered by a reset if nobody read it.
    await client.send('more')
    const socket = server.connections[0]?.socket
    await until(() => socket?.bytesRead === request.length + 4, 'all of it to be read')
    expect(socket?.destroyed).toBe(false)
    expect(client.reset).toBe(false)
    client.socket.end()
    await dropped(server)
    client.destroy()
  })

  it('close at once without lingering when told so', async () => {
    server = await startWire(echo, { ...off, lingerTimeout: 0 })
    const client = await connect(server.port)
    client.socket.removeAllListeners('end')
    await client.send(get.replace('Host', 'Connection: close\r\nHost'))
    await client.waitFor(responses(1), 'answer')
    await dropped(server)
    expect(server.connections[0]?.socket.destroyed).toBe(true)
    client.destroy()
  })
})

describe('Clock', () => {
  function makeClock() {
    const calls: string[] = []
    let watches = 0
    const clock = new Clock({
      onDeadline: () => calls.push('deadline'),
      onWriteWatch: () => {
        calls.push('watch')
        return ++watches < 3
      },
    })
    return { calls, clock }
  }

  beforeEach(() => {
    jest.useFakeTimers()
  })

  afterEach(() => {
    jest.useRealTimers()
    jest.restoreAllMocks()
  })

  it('fires once, when its last deadline has passed', () => {
    const { calls, clock } = makeClock()
    clock.set(1000)
    clock.set(5000)
    jest.advanceTimersByTime(4900)
    expect(calls).toEqual([])
    jest.advanceTimersByTime(200)
    expect(calls).toEqual(['deadline'])
    jest.advanceTimersByTime(10_000)
    expect(calls).toEqual(['deadline'])
  })

  it('fires in time when a deadline is brought forward', () => {
    const { calls, clock } = makeClock()
    clock.set(60_000)
    clock.set(100)
    jest.advanceTimersByTime(150)
    expect(calls).toEqual(['deadline'])
  })

  it('fires not when cleared, stopped or set to 0', () => {
    const { calls, clock } = makeClock()
    clock.set(100)
    clock.clear()
    jest.advanceTimersByTime(1000)
    clock.set(100)
    clock.set(0)
    jest.advanceTimersByTime(1000)
    clock.set(100)
    clock.watchWrites(100)
    clock.stop()
    jest.advanceTimersByTime(1000)
    expect(calls).toEqual([])
    expect(jest.getTimerCount()).toBe(0)
  })

  it('sets few timers for many deadlines', () => {
    const set = jest.spyOn(globalThis, 'setTimeout')
    const { clock } = makeClock()
    for (let i = 0; i < 1000; i++) clock.set(5000)
    expect(set).toHaveBeenCalledTimes(1)
  })

  it('watches writes until told not to, beside a deadline', () => {
    const { calls, clock } = makeClock()
    clock.set(250)
    clock.watchWrites(100)
    expect(clock.watching).toBe(true)
    jest.advanceTimersByTime(1000)
    expect(calls).toEqual(['watch', 'watch', 'deadline', 'watch'])
    expect(clock.watching).toBe(false)
  })
})
