import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { runCli, startCli } from '../helpers/cli.ts'
import type { RunningServer } from '../helpers/process.ts'
import type { RawResponse } from '../helpers/raw.ts'
import { request, text } from '../helpers/request.ts'
import { makeTree, type Tree } from '../helpers/tree.ts'
import { until } from '../helpers/wait.ts'

let tree: Tree
let root = ''
const started = new Set<RunningServer>()

beforeAll(async () => {
  tree = await makeTree([
    { path: 'root/index.html', content: '<p>index' },
    { path: 'root/a.txt', content: 'hello' },
    { path: 'root/a.txt.gz', content: gzipSync('hello') },
    { path: 'root/dir/x', content: 'x' },
    { path: 'root/.env', content: 'SECRET' },
    { path: 'root/.well-known/x', content: 'known' },
    { path: 'root/in', link: 'a.txt' },
    { path: 'root/out', link: '../outside' },
    { path: 'outside', content: 'OUTSIDE' },
    { path: 'bin', directory: true },
  ])
  root = join(tree.directory, 'root')
})
afterEach(async () => {
  for (const server of started) await server.stop()
  started.clear()
})
afterAll(() => tree.remove())

async function start(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<RunningServer> {
  const server = await startCli(['0', '-b', '127.0.0.1', '-d', root, ...args], { env })
  started.add(server)
  return server
}

type Get = (target: string, headers?: Record<string, string>) => Promise<RawResponse>

async function serve(...args: string[]): Promise<Get> {
  const { port } = await start(args)
  return (target, headers = {}) => request(port, target, { headers })
}

describe('the flags for files', () => {
  it('without any: what http.server serves, and no more than it says', async () => {
    const get = await serve()
    expect(text(await get('/.env'))).toBe('SECRET')
    expect(text(await get('/out'))).toBe('OUTSIDE')
    expect((await get('/dir/')).status).toBe(200)
    expect((await get('/none', { Accept: 'text/html' })).status).toBe(404)
    const file = await get('/a.txt', { 'Accept-Encoding': 'gzip' })
    expect(file.get('Content-type')).toBe('text/plain; charset=utf-8')
    for (const name of ['Cache-Control', 'Content-Encoding', 'Access-Control-Allow-Origin']) {
      expect(file.get(name)).toBeUndefined()
    }
  })

  it('--no-listing --no-dotfiles --symlinks inside', async () => {
    const get = await serve('--no-listing', '--no-dotfiles', '--symlinks', 'inside')
    const statuses = []
    for (const target of ['/dir/', '/.env', '/.well-known/x', '/in', '/out', '/']) {
      statuses.push((await get(target)).status)
    }
    expect(statuses).toEqual([404, 404, 200, 200, 404, 200])
  })

  it('--symlinks deny', async () => {
    const get = await serve('--symlinks', 'deny')
    expect([(await get('/in')).status, (await get('/out')).status]).toEqual([404, 404])
  })

  it('--cors --cache-control --charset', async () => {
    const get = await serve('--cors', '--cache-control', 'no-store', '--charset', 'iso-8859-1')
    const file = await get('/a.txt')
    expect(file.get('Access-Control-Allow-Origin')).toBe('*')
    expect(file.get('Access-Control-Allow-Credentials')).toBeUndefined()
    expect(file.get('Cache-Control')).toBe('no-store')
    expect(file.get('Content-type')).toBe('text/plain; charset=iso-8859-1')
    expect((await get('/none')).get('Access-Control-Allow-Origin')).toBe('*')
  })

  it('--charset none', async () => {
    const get = await serve('--charset', 'none')
    expect((await get('/a.txt')).get('Content-type')).toBe('text/plain')
  })

  it('--spa --precompressed', async () => {
    const get = await serve('--spa', '--precompressed')
    expect(text(await get('/some/page?x', { Accept: 'text/html' }))).toBe('<p>index')
    expect((await get('/some/page', { Accept: 'image/png' })).status).toBe(404)
    expect((await get('/missing.js', { Accept: 'text/html' })).status).toBe(404)
    const file = await get('/a.txt', { 'Accept-Encoding': 'gzip' })
    expect(file.get('Content-Encoding')).toBe('gzip')
    expect(file.get('Vary')).toBe('Accept-Encoding')
  })

  it('--open, when it is ready, and without a browser all the same', async () => {
    const opened = join(tree.directory, 'opened')
    const opener = join(tree.directory, 'bin/xdg-open')
    writeFileSync(
      opener,
      `#!/bin/sh\nprintf %s "$1" > ${opened}.part && mv ${opened}.part ${opened}\n`,
    )
    chmodSync(opener, 0o755)
    const path = `${join(tree.directory, 'bin')}:${process.env['PATH'] ?? ''}`
    const server = await start(['--open'], { PATH: path })
    await until(() => existsSync(opened), 'the browser')
    expect(readFileSync(opened, 'utf8')).toBe(`http://127.0.0.1:${server.port}/`)
    const without = await start(['--open'], { PATH: '/does/not/exist' })
    expect((await request(without.port, '/a.txt')).status).toBe(200)
  })

  it.each([
    [['--symlinks', 'some'], /argument --symlinks: invalid choice: 'some'/],
    [['--charset', 'a b'], /argument --charset: invalid charset value: 'a b'/],
    [['--cache-control', 'a\nb'], /argument --cache-control: invalid field value/],
  ])('%j are refused with exit code 2', async (args, message) => {
    const { code, stderr } = await runCli(args)
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })
})
