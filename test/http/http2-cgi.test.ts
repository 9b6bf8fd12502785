import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs'
import { constants, type ClientHttp2Session } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { CGIHTTPRequestHandler } from '../../lib/handlers/cgi.ts'
import { configure } from '../../lib/handlers/configure.ts'
import { HTTPSServer } from '../../lib/server/https-server.ts'
import { askHttp2, connectHttp2 } from '../helpers/http2.ts'
import { cancel, END_HEADERS, frame, frames, preface, readFrames } from '../helpers/http2-frames.ts'
import { connectSecurely } from '../helpers/tls.ts'
import { until } from '../helpers/wait.ts'

let site = ''
let server: HTTPSServer
let session: ClientHttp2Session
const errors: unknown[] = []

class Recording extends HTTPSServer {
  override handleError(...args: Parameters<HTTPSServer['handleError']>): void {
    errors.push(args[2])
  }
}

function script(name: string, text: string): void {
  writeFileSync(join(site, 'cgi-bin', name), `#!/bin/sh\n${text}`, { mode: 0o755 })
}

beforeAll(async () => {
  site = mkdtempSync(join(tmpdir(), 'basehttp-h2-cgi-'))
  mkdirSync(join(site, 'cgi-bin'))
  writeFileSync(join(site, 'a.txt'), 'a file')
  script('env', 'printf "Content-Type: text/plain\\n\\n"; env')
  script('echo', 'printf "Status: 201\\nContent-Type: text/plain\\n\\n"; cat')
  script('local', 'printf "Location: /a.txt\\n\\n"')
  script(
    'slow',
    'trap "echo over > over; exit" TERM; printf "Content-Type: text/plain\\n\\nbegun"; while :; do sleep 0.02; done',
  )
  script(
    'long',
    'x=$(printf %13000s); for i in 1 2 3 4 5 6 7 8 9; do echo "X-Long-$i: y${x}y"; done; printf "Content-Type: text/plain\\n\\nlong"',
  )
  script('note', 'cat > noted; printf "Content-Type: text/plain\\n\\n"')
  server = new Recording(
    ['127.0.0.1', 0],
    configure(CGIHTTPRequestHandler, {
      directory: site,
      log: false,
      user: false,
      maxHeaderSize: 200_000,
    }),
    { selfSigned: true, http2: true },
  )
  await server.listen()
})

afterEach(() => {
  session.destroy()
})

afterAll(async () => {
  server.closeAllConnections()
  await server.shutdown()
  rmSync(site, { recursive: true })
})

function connect(): ClientHttp2Session {
  session = connectHttp2(server.serverPort)
  session.on('error', () => undefined)
  return session
}

describe('CGI over HTTP/2', () => {
  it('tells a script of the request', async () => {
    const { status, body } = await askHttp2(connect(), {
      ':path': '/cgi-bin/env/extra?a=b',
      ':authority': 'name.test:8443',
      'x-own': 'c',
    })
    expect(status).toBe(200)
    expect(body.split('\n')).toEqual(
      expect.arrayContaining([
        'SERVER_PROTOCOL=HTTP/2.0',
        'REQUEST_METHOD=GET',
        'SCRIPT_NAME=/cgi-bin/env',
        'PATH_INFO=/extra',
        'QUERY_STRING=a=b',
        'SERVER_NAME=name.test',
        'HTTP_HOST=name.test:8443',
        'HTTP_X_OWN=c',
        'HTTPS=on',
        'REMOTE_ADDR=127.0.0.1',
      ]),
    )
    expect(body).not.toMatch(/^HTTP_:|^HTTP__/m)
  })

  it.each([
    ['with its length', { 'content-length': '9' }],
    ['without', {}],
  ])('gives a script its content %s', async (_, fields) => {
    const headers = { ':method': 'POST', ':path': '/cgi-bin/echo', ...fields }
    const answer = await askHttp2(connect(), headers, 'some text')
    expect([answer.status, answer.body]).toEqual([201, 'some text'])
    expect(answer.headers).not.toHaveProperty('status')
    expect(answer.headers).not.toHaveProperty('connection')
  })

  it('passes the longest head on', async () => {
    session = connectHttp2(server.serverPort, undefined, { maxHeaderListSize: 1_000_000 })
    const answer = await askHttp2(session, { ':path': '/cgi-bin/long' })
    expect(answer).toMatchObject({ status: 200, body: 'long' })
    expect(answer.headers['x-long-9']).toHaveLength(13_002)
  })

  it('has the client follow a local redirect', async () => {
    const answer = await askHttp2(connect(), { ':path': '/cgi-bin/local' })
    expect([answer.status, answer.headers.location]).toEqual([302, '/a.txt'])
  })

  it('ends a script whose client cancels', async () => {
    const stream = connect().request({ ':path': '/cgi-bin/slow' })
    stream.on('error', () => undefined)
    await once(stream, 'data')
    stream.close(constants.NGHTTP2_CANCEL)
    await until(() => existsSync(join(site, 'cgi-bin', 'over')), 'the script to end')
    expect(readFileSync(join(site, 'cgi-bin', 'over'), 'utf8')).toBe('over\n')
  })

  it('runs no script on content that its client has broken off', async () => {
    const stream = connect().request(
      { ':method': 'POST', ':path': '/cgi-bin/note' },
      { endStream: false },
    )
    stream.on('error', () => undefined)
    await new Promise((resolve) => stream.write('half of', resolve))
    await new Promise((resolve) => session.ping(resolve))
    stream.close(constants.NGHTTP2_CANCEL)
    // By the time that another script has run this one would have, too.
    await askHttp2(session, { ':path': '/cgi-bin/env' })
    await askHttp2(session, { ':path': '/cgi-bin/env' })
    expect(existsSync(join(site, 'cgi-bin', 'noted'))).toBe(false)
  })

  it('nor when its client, in frames of its own, does not end it', async () => {
    const { connection } = await connectSecurely(server.serverPort, { ALPNProtocols: ['h2'] })
    const path = '/cgi-bin/note'
    const post = [0x83, 0x87, 0x44, path.length, ...Buffer.from(path), 0x41, 1, 0x61]
    const { DATA, HEADERS, PING, RST_STREAM } = frames
    const pong = (bytes: Buffer): boolean => readFrames(bytes).types.includes(PING)
    await connection.send(
      Buffer.concat([
        preface,
        frame(HEADERS, END_HEADERS, 1, Buffer.from(post)),
        frame(DATA, 0, 1, Buffer.from('half of')),
        frame(PING, 0, 0, Buffer.alloc(8)),
      ]),
    )
    await connection.waitFor(pong, 'a pong')
    await connection.send(frame(RST_STREAM, 0, 1, cancel))
    connect()
    await askHttp2(session, { ':path': '/cgi-bin/env' })
    await askHttp2(session, { ':path': '/cgi-bin/env' })
    connection.destroy()
    expect(existsSync(join(site, 'cgi-bin', 'noted'))).toBe(false)
  })

  it('has reported no failure by then', () => {
    expect(errors).toEqual([])
  })
})
