import { describe, expect, it } from '@jest/globals'
import {
  BytesContent,
  FileContent,
  GeneratedContent,
  MultipartContent,
  TruncatedFileError,
} from '../../../lib/files/content.ts'
import { openRegular } from '../../../lib/files/open.ts'
import type { OpenedFile } from '../../../types/files.ts'
import { makeTree } from '../../helpers/tree.ts'

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function withFile(content: Buffer, use: (file: OpenedFile) => Promise<void>): Promise<void> {
  await using tree = await makeTree([{ path: 'file', content }])
  const file = await openRegular(`${tree.directory}/file`)
  if (file === undefined) throw new Error('not a file')
  await use(file)
  await file.close()
}

const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251))

describe('FileContent', () => {
  it('is the part asked for', async () => {
    await withFile(bytes, async (file) => {
      const all = await collect(new FileContent(file, 0, bytes.length))
      expect(all.equals(bytes)).toBe(true)
      const part = await collect(new FileContent(file, 1000, 200_000))
      expect(part.equals(bytes.subarray(1000, 201_000))).toBe(true)
      expect(await collect(new FileContent(file, 5, 0))).toEqual(Buffer.alloc(0))
    })
  })

  it('fails where the file is shorter than it was', async () => {
    await withFile(Buffer.from('short'), async (file) => {
      await expect(collect(new FileContent(file, 0, 6))).rejects.toThrow(TruncatedFileError)
    })
  })

  it('closes its file once', async () => {
    await withFile(bytes, async (file) => {
      const content = new FileContent(file, 0, 1)
      await content.close()
      await content.close()
      await expect(file.read(0, 1)).rejects.toThrow()
    })
  })
})

describe('MultipartContent', () => {
  it('has the parts between boundaries, as long as it says (RFC 9110 section 14.6)', async () => {
    await withFile(Buffer.from('0123456789'), async (file) => {
      const content = new MultipartContent(file, 'text/plain', [
        { start: 7, end: 8 },
        { start: 0, end: 1 },
      ])
      const text = (await collect(content)).toString('latin1')
      const { boundary } = content
      expect(text).toBe(
        `\r\n--${boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes 7-8/10\r\n\r\n78` +
          `\r\n--${boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\n01` +
          `\r\n--${boundary}--\r\n`,
      )
      expect(content.size).toBe(text.length)
      await content.close()
    })
  })
})

describe('BytesContent and GeneratedContent', () => {
  it('are what they are made of', async () => {
    const content = new BytesContent(Buffer.from('abc'))
    expect(content.size).toBe(3)
    expect((await collect(content)).toString()).toBe('abc')
    await content.close()
  })

  it('stop what makes them', async () => {
    let stopped = false
    // eslint-disable-next-line @typescript-eslint/require-await -- a generator of what is there
    async function* make(): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.from('a')
        yield Buffer.from('b')
      } finally {
        stopped = true
      }
    }
    const content = new GeneratedContent(make())
    for await (const chunk of content) {
      expect(Buffer.from(chunk).toString()).toBe('a')
      break
    }
    await content.close()
    expect(stopped).toBe(true)
    expect(content.size).toBeUndefined()
  })
})
