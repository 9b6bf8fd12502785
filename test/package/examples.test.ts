import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { RunningProgram } from '../helpers/process.ts'
import { exchange } from '../helpers/raw.ts'

const folder = join(__dirname, '../../examples')
const started = new Set<RunningProgram>()

afterEach(async () => {
  for (const program of started) await program.stop('SIGINT')
  started.clear()
})

/** Starts an example on a free port and resolves with its port. */
async function start(name: string): Promise<number> {
  const program = new RunningProgram(process.execPath, [join(folder, name), '0'])
  started.add(program)
  const port = (): string | undefined => /:(\d+)\//.exec(program.stdout)?.[1]
  await program.waitUntil(() => port() !== undefined, 'a URL on standard output')
  return Number(port())
}

async function send(port: number, request: string): Promise<string> {
  return (await exchange(port, `${request}\r\nHost: a\r\nConnection: close\r\n\r\n`)).toString()
}

describe('examples', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.mjs'))

  it.each(names)('%s fits on a screen', (name) => {
    const lines = readFileSync(join(folder, name), 'utf8').trimEnd().split('\n')
    expect(lines.length).toBeLessThanOrEqual(name === 'methods.mjs' ? 32 : 30)
  })

  it('hello', async () => {
    const port = await start('hello.mjs')
    expect(await send(port, 'GET /x HTTP/1.1')).toMatch(/^HTTP\/1\.0 200 OK[^]*Hello from \/x\n$/)
  })

  it('methods', async () => {
    const port = await start('methods.mjs')
    expect(await send(port, 'SPAM / HTTP/1.1')).toMatch(/spam, spam, spam\n$/)
    const put = 'PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc'
    expect((await exchange(port, put)).toString()).toMatch(/\r\n\r\n3 bytes\n$/)
  })

  it('static', async () => {
    const port = await start('static.mjs')
    expect(await send(port, 'GET / HTTP/1.1')).toMatch(/<h1>It works<\/h1>/)
    expect(await send(port, 'GET /docs/ HTTP/1.1')).toContain('Gr%C3%BC%C3%9Fe')
  })

  it('express', async () => {
    const port = await start('express.mjs')
    expect(await send(port, 'GET /hello HTTP/1.1')).toMatch(/Hello\n$/)
    const file = await send(port, 'GET /files/style.css HTTP/1.1')
    expect(file).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(file).toMatch(/^Cache-Control: public, max-age=3600\r$/m)
  })

  it('connect', async () => {
    const port = await start('connect.mjs')
    expect(await send(port, 'GET /clock HTTP/1.1')).toMatch(/GMT\n/)
  })

  it('cors', async () => {
    const port = await start('cors.mjs')
    for (const target of ['/', '/nothing', '/docs', '/docs/']) {
      expect(await send(port, `GET ${target} HTTP/1.1`)).toContain(
        '\r\nAccess-Control-Allow-Origin: *\r\n',
      )
    }
  })
})
