import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express5 from 'express'
import express4 from 'express4'
import connect from 'connect'
import serveStatic from 'serve-static'
import { simpleHandler } from '../../lib/middleware.ts'
import type { Middleware } from '../../types/middleware.ts'
import type { SimpleHandlerOptions } from '../../types/options.ts'
import { request, type Request } from '../helpers/request.ts'
import { makeTree, type Tree } from '../helpers/tree.ts'

type SharedOptions = Pick<
  SimpleHandlerOptions,
  Extract<keyof SimpleHandlerOptions, keyof serveStatic.ServeStaticOptions>
>

const optionSets: readonly (readonly [name: string, options: object])[] = [
  ['the defaults', {}],
  ['fallthrough: false', { fallthrough: false }],
  ["dotfiles: 'allow'", { dotfiles: 'allow' }],
  ["dotfiles: 'deny'", { dotfiles: 'deny', fallthrough: false }],
  ['index: false', { index: false }],
  ['index and extensions', { index: ['x.txt', 'index.html'], extensions: ['htm', 'html'] }],
  ['redirect: false', { redirect: false }],
  ['redirect: false, fallthrough: false', { redirect: false, fallthrough: false }],
  ['maxAge and immutable', { maxAge: '1d', immutable: true }],
  ['a large maxAge', { maxAge: Infinity }],
  ['both spellings of maxAge', { maxage: '1h', maxAge: '1d' }],
  ['both spellings of maxAge, one of them 0', { maxage: '1h', maxAge: 0 }],
  ['no fields', { etag: false, lastModified: false, cacheControl: false, acceptRanges: false }],
  [
    'null, and another spelling',
    {
      acceptRanges: null,
      etag: null,
      extensions: null,
      fallthrough: null,
      immutable: null,
      lastModified: null,
      maxage: '1h',
      redirect: null,
      setHeaders: null,
      unknown: 1,
    },
  ],
  [
    'setHeaders',
    {
      setHeaders(res: { setHeader(name: string, value: string): void }, path: string) {
        res.setHeader('X-Path', path.slice(path.lastIndexOf('/')))
        res.setHeader('ETag', '"mine"')
        res.setHeader('Content-Type', 'text/x-mine')
      },
    },
  ],
]

const paths: readonly string[] = [
  ...[
    '/',
    '/?q=1',
    '/todo.txt',
    '/todo.txt?x=1',
    '/a.html',
    '/a.js',
    '/a.json',
    '/a.svg',
    '/noext',
  ],
  ...[
    '/big.bin',
    '/empty.txt',
    '/a.unknown',
    '/a.c',
    '/a.md',
    '/%C3%A9.txt',
    '/a%20b.txt',
    '/a+b.txt',
  ],
  ...[
    '/a%2Bb.txt',
    '/a,b@c.txt',
    '/a%2Cb%40c.txt',
    '/100%25.txt',
    '/a;b.txt',
    "/it's.txt",
    '/a.b.c',
  ],
  ...['/users', '/users/', '/users?x=1&y=<2>', '/users?', '/users?x', '/users#frag', '/users?a#b'],
  ...["/dir.d?x='1'", '/users/index.html', '/pets', '/pets/', '/q%3Fd', '/it%27s.d'],
  ...[
    '/.hidden',
    '/.git/config',
    '/.git',
    '/.git/',
    '/missing',
    '/missing/',
    '/missing.html',
    '/page',
  ],
  ...['/todo.txt/', '/todo.txt/x', `/${'a'.repeat(300)}`, '/%', '/%zz', '/%ff', '/%00', '//users'],
]

const requests: readonly (readonly [target: string, request: Request])[] = [
  ...paths.flatMap((path) => [[path, {}] as const, [path, { method: 'HEAD' }] as const]),
  ...[
    'bytes=0-3',
    'bytes=2-',
    'bytes=-2',
    'bytes=99-',
    'bytes=0-99',
    'x=1',
    'bytes=abc',
    'bytes=5-2',
  ].map((range) => ['/todo.txt', { headers: { Range: range } }] as const),
  ['/todo.txt', { headers: { Range: 'bytes=0-3', 'If-Range': '"other"' } }],
  ['/big.bin', { headers: { Range: 'bytes=100-200000' } }],
  ['/empty.txt', { headers: { Range: 'bytes=0-' } }],
  ['/todo.txt', { headers: { 'If-None-Match': '*' } }],
  ['/todo.txt', { headers: { 'If-None-Match': '"other", "mine"' } }],
  ['/todo.txt', { headers: { 'If-Modified-Since': 'Fri, 01 Jan 2100 00:00:00 GMT' } }],
  ['/todo.txt', { headers: { 'If-Modified-Since': 'junk' } }],
  ['/todo.txt', { headers: { 'If-Match': '"other"' } }],
  ['/todo.txt', { method: 'POST' }],
  ['/todo.txt', { method: 'OPTIONS' }],
  ['/missing', { method: 'PUT' }],
]

let tree: Tree
beforeAll(async () => {
  const files =
    'todo.txt a.html a.js a.json a.svg noext a.unknown a.c a.md \u00e9.txt a\u0020b.txt a+b.txt'
  const more = "a,b@c.txt 100%.txt a;b.txt it's.txt a.b.c page.html .hidden .git/config pets/p.txt"
  tree = await makeTree([
    ...`${files} ${more}`.split(' ').map((path) => ({ path, content: `${path}\n` })),
    { path: 'a b.txt', content: 'blank' },
    { path: 'empty.txt', content: '' },
    { path: 'big.bin', content: Buffer.alloc(300_000, 7) },
    { path: 'users/index.html', content: '<p>users' },
    { path: 'users/x.txt', content: 'x' },
    { path: 'dir.d/x', content: 'x' },
    { path: 'q?d/x', content: 'x' },
    { path: "it's.d/x", content: 'x' },
  ])
})
afterAll(() => tree.remove())

interface App extends RequestListener {
  use(...args: unknown[]): unknown
}

const apps: readonly (readonly [name: string, make: () => App])[] = [
  ['Express 5', () => quiet(express5())],
  ['Express 4', () => quiet(express4())],
  ['Connect', () => connect()],
]

/** Neither names itself nor shows stacks, which differ. */
function quiet(app: App): App {
  const settings = app as unknown as { set(name: string, value: unknown): void }
  settings.set('x-powered-by', false)
  settings.set('env', 'test')
  return app
}

async function serve(
  make: () => App,
  handler: Middleware,
): Promise<{ port: number; server: Server }> {
  const app = make()
  app.use('/mounted', handler)
  app.use(handler)
  app.use(
    (error: Error & { status?: number }, _q: unknown, res: never, next: (e: unknown) => void) => {
      // A stack is the one thing of an error that may differ.
      error.stack = `${error.name}: ${String(error.status)}`
      next(error)
      return res
    },
  )
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 }
}

describe.each(apps)('simpleHandler() in place of serve-static on %s', (_, make) => {
  it.each(optionSets)('sends the same bytes with %s', async (_name, options) => {
    const theirs = await serve(make, serveStatic(tree.directory, options) as Middleware)
    const ours = await serve(
      make,
      simpleHandler(tree.directory, { ...(options as SharedOptions), listing: false }),
    )
    for (const prefix of ['', '/mounted']) {
      for (const [target, init] of requests) {
        // Below a mount, the slashes left over are none that send() collapses.
        if (prefix !== '' && target.startsWith('//')) continue
        const [expected, actual] = await Promise.all(
          [theirs, ours].map(async ({ port }) => {
            const { raw } = await request(port, prefix + target, init)
            return raw.toString('latin1').replace(/^Date: .*$/m, 'Date: …')
          }),
        )
        expect({ target, init, answer: actual }).toEqual({ target, init, answer: expected })
      }
    }
    for (const { server } of [theirs, ours]) server.close()
  })
})

describe('simpleHandler() other than serve-static', () => {
  it('serves /.well-known/ at the top, and no other dotfile', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'basehttp-known-'))
    mkdirSync(join(folder, '.well-known'))
    writeFileSync(join(folder, '.well-known/security.txt'), 'Contact: mailto:a@b\n')
    writeFileSync(join(folder, '.env'), 'secret\n')
    const statuses = async (handler: Middleware): Promise<number[]> => {
      const { port, server } = await serve(connect, handler)
      const answers = ['/.well-known/security.txt', '/.env'].map((path) => request(port, path))
      const found = (await Promise.all(answers)).map(({ status }) => status)
      server.close()
      return found
    }
    expect(await statuses(serveStatic(folder) as Middleware)).toEqual([404, 404])
    expect(await statuses(simpleHandler(folder, { listing: false }))).toEqual([200, 404])
    rmSync(folder, { recursive: true })
  })
})
