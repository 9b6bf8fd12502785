// Clients of every kind, well-behaved and not. Each resolves with the statuses it was answered with.
import { randomBytes } from 'node:crypto'
import { connect as connectPlain } from 'node:net'
import { connect as connectSecure } from 'node:tls'

/** What a client does, by name. Each is given where to connect to. */
export const clients = {
  file: (to) => whole(to, get('/a.txt')),
  secureFile: (to) => whole(secure(to), get('/a.txt')),
  head: (to) => whole(to, get('/big.bin', '', 'HEAD')),
  range: (to) => whole(to, get('/big.bin', 'Range: bytes=1000-20000\r\n')),
  ranges: (to) => whole(to, get('/big.bin', 'Range: bytes=0-9,50-99\r\n')),
  outside: (to) => whole(to, get('/a.txt', 'Range: bytes=999-\r\n')),
  since: (to) => whole(to, get('/a.txt', 'If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n')),
  listing: (to) => whole(to, get('/many/')),
  missing: (to) => whole(to, get('/nowhere')),
  pipelined: (to) => whole(to, keep('/a.txt') + keep('/many/') + get('/a.txt')),
  idle: (to) => stop(to, keep('/a.txt'), 1),
  script: (to) => whole(to, get('/cgi-bin/hello')),
  upload: (to) => whole(to, post(50_000, 50_000)),
  secureUpload: (to) => whole(secure(to), post(50_000, 50_000)),
  chunked: (to) => whole(to, chunks()),
  garbage: (to) => whole(to, Buffer.concat([randomBytes(200), Buffer.from('\r\n\r\n')])),
  wrongFraming: (to) =>
    whole(
      to,
      'POST /cgi-bin/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ),
  // From here on clients leave without a word.
  abortedHead: (to) => stop(to, 'GET / HTTP/1.1\r\nHo', 0),
  abortedHandshake: (to) => stop({ ...to, port: to.securePort }, Buffer.of(0x16, 3, 1, 2, 0), 0),
  abortedUpload: (to) => stop(to, post(500_000, 20_000), 0),
  abortedDownload: (to) => stop(to, get('/big.bin'), 10_000),
  abortedSecureDownload: (to) => stop(secure(to), get('/big.bin'), 10_000),
  abortedListing: (to) => stop(to, get('/many/'), 100),
  abortedScript: (to) => stop(to, get('/cgi-bin/endless'), 100_000),
  events: (to) => stop(to, get('/cgi-bin/events'), 200),
  abortedWait: (to) => stop(to, get('/cgi-bin/silent'), 0),
}

// --- Internal ---

const secure = (to) => ({ port: to.securePort, secure: true })

function get(path, fields = '', method = 'GET') {
  return `${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n`
}

function keep(path) {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
}

function post(announced, sent) {
  const head = `POST /cgi-bin/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${announced}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), Buffer.alloc(sent, 'x')])
}

function chunks() {
  const chunk = `2710\r\n${'x'.repeat(10_000)}\r\n`
  return `POST /cgi-bin/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(3)}0\r\n\r\n`
}

function open({ port, secure: encrypted = false }) {
  return encrypted
    ? connectSecure({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : connectPlain({ port, host: '127.0.0.1' })
}

/** Sends and reads to the end; fails if that does not come. */
function whole(to, bytes) {
  return talk(to, bytes, Infinity)
}

/** Sends, reads until there is enough, and resets the connection. */
function stop(to, bytes, enough) {
  return talk(to, bytes, enough)
}

function talk(to, bytes, enough) {
  return new Promise((resolve, reject) => {
    const socket = open(to)
    const parts = []
    let received = 0
    let left = false
    const leave = () => {
      left = true
      if (to.secure) socket.destroy()
      else socket.resetAndDestroy()
    }
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`no end after ${received} bytes`))
    }, 20_000)
    socket.on('data', (chunk) => {
      received += chunk.length
      // The start tells the status; of pipelined answers those that follow do, too.
      if (received < 200_000) parts.push(chunk)
      if (received >= enough) leave()
    })
    socket.on(to.secure ? 'secureConnect' : 'connect', () => {
      socket.write(bytes, () => {
        if (enough === 0) setTimeout(leave, 5)
      })
    })
    socket.on('error', (error) => {
      // A server that refuses may close while it is still being written to.
      if (!left && received === 0) reject(error)
    })
    socket.on('close', () => {
      clearTimeout(timer)
      const text = Buffer.concat(parts).toString('latin1')
      resolve([...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, code]) => Number(code)))
    })
  })
}
