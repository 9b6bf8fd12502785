// A connection of the standalone server, with a handler of our own: whatever comes, it answers, and ends.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { Duplex } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { pieces } from './pieces.mjs'

const load = createRequire(import.meta.url)
const { BaseHTTPRequestHandler } = load('../../dist/lib/index.js')
const { toDispatch } = load('../../dist/lib/server/dispatch.js')
const { Connection } = load('../../dist/lib/wire/connection.js')
const { defaultWireOptions } = load('../../dist/lib/wire/limits.js')

let requests = 0

/** Answers with what it was asked. */
class Echo extends BaseHTTPRequestHandler {
  protocolVersion = 'HTTP/1.1'
  log = false

  async do_GET() {
    requests++
    const parts = []
    for await (const part of this.rfile) parts.push(part)
    const content = Buffer.concat(parts).toString('latin1')
    const { command, path, requestVersion } = this
    const told = { command, path, requestVersion, fields: this.headers.items(), content }
    const body = Buffer.from(JSON.stringify(told))
    this.sendResponse(200)
    this.sendHeader('Content-Length', body.length)
    this.endHeaders()
    if (this.command !== 'HEAD') this.wfile.write(body)
  }

  /** Methods it does not know, too: whether a refusal comes before one of wrong content is a matter of time. */
  handleUnknownMethod() {
    return this.do_GET()
  }
}

/** A socket without a network. */
class FakeSocket extends Duplex {
  remoteAddress = '192.0.2.1'
  remotePort = 4711
  localAddress = '192.0.2.2'
  localPort = 80
  bytesWritten = 0
  timeout = 0
  written = []

  constructor() {
    super({ allowHalfOpen: true })
  }

  _read() {}

  _write(chunk, _encoding, done) {
    this.written.push(chunk)
    done()
  }

  setTimeout() {
    return this
  }

  setNoDelay() {
    return this
  }
}

const limits = { ...defaultWireOptions, maxBodySize: 10_000, maxHeaders: 50, lingerTimeout: 0 }

/** Turns of the event loop that a few kilobytes may take. */
const enough = 400

async function talk(chunks, strict) {
  const server = {
    serverName: 'fuzz',
    serverPort: 80,
    handleError: (_request, _address, error) => {
      throw error
    },
  }
  const socket = new FakeSocket()
  requests = 0
  const dispatch = toDispatch(Echo, server, { strict, log: false })
  const connection = new Connection(socket, { dispatch }, { ...limits, strict })
  for (const chunk of chunks) {
    if (socket.destroyed) break
    socket.push(chunk)
    await turn()
  }
  socket.push(null)
  for (let turns = 0; !socket.destroyed; turns++) {
    assert(turns < enough, 'the connection does not end')
    await turn()
  }
  connection.destroy()
  return { answer: Buffer.concat(socket.written).toString('latin1'), requests }
}

const statusLine = /^HTTP\/1\.1 (\d{3}) /gm

/** Without what depends on time: the date, and a 100 that wrong content may come before. */
function masked(answer) {
  return answer.replace(/^Date: .*$/gm, 'Date: now').replaceAll('HTTP/1.1 100 Continue\r\n\r\n', '')
}

export default {
  name: 'wire',
  dictionary: [
    '\r\n',
    '\r\n\r\n',
    '\n',
    'GET ',
    'HEAD ',
    'POST ',
    'PUT ',
    'SPAM ',
    'CONNECT ',
    'OPTIONS * ',
    ' HTTP/1.1',
    ' HTTP/1.0',
    ' HTTP/0.9',
    ' HTTP/2.0',
    'Host: a\r\n',
    'Host:',
    'Content-Length: ',
    'Transfer-Encoding: chunked\r\n',
    'Transfer-Encoding: ',
    'identity',
    'chunked',
    'gzip, chunked',
    'Connection: close\r\n',
    'Connection: keep-alive\r\n',
    'Expect: 100-continue\r\n',
    'Upgrade: h2c\r\n',
    'Trailer: X\r\n',
    '0\r\n\r\n',
    '5\r\nabcde\r\n',
    ';a="b"',
    'http://a/',
    'https://b:1/',
    '//',
    '/',
    '?',
    '#',
    '%00',
    '%2e%2e/',
    '\0',
    '\x0b',
    '\x85',
    '\xa0',
    '\xff',
    '\x16\x03\x01',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ],
  async run(bytes, random) {
    const strict = random.below(4) === 0
    const whole = await talk([bytes], strict)
    const cut = await talk(pieces(bytes, random), strict)
    assert.equal(masked(cut.answer), masked(whole.answer), 'where bytes are cut matters')
    const statuses = [...whole.answer.matchAll(statusLine)].map(([, code]) => Number(code))
    // Echoed content is JSON in one line, so that no status line of a request's stands at a line's start.
    const final = statuses.filter((code) => code >= 200)
    const refused = final.filter((code) => code >= 400)
    assert(refused.length <= 1, 'more than one verdict')
    assert(final.length <= whole.requests + 1, 'more answers than requests')
    for (const code of final) assert(code < 500 || code === 501 || code === 505, `status ${code}`)
  },
}
