import { once } from 'node:events'
import { constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { BaseHTTPRequestHandler } from '../../lib/handlers/base.ts'
import { HTTPSServer } from '../../lib/server/https-server.ts'
import { onEveryHost } from '../helpers/hosts.ts'
import { askHttp2, connectHttp2 } from '../helpers/http2.ts'
import { cancel, END_HEADERS, frame, frames, preface, readFrames } from '../helpers/http2-frames.ts'
import { connect } from '../helpers/raw.ts'
import { connectSecurely } from '../helpers/tls.ts'
import { until } from '../helpers/wait.ts'

interface Line {
  readonly target: string
  readonly status: number
  readonly size: number
  readonly aborted?: boolean
}

function parse(line: string): Line {
  const { target, status, size, aborted } = JSON.parse(line) as Line
  return { target, status, size, ...(aborted === undefined ? {} : { aborted }) }
}

/** Waits for its client to leave. */
class Waiting extends BaseHTTPRequestHandler {
  override protocolVersion = 'HTTP/1.1'
  override logFormat = 'json' as const
  /** What handlers have found out. */
  static found: unknown[] = []
  static waiting = 0

  async do_GET(): Promise<void> {
    if (this.path === '/begun') {
      this.sendResponse(200)
      this.sendHeader('Content-Length', '1000')
      this.endHeaders()
      this.wfile.write('begun')
    }
    Waiting.waiting++
    await once(this.response, 'close')
    if (this.path === '/late') {
      this.sendResponse(200)
      this.sendHeader('Content-Length', '0')
      this.endHeaders()
    }
  }
}

afterEach(() => {
  Waiting.waiting = 0
})

onEveryHost('A request whose client leaves', (host) => {
  it.each([
    ['/none', { status: 499, size: 0 }],
    ['/late', { status: 499, size: 0 }],
    ['/begun', { status: 200, size: 5 }],
  ])('%s is logged once', async (target, logged) => {
    const run = await host.start(Waiting)
    const client = await connect(run.port)
    await client.send(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)
    await until(() => Waiting.waiting === 1, 'a request')
    if (target === '/begun') await client.waitFor((bytes) => bytes.includes('begun'), 'content')
    client.destroy({ reset: true })
    await until(() => run.log.length > 0, 'a line')
    expect(run.takeLog().map(parse)).toEqual([{ target, ...logged, aborted: true }])
  })
})

describe('Over HTTP/2', () => {
  class Reading extends Waiting {
    /** Reads at once, or when its client has left. */
    async do_POST(): Promise<void> {
      Waiting.waiting++
      if (this.path === '/late') await once(this.response, 'close')
      if (this.path === '/answered') {
        this.sendResponse(200)
        this.endHeaders()
        this.response.end()
      }
      try {
        let size = 0
        for await (const chunk of this.rfile as AsyncIterable<Buffer>) size += chunk.length
        Waiting.found.push(size)
      } catch (error) {
        Waiting.found.push((error as NodeJS.ErrnoException).code)
      }
    }
  }

  const log: string[] = []
  const errors: unknown[] = []
  let server: HTTPSServer
  let session: ClientHttp2Session

  class Recording extends HTTPSServer {
    override handleError(...args: Parameters<HTTPSServer['handleError']>): void {
      errors.push(args[2])
    }
  }

  beforeAll(async () => {
    server = new Recording(['127.0.0.1', 0], Reading, {
      selfSigned: true,
      http2: true,
      log: (line) => log.push(line),
    })
    await server.listen()
    session = connectHttp2(server.serverPort)
    session.on('error', () => undefined)
  })

  afterEach(() => {
    // The same for every test.
    // eslint-disable-next-line jest/no-standalone-expect
    expect([log.splice(0), errors.splice(0), Waiting.found.splice(0)]).toEqual([[], [], []])
  })

  afterAll(async () => {
    session.destroy()
    server.closeAllConnections()
    await server.shutdown()
  })

  async function begin(path: string): Promise<ClientHttp2Stream> {
    const stream = session.request({ ':path': path })
    stream.on('error', () => undefined)
    await until(() => Waiting.waiting === 1, 'a request')
    await new Promise((resolve) => session.ping(resolve))
    return stream
  }

  const post = (path: string): Buffer => {
    // Method and scheme of HPACK's static table; path and authority as they are.
    const target = [0x44, path.length, ...Buffer.from(path)]
    return Buffer.from([0x83, 0x87, ...target, 0x41, 1, 0x61])
  }

  it.each(['/now', '/late', '/answered'])(
    'content that is broken off does not look complete: %s',
    async (target) => {
      // Node's client would end the content before it resets the stream.
      const { connection } = await connectSecurely(server.serverPort, { ALPNProtocols: ['h2'] })
      const { DATA, HEADERS, PING, RST_STREAM } = frames
      await connection.send(
        Buffer.concat([
          preface,
          frame(HEADERS, END_HEADERS, 1, post(target)),
          frame(DATA, 0, 1, Buffer.from('half of')),
          frame(PING, 0, 0, Buffer.alloc(8)),
        ]),
      )
      await until(() => Waiting.waiting === 1, 'a request')
      await connection.waitFor((bytes) => readFrames(bytes).types.includes(PING), 'a pong')
      await connection.send(frame(RST_STREAM, 0, 1, cancel))
      await until(() => Waiting.found.length > 0 && log.length > 0, 'an end')
      connection.destroy()
      expect(Waiting.found.splice(0)).toEqual(['ECONNRESET'])
      const status = target === '/answered' ? 200 : 499
      expect(log.splice(0).map(parse)).toMatchObject([{ target, status, aborted: true }])
    },
  )

  it.each([
    ['/none', { status: 499, size: 0 }],
    ['/begun', { status: 200, size: 5 }],
  ])('a request that is cancelled is logged as such: %s', async (target, logged) => {
    const stream = await begin(target)
    if (target === '/begun') await once(stream, 'data')
    stream.close(constants.NGHTTP2_CANCEL)
    await until(() => log.length > 0, 'a line')
    expect(log.splice(0).map(parse)).toEqual([{ target, ...logged, aborted: true }])
  })

  it('one that is answered is not', async () => {
    const { status } = await askHttp2(session, { ':method': 'SPAM', ':path': '/' })
    expect(status).toBe(501)
    await until(() => log.length > 0, 'a line')
    expect(log.splice(0).map(parse)).toEqual([
      { target: '/', status: 501, size: expect.any(Number) },
    ])
  })
})
