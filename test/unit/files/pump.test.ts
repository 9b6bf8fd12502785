import { afterEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { fstatSync, openSync, truncateSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { TruncatedFileError } from '../../../lib/files/content.ts'
import { pump, writesThrough } from '../../../lib/files/pump.ts'
import { makeTree } from '../../helpers/tree.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** Serves by `answer` and asks once; resolves with the client's socket. */
async function ask(answer: (response: ServerResponse) => void): Promise<Socket> {
  server = createServer((_, response) => {
    answer(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.write('GET / HTTP/1.0\r\n\r\n')
  return client
}

async function received(client: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of client) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  return bytes.subarray(bytes.indexOf('\r\n\r\n') + 4)
}

const isOpen = (fd: number): boolean => {
  try {
    fstatSync(fd)
    return true
  } catch {
    return false
  }
}

// Bytes that are nowhere the same as a whole number of buffers before.
const content = Buffer.from(Array.from({ length: 5_000_003 }, (_, i) => (i * 7 + (i >> 8)) % 251))

describe('pump()', () => {
  it.each([
    [0, content.length],
    [1, 3_000_000],
    [12_345, 100],
    [0, 300_000],
  ])('copies the part at %d of %d bytes', async (start, size) => {
    await using tree = await makeTree([{ path: 'file', content }])
    const fd = openSync(`${tree.directory}/file`, 'r')
    const client = await ask((response) => {
      void pump({ path: 'file', fd, start, size }, response).then(() => response.end())
    })
    const bytes = await received(client)
    expect(bytes.equals(content.subarray(start, start + size))).toBe(true)
    expect(isOpen(fd)).toBe(false)
  })

  it('fails where the file ends before its part', async () => {
    await using tree = await makeTree([{ path: 'file', content }])
    const path = `${tree.directory}/file`
    const fd = openSync(path, 'r')
    truncateSync(path, 1000)
    const failed = new Promise((resolve) => {
      void ask((response) => {
        pump({ path: 'file', fd, start: 0, size: content.length }, response).catch(
          (error: unknown) => {
            response.destroy()
            resolve(error)
          },
        )
      })
    })
    expect(await failed).toBeInstanceOf(TruncatedFileError)
    expect(isOpen(fd)).toBe(false)
  })

  it('ends when the client leaves', async () => {
    await using tree = await makeTree([{ path: 'file', content }])
    const fd = openSync(`${tree.directory}/file`, 'r')
    const ended = new Promise<void>((resolve, reject) => {
      void ask((response) => {
        pump({ path: 'file', fd, start: 0, size: content.length }, response).then(resolve, reject)
      }).then((client) => {
        client.once('data', () => {
          client.destroy()
        })
      })
    })
    await ended
    expect(isOpen(fd)).toBe(false)
  })
})

describe('writesThrough()', () => {
  it('sees that somebody stands between', async () => {
    const seen: boolean[] = []
    const client = await ask((response) => {
      seen.push(writesThrough(response))
      response.write = () => true
      seen.push(writesThrough(response))
      response.end()
    })
    await received(client)
    expect(seen).toEqual([true, false])
  })
})
