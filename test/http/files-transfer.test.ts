import {
  createReadStream,
  existsSync,
  readdirSync,
  readlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { PassThrough, type Readable, type Writable } from 'node:stream'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { configure } from '../../lib/handlers/configure.ts'
import { SimpleHTTPRequestHandler } from '../../lib/handlers/simple.ts'
import { simpleHandler } from '../../lib/middleware.ts'
import type { Content } from '../../types/files.ts'
import { onEveryHost } from '../helpers/hosts.ts'
import { connect } from '../helpers/raw.ts'
import { request, text } from '../helpers/request.ts'
import { makeTree, type Tree } from '../helpers/tree.ts'
import { until } from '../helpers/wait.ts'

/** More than sockets and kernel take in advance, so that a response to a client that does not read stays under way. */
const SIZE = 64 * 1024 * 1024

let tree: Tree
beforeAll(async () => {
  tree = await makeTree([
    { path: 'big.bin', content: Buffer.alloc(1024, 1) },
    { path: 'lines.txt', content: 'a\nb\n' },
    { path: 'more.txt', content: 'x'.repeat(100_000) },
  ])
})
afterAll(() => tree.remove())

/** Whether this process has the file open, as far as the system says. */
function isOpen(file: string): boolean {
  const descriptors = '/proc/self/fd'
  if (!existsSync(descriptors)) return false
  return readdirSync(descriptors).some((fd) => {
    try {
      return readlinkSync(join(descriptors, fd)) === file
    } catch {
      return false
    }
  })
}

onEveryHost('transfers', (host) => {
  it.each([
    ['a whole file', {}],
    ['a part', { Range: 'bytes=10-' }],
    ['several parts', { Range: `bytes=0-0,10-${SIZE - 100}` }],
  ])('of %s end with the client, and close the file', async (_, headers) => {
    const file = join(tree.directory, 'big.bin')
    truncateSync(file, SIZE)
    const running = await host.start(simpleHandler(tree.directory))
    const connection = await connect(running.port)
    const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    await connection.send(`GET /big.bin HTTP/1.1\r\nHost: x\r\n${fields.join('')}\r\n`)
    await connection.waitFor((received) => received.length > 100_000, 'the first bytes')
    connection.destroy({ reset: true })
    await until(() => !isOpen(file), 'the file to be closed')
    expect(isOpen(file)).toBe(false)
  })

  it.each([
    ['a whole file', {}],
    ['several parts', { Range: `bytes=0-0,10-${SIZE - 100}` }],
  ])('of %s that shrinks end with the connection', async (_, headers) => {
    const file = join(tree.directory, 'big.bin')
    truncateSync(file, SIZE)
    const running = await host.start(simpleHandler(tree.directory))
    const connection = await connect(running.port)
    const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    await connection.send(`GET /big.bin HTTP/1.1\r\nHost: x\r\n${fields.join('')}\r\n`)
    await connection.waitFor((received) => received.length > 1000, 'the first bytes')
    truncateSync(file, 1000)
    const received = await connection.waitForClose()
    const length = Number(/Content-Length: (\d+)/.exec(received.toString('latin1', 0, 1000))?.[1])
    expect(received.length).toBeLessThan(length)
    await until(() => !isOpen(file), 'the file to be closed')
    running.errors.length = 0
    running.takeLog()
  })

  it('go through copyfile(), whatever it makes of them', async () => {
    class Handler extends SimpleHTTPRequestHandler {
      override async copyfile(source: AsyncIterable<unknown>, outputfile: Writable): Promise<void> {
        for await (const chunk of source) {
          if (chunk instanceof Uint8Array)
            outputfile.write(Buffer.from(chunk).toString().replaceAll('\n', '\r\n'))
        }
      }
      override sendHeader(keyword: string, value: string | number): void {
        if (keyword === 'Content-Length') super.sendHeader('X-Length', value)
        else super.sendHeader(keyword, value)
      }
    }
    const running = await host.start(configure(Handler, { directory: tree.directory }))
    const response = await request(running.port, '/lines.txt')
    expect(response.get('X-Length')).toBe('4')
    expect(text(response)).toBe('a\r\nb\r\n')
    running.takeLog()
  })

  it('leave the response open for more', async () => {
    class Handler extends SimpleHTTPRequestHandler {
      override async do_GET(): Promise<void> {
        this.sendResponse(200)
        this.sendHeader('Content-Length', 100_000 + 4 + 3)
        this.endHeaders()
        for (const name of ['more.txt', 'lines.txt']) {
          const through = new PassThrough()
          createReadStream(join(this.directory, name)).pipe(through)
          await this.copyfile(through, this.wfile)
        }
        this.wfile.write('end')
      }
    }
    const running = await host.start(configure(Handler, { directory: tree.directory }))
    const response = await request(running.port, '/')
    expect(response.body).toHaveLength(100_007)
    expect(text(response).endsWith('xa\nb\nend')).toBe(true)
    running.takeLog()
  })

  it('of what a subclass opened itself end with it closed', async () => {
    const opened: Readable[] = []
    class Handler extends SimpleHTTPRequestHandler {
      override sendHead(): Promise<Content | Readable | undefined> {
        this.sendResponse(200)
        this.sendHeader('Content-Length', 5)
        this.endHeaders()
        const stream = new PassThrough()
        stream.end('hello')
        opened.push(stream)
        return Promise.resolve(stream)
      }
    }
    const running = await host.start(Handler)
    expect(text(await request(running.port, '/'))).toBe('hello')
    expect((await request(running.port, '/', { method: 'HEAD' })).body).toHaveLength(0)
    await until(() => opened.every((stream) => stream.destroyed), 'them to be destroyed')
    expect(opened).toHaveLength(2)
    running.takeLog()
  })

  it('of a file written to while it is read stay framed', async () => {
    const file = join(tree.directory, 'grows.txt')
    writeFileSync(file, 'x'.repeat(200_000))
    const running = await host.start(simpleHandler(tree.directory))
    const pending = request(running.port, '/grows.txt')
    writeFileSync(file, 'more', { flag: 'a' })
    const response = await pending
    expect(response.body.length).toBe(Number(response.get('Content-Length')))
  })
})
