import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { feed, type GrowingContent } from '../../../lib/cgi/feed.ts'
import { until } from '../../helpers/wait.ts'

class Content implements GrowingContent {
  readonly path: string
  text = ''
  state: 'growing' | 'complete' | 'failed' = 'growing'
  #changed: () => void = () => undefined

  constructor(path: string) {
    this.path = path
    writeFileSync(path, '')
  }

  size(): number {
    return this.text.length
  }
  complete(): boolean {
    return this.state !== 'growing'
  }
  failed(): boolean {
    return this.state === 'failed'
  }
  change(): Promise<void> {
    return new Promise((resolve) => (this.#changed = resolve))
  }

  add(text: string): void {
    this.text += text
    writeFileSync(this.path, this.text)
    this.#changed()
  }
  end(state: 'complete' | 'failed'): void {
    this.state = state
    this.#changed()
  }
}

/** Reads what a script would; `undefined` when there is nothing yet, empty at the end. */
function readNow(descriptor: number): string | undefined {
  const buffer = Buffer.alloc(1000)
  try {
    return buffer.toString('latin1', 0, readSync(descriptor, buffer))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    return undefined
  }
}

async function read(descriptor: number): Promise<string> {
  let text: string | undefined
  await until(() => (text = readNow(descriptor)) !== undefined, 'something to read')
  return text ?? ''
}

describe('feed()', () => {
  let directory = ''
  const descriptors: number[] = []
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'basehttp-feed-'))
  })
  afterEach(() => {
    for (const descriptor of descriptors.splice(0)) closeSync(descriptor)
    rmSync(directory, { recursive: true })
  })

  /** Feeds, and opens the pipe again as a script has it, though reading never blocks. */
  async function start(content: Content) {
    const input = await feed(content, 6)
    if (input === undefined) throw new Error('there are no named pipes')
    const { constants } = process.getBuiltinModule('node:fs')
    const descriptor = openSync(input.path, constants.O_RDONLY | constants.O_NONBLOCK)
    descriptors.push(descriptor)
    return { input, descriptor }
  }

  it('passes content on as it comes, and ends with it', async () => {
    const content = new Content(join(directory, 'a'))
    content.add('abc')
    const { input, descriptor } = await start(content)
    expect(input.length).toBe(6)
    expect(await read(descriptor)).toBe('abc')
    content.add('def')
    expect(await read(descriptor)).toBe('def')
    content.end('complete')
    expect(await read(descriptor)).toBe('')
    await input.remove()
  })

  it('needs the file no more once it has begun', async () => {
    const content = new Content(join(directory, 'a'))
    content.add('abcdef')
    const { input, descriptor } = await start(content)
    rmSync(content.path)
    content.end('complete')
    expect(await read(descriptor)).toBe('abcdef')
    await input.remove()
  })

  it('shows no end of content that is not all there before its pipe was removed', async () => {
    const content = new Content(join(directory, 'a'))
    content.add('abc')
    const { input, descriptor } = await start(content)
    expect(await read(descriptor)).toBe('abc')
    content.end('failed')
    for (let i = 0; i < 20; i++) {
      await new Promise((resolve) => setImmediate(resolve))
      expect(readNow(descriptor)).toBeUndefined()
    }
    await input.remove()
    expect(await read(descriptor)).toBe('')
  })

  it('gives nothing where the content has been given up', async () => {
    const content = new Content(join(directory, 'a'))
    rmSync(content.path)
    expect(await feed(content, 6)).toBeUndefined()
  })
})
