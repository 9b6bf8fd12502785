import { readFileSync, utimesSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import { createServer as createHttpServer } from 'http-server'
import serveHandler from 'serve-handler'
import serveIndex from 'serve-index'
import serveStatic from 'serve-static'
import sirv from 'sirv'
import { simpleHandler } from '../../lib/middleware.ts'
import type { RunningServer } from '../helpers/process.ts'
import { findPython, startPython } from '../helpers/python.ts'
import { request, text } from '../helpers/request.ts'
import { makeTree, type Tree } from '../helpers/tree.ts'

// What the table of docs/files.md says is what these requests show.

const content = 'const answer = 42\n'.repeat(40)
const modified = 'Thu, 29 Feb 2024 12:34:56 GMT'

let tree: Tree
let root = ''
const servers: Server[] = []
let python: RunningServer | undefined

/** The port of each server, by the name that the table has for it. */
const ports = new Map<string, number>()

async function listen(name: string, server: Server): Promise<void> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  ports.set(name, typeof address === 'object' && address !== null ? address.port : 0)
}

beforeAll(async () => {
  tree = await makeTree([
    { path: 'root/a.js', content },
    { path: 'root/a.js.br', content: brotliCompressSync(content) },
    { path: 'root/a.js.gz', content: gzipSync(content) },
    { path: 'root/utf16.txt', content: Buffer.from('\ufeffhi', 'utf16le') },
    { path: 'root/.env', content: 'SECRET' },
    { path: 'root/list/one.txt', content: '1' },
    { path: 'root/list/two.txt', content: '22' },
    { path: 'root/out', link: '../outside' },
    { path: 'outside/x.txt', content: 'OUTSIDE' },
  ])
  root = join(tree.directory, 'root')
  for (const name of ['one.txt', 'two.txt']) utimesSync(join(root, 'list', name), 1e9, 1e9)
  const ours = express()
  const options = { precompressed: true, symlinks: 'inside' } as const
  await listen('basehttp', createServer(ours.use(simpleHandler(root, options))))
  const theirs = express()
  theirs.use(serveStatic(root), serveIndex(root, { icons: true, view: 'details' }))
  await listen('serve-static + serve-index', createServer(theirs))
  const files = express()
  files.use(sirv(root, { etag: true, brotli: true, gzip: true }))
  await listen('sirv', createServer(files))
  const command = { root, brotli: true, gzip: true, showDotfiles: false }
  await listen('http-server', createHttpServer(command).server)
  const handler = createServer(
    (req, res) => void serveHandler(req, res, { public: root, etag: true }),
  )
  await listen('serve', handler)
  const found = findPython()
  if (found !== undefined) {
    python = await startPython(found, { directory: root })
    ports.set('python -m http.server', python.port)
  }
})
afterAll(async () => {
  for (const server of servers) server.close()
  await python?.stop()
  await tree.remove()
})

interface Row {
  readonly name: string
  readonly shows: (get: Get) => Promise<boolean>
}
type Get = (target: string, headers?: Record<string, string>) => ReturnType<typeof request>

const rows: readonly Row[] = [
  {
    name: 'lists a directory',
    shows: async (get) => text(await get('/list/')).includes('two.txt'),
  },
  {
    name: 'lists with size and time of each entry',
    shows: async (get) => {
      const page = text(await get('/list/')).replace(/<[^>]*>|two\.txt|one\.txt/g, ' ')
      return page.includes('2001') && /(?<![\w:.-])2(?: ?B)?(?![\w:.-])/.test(page)
    },
  },
  {
    name: 'lists as JSON, with sizes',
    shows: async (get) =>
      /"size": ?2\b/.test(text(await get('/list/', { Accept: 'application/json' }))),
  },
  {
    name: 'sorts a listing without scripts',
    shows: async (get) => {
      const page = text(await get('/list/?sort=-size'))
      return page.includes('one.txt') && page.indexOf('>two.txt') < page.indexOf('>one.txt')
    },
  },
  {
    name: '`Range: bytes=0-0` is the first byte',
    shows: async (get) => (await get('/a.js', { Range: 'bytes=0-0' })).body.length === 1,
  },
  {
    name: '`Range: bytes=-5` is the last five bytes',
    shows: async (get) => text(await get('/a.js', { Range: 'bytes=-5' })) === content.slice(-5),
  },
  {
    name: 'several ranges at once',
    shows: async (get) =>
      (await get('/a.js', { Range: 'bytes=0-0,9-9' }))
        .get('Content-Type')
        ?.startsWith('multipart/') === true,
  },
  {
    name: '`If-Range` with another tag is the whole file',
    shows: async (get) => {
      const part = await get('/a.js', { Range: 'bytes=0-0' })
      const whole = await get('/a.js', { Range: 'bytes=0-0', 'If-Range': '"other"' })
      return part.status === 206 && whole.status === 200
    },
  },
  {
    name: '304 for `If-Modified-Since`',
    shows: async (get) => (await get('/a.js', { 'If-Modified-Since': modified })).status === 304,
  },
  {
    name: '304 for a list in `If-None-Match`',
    shows: async (get) => {
      const etag = (await get('/a.js')).get('ETag')
      return (
        etag !== undefined &&
        (await get('/a.js', { 'If-None-Match': `"x", ${etag}` })).status === 304
      )
    },
  },
  {
    name: '412 for `If-Match`',
    shows: async (get) => (await get('/a.js', { 'If-Match': '"x"' })).status === 412,
  },
  {
    name: 'precompressed files',
    shows: async (get) =>
      (await get('/a.js', { 'Accept-Encoding': 'br' })).get('Content-Encoding') === 'br',
  },
  {
    name: 'weights in `Accept-Encoding`',
    shows: async (get) =>
      (await get('/a.js', { 'Accept-Encoding': 'br;q=0, gzip;q=1.0' })).get('Content-Encoding') ===
      'gzip',
  },
  {
    name: '`Vary: Accept-Encoding` with them',
    shows: async (get) => {
      const coded = await get('/a.js', { 'Accept-Encoding': 'br' })
      return (
        coded.get('Content-Encoding') !== undefined &&
        /accept-encoding/i.test(coded.get('Vary') ?? '')
      )
    },
  },
  {
    name: 'the charset of a byte order mark',
    shows: async (get) => /utf-16le/i.test((await get('/utf16.txt')).get('Content-Type') ?? ''),
  },
  {
    name: 'dotfiles neither served nor listed',
    shows: async (get) =>
      !text(await get('/.env')).includes('SECRET') && !text(await get('/')).includes('.env'),
  },
  {
    name: 'links out of the directory refused, by option',
    shows: async (get) => !text(await get('/out/x.txt')).includes('OUTSIDE'),
  },
]

/** The table, as the servers themselves fill it in. */
async function fill(names: readonly string[]): Promise<string[]> {
  const lines: string[] = []
  for (const { name, shows } of rows) {
    const cells: string[] = []
    for (const server of names) {
      const port = ports.get(server) ?? 0
      const has = await shows((target, headers = {}) => request(port, target, { headers }))
      cells.push(has ? 'yes' : '–')
    }
    lines.push(`| ${[name, ...cells].join(' | ')} |`)
  }
  return lines
}

describe('the table of docs/files.md', () => {
  it('is what requests show', async () => {
    const document = readFileSync(join(__dirname, '../../docs/files.md'), 'utf8')
    const section = document.slice(document.indexOf('## Compared'))
    const table = section.split('\n').filter((line) => line.startsWith('| '))
    const names = (table[0] ?? '')
      .split('|')
      .slice(2, -1)
      .map((cell) => cell.trim().replaceAll('`', ''))
    // Without Python, its column is taken as it stands.
    const present = names.filter((name) => ports.has(name))
    const compared = table.slice(2).map((line) => {
      const cells = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
      return `| ${cells.filter((_, i) => i === 0 || ports.has(names[i - 1] ?? '')).join(' | ')} |`
    })
    expect(present.length).toBeGreaterThanOrEqual(5)
    expect(compared).toEqual(await fill(present))
  })
})
