import { mkdirSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { HandlerClass } from '../../lib/handlers/base.ts'
import { configure } from '../../lib/handlers/configure.ts'
import { SimpleHTTPRequestHandler } from '../../lib/handlers/simple.ts'
import { simpleHandler } from '../../lib/middleware.ts'
import type { Middleware } from '../../types/middleware.ts'
import { onEveryHost, type RunningHost } from '../helpers/hosts.ts'
import { request, text } from '../helpers/request.ts'
import { makeTree, treeMtime, type Tree } from '../helpers/tree.ts'

const big = Buffer.from(Array.from({ length: 400_000 }, (_, i) => i % 251))

let tree: Tree
let root: string
beforeAll(async () => {
  tree = await makeTree([
    { path: 'digits.txt', content: '0123456789' },
    { path: 'empty.txt', content: '' },
    { path: 'big.bin', content: big },
    { path: 'exact.bin', content: big.subarray(0, 65_536) },
    { path: 'page.html', content: '<p>page' },
    { path: 'bom16.txt', content: Buffer.from('\ufeffhi', 'utf16le') },
    { path: 'bom16be.html', content: Buffer.from([0xfe, 0xff, 0, 0x68]) },
    { path: 'data.json', content: '{}' },
    { path: 'image.png', content: 'png' },
    { path: 'tool.py', content: 'pass' },
    { path: 'app/index.html', content: '<p>app' },
    { path: 'app/main.js', content: 'main()' },
    { path: 'sub/index.htm', content: 'htm' },
    { path: 'plain/x', content: 'x' },
    { path: Buffer.from('bytes/\xff.txt', 'latin1'), content: 'bytes' },
    { path: 'fresh.js', content: 'fresh'.repeat(50) },
    { path: 'fresh.js.gz', content: gzipSync('fresh'.repeat(50)) },
    { path: 'fresh.js.br', content: brotliCompressSync('fresh'.repeat(50)) },
    { path: 'stale.js', content: 'new' },
    { path: 'stale.js.gz', content: gzipSync('old') },
    { path: 'odd.js', content: 'odd' },
    { path: 'odd.js.gz', directory: true },
  ])
  root = tree.directory
  utimesSync(join(root, 'stale.js.gz'), 1, 1)
})
afterAll(() => tree.remove())

/** The same request to the class and the middleware. */
const kinds: readonly (readonly [string, (fields?: object) => HandlerClass | Middleware])[] = [
  [
    'SimpleHTTPRequestHandler',
    (fields) => configure(SimpleHTTPRequestHandler, { directory: root, ...fields }),
  ],
  ['simpleHandler()', (options) => simpleHandler(root, options)],
]

/** What a client provokes in logs and error handlers is no concern of a test about answers. */
function forget(running: RunningHost): void {
  running.takeLog()
  running.errors.length = 0
}

onEveryHost('files', (host) => {
  describe.each(kinds)('by %s', (_, make) => {
    it('come whole, in one piece or many', async () => {
      const running = await host.start(make())
      for (const [name, content] of [
        ['digits.txt', Buffer.from('0123456789')],
        ['empty.txt', Buffer.alloc(0)],
        ['exact.bin', big.subarray(0, 65_536)],
        ['big.bin', big],
      ] as const) {
        const response = await request(running.port, `/${name}`)
        expect(response.status).toBe(200)
        expect(response.get('Content-Length')).toBe(String(content.length))
        expect(response.body.equals(content)).toBe(true)
        const head = await request(running.port, `/${name}`, { method: 'HEAD' })
        const fields = (one: typeof head): unknown =>
          one.headers.filter(([field]) => field !== 'Date')
        expect(fields(head)).toEqual(fields(response))
      }
      forget(running)
    })

    it.each([
      ['bytes=0-0', '0', 'bytes 0-0/10'],
      ['bytes=-3', '789', 'bytes 7-9/10'],
      ['bytes=-99', '0123456789', 'bytes 0-9/10'],
      ['bytes=8-99', '89', 'bytes 8-9/10'],
      ['bytes=1-2,3-4', '1234', 'bytes 1-4/10'],
    ])('come in part for %s (RFC 9110 section 14)', async (range, body, contentRange) => {
      const running = await host.start(make())
      const response = await request(running.port, '/digits.txt', { headers: { Range: range } })
      expect([response.status, text(response), response.get('Content-Range')]).toEqual([
        206,
        body,
        contentRange,
      ])
      expect(response.get('Content-Length')).toBe(String(body.length))
      const head = await request(running.port, '/digits.txt', {
        method: 'HEAD',
        headers: { Range: range },
      })
      expect(head.status).toBe(200)
      forget(running)
    })

    it('come in several parts', async () => {
      const running = await host.start(make())
      const range = 'bytes=300000-300009,0-1'
      const response = await request(running.port, '/big.bin', { headers: { Range: range } })
      const boundary = /^multipart\/byteranges; boundary=(\S+)$/.exec(
        response.get('Content-Type') ?? '',
      )?.[1]
      const parts = response.body.toString('latin1').split(`\r\n--${boundary ?? '?'}`)
      expect(response.status).toBe(206)
      expect(response.get('Content-Range')).toBeUndefined()
      expect(response.get('Content-Length')).toBe(String(response.body.length))
      expect(parts).toHaveLength(4)
      expect(parts[1]).toContain('Content-Range: bytes 300000-300009/400000\r\n')
      expect(parts[1]?.endsWith(big.subarray(300_000, 300_010).toString('latin1'))).toBe(true)
      expect(parts[2]).toContain('Content-Range: bytes 0-1/400000\r\n')
      expect(parts[3]).toBe('--\r\n')
      forget(running)
    })

    it('answer conditions by RFC 9110 section 13.2.2', async () => {
      const running = await host.start(make())
      const fresh = await request(running.port, '/digits.txt')
      const etag = fresh.get('ETag') ?? ''
      const modified = fresh.get('Last-Modified') ?? ''
      expect(modified).toBe('Thu, 29 Feb 2024 12:34:56 GMT')
      expect(etag).toBe(`W/"a-${treeMtime.getTime().toString(16)}"`)
      for (const [headers, status] of [
        [{ 'If-None-Match': etag }, 304],
        [{ 'If-None-Match': etag.slice(2) }, 304],
        [{ 'If-None-Match': `"x", ${etag}` }, 304],
        [{ 'If-None-Match': '*' }, 304],
        [{ 'If-None-Match': '"x"', 'If-Modified-Since': modified }, 200],
        [{ 'If-Modified-Since': modified }, 304],
        [{ 'If-Modified-Since': 'Thursday, 29-Feb-24 12:34:56 GMT' }, 304],
        [{ 'If-Modified-Since': 'Thu Feb 29 12:34:55 2024' }, 200],
        [{ 'If-Match': '*' }, 200],
        [{ 'If-Match': etag }, 412],
        [{ 'If-Unmodified-Since': modified }, 200],
        [{ 'If-Unmodified-Since': 'Thu, 29 Feb 2024 12:34:55 GMT' }, 412],
        [{ Range: 'bytes=0-1', 'If-Range': modified }, 206],
        [{ Range: 'bytes=0-1', 'If-Range': etag }, 200],
        [{ Range: 'bytes=10-' }, 416],
      ] as const) {
        const response = await request(running.port, '/digits.txt', { headers })
        expect({ headers, status: response.status }).toEqual({ headers, status })
        if (status === 304) {
          expect(response.get('ETag')).toBe(etag)
          expect(response.get('Content-Type')).toBeUndefined()
        }
        if (status === 416) {
          expect(response.get('Content-Range')).toBe('bytes */10')
        }
      }
      forget(running)
    })

    it('have strong tags by option', async () => {
      const running = await host.start(make({ etag: 'strong' }))
      const etag = (await request(running.port, '/digits.txt')).get('ETag') ?? ''
      expect(etag).toMatch(/^"a-[0-9a-f]+"$/)
      const ok = await request(running.port, '/digits.txt', { headers: { 'If-Match': etag } })
      expect(ok.status).toBe(200)
      const part = await request(running.port, '/digits.txt', {
        headers: { Range: 'bytes=0-1', 'If-Range': etag },
      })
      expect(part.status).toBe(206)
      forget(running)
    })

    it('say what charset they have', async () => {
      const running = await host.start(make())
      for (const [name, type] of [
        ['digits.txt', 'text/plain; charset=utf-8'],
        ['data.json', 'application/json; charset=utf-8'],
        ['bom16.txt', 'text/plain; charset=utf-16le'],
        ['bom16be.html', 'text/html; charset=utf-16be'],
        ['image.png', 'image/png'],
      ] as const) {
        for (const method of ['GET', 'HEAD']) {
          const response = await request(running.port, `/${name}`, { method })
          expect([name, response.get('Content-Type')]).toEqual([name, type])
        }
      }
      forget(running)
    })

    it('say nothing of charset, ranges and tags where that is off', async () => {
      const off = { charset: false, acceptRanges: false, etag: false, lastModified: false } as const
      const running = await host.start(make(off))
      const response = await request(running.port, '/digits.txt', {
        headers: { Range: 'bytes=0-1' },
      })
      expect(response.status).toBe(200)
      expect(response.get('Content-Type')).toBe('text/plain')
      for (const name of ['Accept-Ranges', 'ETag', 'Last-Modified'])
        expect(response.get(name)).toBeUndefined()
      forget(running)
    })

    it('are sent precompressed to whom accepts it', async () => {
      const running = await host.start(make({ precompressed: ['br', 'zstd', 'gzip'] }))
      const get = (name: string, accept?: string, more: object = {}) =>
        request(running.port, name, {
          headers: { ...(accept === undefined ? {} : { 'Accept-Encoding': accept }), ...more },
        })
      const plain = await get('/fresh.js')
      const gzip = await get('/fresh.js', 'gzip, br;q=0')
      const brotli = await get('/fresh.js', 'gzip, br')
      expect([plain, gzip, brotli].map((one) => one.get('Content-Encoding'))).toEqual([
        undefined,
        'gzip',
        'br',
      ])
      expect(new Set([plain, gzip, brotli].map((one) => one.get('ETag'))).size).toBe(3)
      expect(new Set([plain, gzip, brotli].map((one) => one.get('Vary')))).toEqual(
        new Set(['Accept-Encoding']),
      )
      expect(new Set([plain, gzip, brotli].map((one) => one.get('Content-Type')))).toEqual(
        new Set(['text/javascript; charset=utf-8']),
      )
      expect(gunzipSync(gzip.body).toString()).toBe(text(plain))
      for (const accept of ['', 'identity', 'deflate', '*;q=0', 'gzip;q=0, br;q=0']) {
        expect((await get('/fresh.js', accept)).get('Content-Encoding')).toBeUndefined()
      }
      const etag = gzip.get('ETag') ?? ''
      const unchanged = await get('/fresh.js', 'gzip', { 'If-None-Match': etag })
      expect([unchanged.status, unchanged.get('Vary')]).toEqual([304, 'Accept-Encoding'])
      expect(unchanged.get('Content-Encoding')).toBeUndefined()
      for (const [headers, status] of [
        [{ Range: 'bytes=9999-' }, 416],
        [{ 'If-Match': '"x"' }, 412],
      ] as const) {
        const refused = await get('/fresh.js', 'gzip', headers)
        expect([refused.status, refused.get('Vary')]).toEqual([status, 'Accept-Encoding'])
        expect(refused.get('Content-Encoding')).toBeUndefined()
      }
      expect((await get('/fresh.js', 'br', { 'If-None-Match': etag })).status).toBe(200)
      const part = await get('/fresh.js', 'gzip', { Range: 'bytes=0-1' })
      expect([part.status, part.body.toString('hex')]).toEqual([206, '1f8b'])
      expect([part.get('Vary'), part.get('Content-Encoding')]).toEqual(['Accept-Encoding', 'gzip'])
      expect(part.get('Content-Range')).toBe(`bytes 0-1/${gzip.body.length}`)
      for (const name of ['/stale.js', '/odd.js']) {
        const response = await get(name, 'gzip')
        expect([response.status, response.get('Content-Encoding')]).toEqual([200, undefined])
      }
      forget(running)
    })

    it('with names that are not UTF-8 come through the links of their listing', async () => {
      const running = await host.start(make())
      const listing = await request(running.port, '/bytes/')
      const href = /<li><a href="([^"]*)">/.exec(text(listing))?.[1] ?? ''
      expect(href).toBe('%ED%B3%BF.txt')
      expect(listing.body.includes(Buffer.from('>\xff.txt</a>', 'latin1'))).toBe(true)
      expect(text(await request(running.port, `/bytes/${href}`))).toBe('bytes')
      forget(running)
    })

    it('of one application answer for its pages, not for its missing parts', async () => {
      const running = await host.start(make({ spa: 'app/index.html' }))
      const html = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
      for (const [target, headers, status] of [
        ['/some/page', html, 200],
        ['/some/page', {}, 200],
        ['/some/page', { Accept: '*/*' }, 200],
        ['/some/page?x=1.js', html, 200],
        ['/some/v1.2/page/', html, 200],
        ['/some/v1.2', html, 404],
        ['/some/page', { Accept: 'application/json, text/plain, */*' }, 404],
        ['/some/page', { Accept: 'image/avif,image/webp,*/*;q=0.8' }, 404],
        ['/some/page', { Accept: 'text/html;q=0, */*' }, 404],
        ['/assets/missing.js', html, 404],
        ['/missing.png', { Accept: 'image/*' }, 404],
        ['/app/main.js', html, 200],
      ] as const) {
        const response = await request(running.port, target, { headers })
        expect({ target, headers, status: response.status }).toEqual({ target, headers, status })
        if (status === 200 && target.includes('page')) expect(text(response)).toBe('<p>app')
        // A cache must not give the page to whom there is none for, nor the other way round.
        const varies = response.get('Vary') === 'Accept'
        expect({ target, varies }).toEqual({ target, varies: target.includes('page') })
      }
      const head = await request(running.port, '/some/page?q', { method: 'HEAD', headers: html })
      expect([head.status, head.get('Content-Length'), head.body.length]).toEqual([200, '6', 0])
      const etag = head.get('ETag') ?? ''
      const again = await request(running.port, '/other', {
        headers: { ...html, 'If-None-Match': etag },
      })
      expect([again.status, again.get('Vary')]).toEqual([304, 'Accept'])
      forget(running)
    })

    it('are those of http.server alone under strict', async () => {
      const running = await host.start(
        make({ strict: true, precompressed: ['gzip'], extensions: ['html'], spa: 'page.html' }),
        { strict: true },
      )
      const headers = { 'Accept-Encoding': 'gzip', Accept: 'text/html' }
      const whole = await request(running.port, '/fresh.js', { headers })
      expect([whole.get('Content-Encoding'), text(whole)]).toEqual([undefined, 'fresh'.repeat(50)])
      expect((await request(running.port, '/page', { headers })).status).toBe(404)
      forget(running)
    })

    it('of one application come precompressed, too', async () => {
      const running = await host.start(make({ spa: 'fresh.js', precompressed: ['gzip'] }))
      const headers = { Accept: 'text/html', 'Accept-Encoding': 'gzip' }
      const page = await request(running.port, '/deep/link', { headers })
      expect(gunzipSync(page.body).toString()).toBe('fresh'.repeat(50))
      const vary = page.headers.filter(([name]) => name === 'Vary').map(([, value]) => value)
      expect(vary.join(', ')).toBe('Accept, Accept-Encoding')
      forget(running)
    })
  })

  it('never come stale', async () => {
    await using scratch = await makeTree([{ path: 'file.txt', content: 'aaaa' }])
    const file = join(scratch.directory, 'file.txt')
    const running = await host.start(simpleHandler(scratch.directory))
    const first = await request(running.port, '/file.txt')
    writeFileSync(file, 'bbbb')
    const second = await request(running.port, '/file.txt', {
      headers: { 'If-None-Match': first.get('ETag') ?? '' },
    })
    expect([second.status, text(second)]).toEqual([200, 'bbbb'])
    writeFileSync(file, 'cccccc')
    expect(text(await request(running.port, '/file.txt'))).toBe('cccccc')
  })

  it.each([
    ['with a cache', {}],
    ['without one', { cache: false }],
  ] as const)('of equal size are told apart within a second, %s', async (_, options) => {
    await using scratch = await makeTree([{ path: 'file.txt', content: '00000' }])
    const file = join(scratch.directory, 'file.txt')
    const running = await host.start(simpleHandler(scratch.directory, options))
    let etag = ''
    for (let i = 1; i <= 25; i++) {
      const content = String(i).padStart(5, '0')
      writeFileSync(file, content)
      for (const headers of [{ 'If-None-Match': etag }, {}]) {
        const response = await request(running.port, '/file.txt', { headers })
        expect([response.status, text(response)]).toEqual([200, content])
        etag = response.get('ETag') ?? ''
      }
      const same = await request(running.port, '/file.txt', { headers: { 'If-None-Match': etag } })
      expect(same.status).toBe(304)
    }
  })

  it('take the place of directories, and directories theirs', async () => {
    await using scratch = await makeTree([
      { path: 'x/index.html', content: 'index' },
      { path: 'y', content: 'file' },
    ])
    const at = (name: string): string => join(scratch.directory, name)
    const running = await host.start(simpleHandler(scratch.directory))
    const statuses = async (...targets: string[]): Promise<number[]> => {
      const answers = []
      for (const target of targets) answers.push((await request(running.port, target)).status)
      return answers
    }
    for (let i = 0; i < 3; i++) {
      expect(await statuses('/x', '/x/', '/x/index.html')).toEqual([301, 200, 200])
      expect(await statuses('/y', '/y/')).toEqual([200, 404])
    }
    renameSync(at('x'), at('z'))
    renameSync(at('y'), at('x'))
    renameSync(at('z'), at('y'))
    for (let i = 0; i < 3; i++) {
      expect(await statuses('/x', '/x/', '/x/index.html')).toEqual([200, 404, 404])
      expect(await statuses('/y', '/y/', '/y/index.html')).toEqual([301, 200, 200])
    }
    forget(running)
  })

  it('swapped for links out of the root while they are asked for are never followed', async () => {
    await using scratch = await makeTree([
      { path: 'root/dir/file.txt', content: 'inside' },
      { path: 'outside/file.txt', content: 'SECRET' },
    ])
    const at = (name: string): string => join(scratch.directory, name)
    const running = await host.start(simpleHandler(at('root'), { symlinks: 'inside' }))
    symlinkSync('../outside', at('link'))
    let swapping = true
    const swap = async (): Promise<void> => {
      while (swapping) {
        renameSync(at('root/dir'), at('kept'))
        renameSync(at('link'), at('root/dir'))
        await new Promise((resolve) => setImmediate(resolve))
        renameSync(at('root/dir'), at('link'))
        renameSync(at('kept'), at('root/dir'))
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    const swapper = swap()
    const shown = new Set<string>()
    for (let i = 0; i < 40; i++) {
      for (const answer of await Promise.all([
        request(running.port, '/dir/file.txt'),
        request(running.port, '/dir/'),
        request(running.port, '/dir/file.txt', { headers: { Range: 'bytes=0-' } }),
      ])) {
        shown.add(text(answer))
      }
    }
    swapping = false
    await swapper
    forget(running)
    expect([...shown].filter((one) => one.includes('SECRET'))).toEqual([])
    expect(text(await request(running.port, '/dir/file.txt'))).toBe('inside')
    forget(running)
  })

  it.each(['follow', 'inside', 'deny'] as const)('behind links: %s', async (symlinks) => {
    await using scratch = await makeTree([
      { path: 'root/file.txt', content: 'file' },
      { path: 'root/dir/x.txt', content: 'x' },
      { path: 'outside/y.txt', content: 'y' },
      { path: 'outside/sub/z.txt', content: 'z' },
      { path: 'root2/z.txt', content: 'z' },
    ])
    const at = (path: string): string => join(scratch.directory, path)
    symlinkSync('file.txt', at('root/in.txt'))
    symlinkSync('dir', at('root/indir'))
    symlinkSync('../outside/y.txt', at('root/out.txt'))
    symlinkSync('../outside', at('root/outdir'))
    symlinkSync('../root2', at('root/sibling'))
    symlinkSync('root', at('alias'))
    mkdirSync(at('root/index'))
    symlinkSync('../../outside/y.txt', at('root/index/index.html'))
    const inside = symlinks === 'deny' ? 404 : 200
    const outside = symlinks === 'follow' ? 200 : 404
    for (const directory of ['root', 'alias']) {
      const running = await host.start(simpleHandler(at(directory), { symlinks }))
      for (const [target, status] of [
        ['/file.txt', 200],
        ['/dir/x.txt', 200],
        ['/dir/', 200],
        ['/', 200],
        ['/in.txt', inside],
        ['/indir/x.txt', inside],
        ['/indir/', inside],
        ['/out.txt', outside],
        ['/outdir/y.txt', outside],
        ['/outdir/', outside],
        ['/indir', symlinks === 'deny' ? 404 : 301],
        ['/outdir', symlinks === 'follow' ? 301 : 404],
        ['/outdir/sub', symlinks === 'follow' ? 301 : 404],
        ['/sibling/z.txt', outside],
      ] as const) {
        const response = await request(running.port, target)
        expect({ target, status: response.status }).toEqual({ target, status })
      }
      expect(text(await request(running.port, '/index/')) === 'y').toBe(symlinks === 'follow')
      forget(running)
    }
  })
})
