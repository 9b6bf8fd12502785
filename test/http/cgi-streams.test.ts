import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectSocket, type Socket } from 'node:net'
import { createGunzip, constants } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import compression from 'compression'
import express from 'express'
import { cgiHandler } from '../../lib/middleware/cgi.ts'
import { isAlive, makeSite, startCgi, type Site } from '../helpers/cgi.ts'
import { onEveryHost } from '../helpers/hosts.ts'
import { connect } from '../helpers/raw.ts'
import { until } from '../helpers/wait.ts'

/** Waits for the test to say go on. */
const wait = 'while [ ! -e "$DOCUMENT_ROOT/out/go" ]; do sleep 0.02; done\n'
const size = 80_000_000

let site: Site
beforeAll(() => {
  site = makeSite({
    'events.sh': `#!/bin/sh
printf 'Content-Type: text/event-stream\\n\\ndata: 1\\n\\n'
${wait}printf 'data: 2\\n\\n'
`,
    'head.sh': `#!/bin/sh
printf 'Content-Type: text/plain\\nX-Byte: \\351\\n\\n'
${wait}printf 'content'
`,
    'large.sh': `#!/bin/sh
echo $$ >> "$DOCUMENT_ROOT/out/pids"
printf 'Content-Type: application/octet-stream\\n\\n'
exec head -c ${size} /dev/zero
`,
    'nph-large.sh': `#!/bin/sh
echo $$ >> "$DOCUMENT_ROOT/out/pids"
printf 'HTTP/1.1 200 OK\\r\\nContent-Length: ${size}\\r\\n\\r\\n'
exec head -c ${size} /dev/zero
`,
  })
})
afterAll(() => {
  site.remove()
})
beforeEach(() => {
  rmSync(`${site.directory}/out/go`, { force: true })
  rmSync(`${site.directory}/out/pids`, { force: true })
})
const go = (): void => {
  writeFileSync(`${site.directory}/out/go`, '')
}

/** The processes of the scripts that have begun. */
function pids(): number[] {
  const file = `${site.directory}/out/pids`
  return existsSync(file)
    ? (readFileSync(file, 'utf8')
        .match(/\d+(?=\n)/g)
        ?.map(Number) ?? [])
    : []
}

/** How much a process has written to its output, as the kernel tells. */
function written(pid: number): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'latin1'))?.[1])
}

/** Resolves with how much comes until the server closes. */
async function taken(socket: Socket): Promise<number> {
  let received = 0
  for await (const chunk of socket) received += (chunk as Buffer).length
  return received
}

onEveryHost('A stream', (host) => {
  it('arrives as it is written', async () => {
    const { port } = await startCgi(host, site)
    const connection = await connect(port)
    await connection.send('GET /cgi-bin/events.sh HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    await connection.waitFor((bytes) => bytes.includes('data: 1\n\n'), 'the first event')
    expect(connection.received.includes('data: 2')).toBe(false)
    go()
    expect((await connection.waitForClose()).includes('data: 2\n\n')).toBe(true)
  })

  it('has its head sent before there is content, octet by octet', async () => {
    const { port } = await startCgi(host, site)
    const connection = await connect(port)
    await connection.send('GET /cgi-bin/head.sh HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    await connection.waitFor((bytes) => bytes.includes('\r\n\r\n'), 'the head')
    expect(connection.received.toString('latin1')).toMatch(/\r\nX-Byte: \xe9\r\n/)
    go()
    expect((await connection.waitForClose()).includes('content')).toBe(true)
  })

  it.each(['large.sh', 'nph-large.sh'])(
    'of %s goes no faster than the client takes it',
    async (script) => {
      const { port } = await startCgi(host, site)
      const ask = (): Socket => {
        const socket = connectSocket(port, '127.0.0.1').pause()
        socket.write(`GET /cgi-bin/${script} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`)
        return socket
      }
      const socket = ask()
      await until(() => pids().length === 1, 'the script to start')
      const [pid = 0] = pids()
      await until(() => written(pid) > 65_536, 'the beginning of it')
      // Another gets all of it meanwhile: the first would, too, were it not held back.
      expect(await taken(ask())).toBeGreaterThan(size)
      expect(written(pid)).toBeLessThan(16_000_000)
      expect(await taken(socket)).toBeGreaterThan(size)
    },
  )

  it('whose client goes away while it is held back ends its script', async () => {
    const { port } = await startCgi(host, site)
    const connection = await connect(port)
    connection.socket.pause()
    await connection.send('GET /cgi-bin/large.sh HTTP/1.1\r\nHost: h\r\n\r\n')
    await until(() => pids().length === 1, 'the script to start')
    connection.destroy({ reset: true })
    await until(() => !pids().some(isAlive), 'the script to end')
    expect(pids()).toHaveLength(1)
  })
})

describe('compression() before cgiHandler()', () => {
  it('lets events through at once', async () => {
    const app = express()
    app.use(compression())
    app.use(cgiHandler({ directory: site.directory }))
    const server = app.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const connection = await connect(port)
    await connection.send(
      'GET /cgi-bin/events.sh HTTP/1.0\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n',
    )
    const head = await connection.waitFor((bytes) => bytes.includes('\r\n\r\n'), 'the head')
    expect(head.toString('latin1')).toMatch(/\r\nContent-Encoding: gzip\r\n/)
    const inflated = async (): Promise<string> => {
      const start = connection.received.indexOf('\r\n\r\n') + 4
      const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH })
      let text = ''
      gunzip.on('data', (chunk: Buffer) => (text += chunk.toString()))
      gunzip.end(connection.received.subarray(start))
      await new Promise((resolve) => gunzip.on('end', resolve))
      return text
    }
    let events = ''
    await until(() => {
      void inflated().then((text) => (events = text))
      return events.includes('data: 1')
    }, 'the first event')
    expect(events).toBe('data: 1\n\n')
    go()
    await connection.waitForClose()
    expect(await inflated()).toBe('data: 1\n\ndata: 2\n\n')
    server.close()
  })
})
