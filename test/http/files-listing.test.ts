import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { HandlerClass } from '../../lib/handlers/base.ts'
import { configure } from '../../lib/handlers/configure.ts'
import { SimpleHTTPRequestHandler } from '../../lib/handlers/simple.ts'
import { simpleHandler } from '../../lib/middleware.ts'
import type { Middleware } from '../../types/middleware.ts'
import { hosts, onEveryHost } from '../helpers/hosts.ts'
import { request, text } from '../helpers/request.ts'
import { makeTree, type Tree } from '../helpers/tree.ts'

let tree: Tree
let root: string
beforeAll(async () => {
  tree = await makeTree([
    { path: 'top.txt', content: 'top' },
    { path: 'd/B.txt', content: 'bb' },
    { path: 'd/a.txt', content: 'a'.repeat(1500) },
    { path: 'd/c.txt', content: '' },
    { path: 'd/zub', directory: true },
    { path: 'd/caf\u00e9 & <b>.txt', content: 'x' },
    { path: 'd/link', link: 'a.txt' },
    { path: 'd/dangling', link: 'nowhere' },
    { path: 'd/new\nline', content: 'x' },
    { path: 'd/deep/er/x', content: 'x' },
    { path: 'empty', directory: true },
  ])
  root = tree.directory
  utimesSync(join(root, 'd/c.txt'), 2_000_000_000, 2_000_000_000)
})
afterAll(() => tree.remove())

const kinds: readonly (readonly [string, () => HandlerClass | Middleware])[] = [
  ['SimpleHTTPRequestHandler', () => configure(SimpleHTTPRequestHandler, { directory: root })],
  ['simpleHandler()', () => simpleHandler(root)],
]

/** What a scraper of http.server's pages finds. */
function scrape(html: string): string[] {
  return [...html.matchAll(/<li><a href="([^"]*)">([^<]*)<\/a>/g)].map(([, href]) => href ?? '')
}

onEveryHost('listings', (host) => {
  describe.each(kinds)('by %s', (_, make) => {
    it("are what http.server's are to a scraper", async () => {
      const running = await host.start(make())
      const page = await request(running.port, '/d/')
      expect([page.status, page.get('Content-Type')]).toEqual([200, 'text/html; charset=utf-8'])
      expect(page.get('Content-Length')).toBe(String(page.body.length))
      expect(scrape(text(page))).toEqual([
        'deep/',
        'zub/',
        'a.txt',
        'B.txt',
        'c.txt',
        'caf%C3%A9%20%26%20%3Cb%3E.txt',
        'dangling',
        'link',
        'new%0Aline',
      ])
      for (const href of ['a.txt', 'caf%C3%A9%20%26%20%3Cb%3E.txt', 'new%0Aline', 'deep/']) {
        expect((await request(running.port, `/d/${href}`)).status).toBe(200)
      }
      const html = text(page)
      expect(html).toContain('<title>Directory listing for /d/</title>')
      expect(html).toContain('caf\u00e9 &amp; &lt;b&gt;.txt</a>')
      expect(html).toContain('<data value="1500" title="1,500 bytes">1.5 kB</data>')
      expect(html).toContain('dangling@</a><span>unreadable</span>')
      expect(html).toContain('<a href="../" rel="up">Parent directory</a>')
      running.takeLog()
    })

    it.each([
      ['sort=-name', 'zub/ deep/ new%0Aline'],
      ['sort=size', 'deep/ zub/ c.txt'],
      ['sort=-size', 'zub/ deep/ link'],
      ['sort=-mtime', 'deep/ zub/ c.txt'],
      ['sort=nonsense', 'deep/ zub/ a.txt'],
    ])('are sorted by the query %s', async (query, first) => {
      const running = await host.start(make())
      const page = text(await request(running.port, `/d/?${query}`))
      expect(scrape(page).slice(0, 3).join(' ')).toBe(first)
      expect(page).toContain('<title>Directory listing for /d/</title>')
      running.takeLog()
    })

    it('are JSON and text to whom likes these best', async () => {
      const running = await host.start(make())
      const get = (accept: string) => request(running.port, '/d/', { headers: { Accept: accept } })
      const json = await get('application/json')
      expect(json.get('Content-Type')).toBe('application/json; charset=utf-8')
      const entries = JSON.parse(text(json)) as { name: string }[]
      expect(entries.find(({ name }) => name === 'a.txt')).toEqual({
        name: 'a.txt',
        type: 'file',
        size: 1500,
        mtime: '2024-02-29T12:34:56Z',
      })
      expect(entries.find(({ name }) => name === 'link')).toMatchObject({
        type: 'file',
        link: true,
      })
      expect(entries.find(({ name }) => name === 'dangling')).toMatchObject({ type: 'broken' })
      expect(entries.find(({ name }) => name === 'zub')).toMatchObject({ type: 'directory' })
      const plain = await get('text/plain')
      expect(plain.get('Content-Type')).toBe('text/plain; charset=utf-8')
      expect(text(plain).split('\n').slice(0, 3)).toEqual(['deep/', 'zub/', 'a.txt'])
      expect(text(plain)).toContain('new\\x0aline\n')
      for (const accept of ['*/*', 'image/png', 'text/html, application/json', 'junk']) {
        expect((await get(accept)).get('Content-Type')).toBe('text/html; charset=utf-8')
      }
      expect((await get('application/json;q=0.5, text/html;q=0.4')).get('Vary')).toContain('Accept')
      const empty = await request(running.port, '/empty/', {
        headers: { Accept: 'application/json' },
      })
      expect(text(empty)).toBe('[]\n')
      running.takeLog()
    })

    it('have validators, and are asked for anew each time', async () => {
      await using scratch = await makeTree([{ path: 'x/a', content: 'a' }])
      const handler =
        make === kinds[0]?.[1]
          ? configure(SimpleHTTPRequestHandler, { directory: scratch.directory })
          : simpleHandler(scratch.directory)
      const running = await host.start(handler)
      const first = await request(running.port, '/x/')
      const etag = first.get('ETag') ?? ''
      expect(first.get('Cache-Control')).toBe('no-cache')
      expect(first.get('Last-Modified')).toMatch(/GMT$/)
      const same = await request(running.port, '/x/', { headers: { 'If-None-Match': etag } })
      expect([same.status, same.body.length]).toEqual([304, 0])
      const sorted = await request(running.port, '/x/?sort=size', {
        headers: { 'If-None-Match': etag },
      })
      expect(sorted.status).toBe(200)
      writeFileSync(join(scratch.directory, 'x/a'), 'longer')
      const changed = await request(running.port, '/x/', { headers: { 'If-None-Match': etag } })
      expect(changed.status).toBe(200)
      const head = await request(running.port, '/x/', { method: 'HEAD' })
      expect([head.status, head.get('ETag')]).toEqual([200, changed.get('ETag')])
      running.takeLog()
    })
  })

  if (host.mounts) {
    it('lead nowhere beyond their mount', async () => {
      const running = await host.start(simpleHandler(root), { mount: '/files' })
      const top = text(await request(running.port, '/files/'))
      expect(top).toContain('Directory listing for /files/')
      expect(top).not.toContain('Parent directory')
      const deep = text(await request(running.port, '/files/d/deep/'))
      expect(deep).toContain(
        '<a href="../../">/</a><a href="../">d/</a><span aria-current="page">deep/</span>',
      )
      const bare = await request(running.port, '/files')
      expect([bare.status, bare.get('Location')]).toEqual([301, '/files/'])
      const slash = await request(running.port, '/files/d?sort=size')
      expect([slash.status, slash.get('Location')]).toEqual([301, '/files/d/?sort=size'])
    })
  }

  it('are left out by option', async () => {
    const running = await host.start(simpleHandler(root, { listing: false }))
    expect((await request(running.port, '/d/')).status).toBe(404)
    running.takeLog()
  })
})

it('of 10,000 entries are complete', async () => {
  await using scratch = await makeTree(
    Array.from({ length: 10_000 }, (_, i) => ({ path: `many/${i}`, content: '' })),
  )
  for (const host of hosts.filter(({ name }) => name === 'node:http' || name === 'HTTPServer')) {
    const running = await host.start(
      configure(SimpleHTTPRequestHandler, { directory: scratch.directory }),
    )
    const page = await request(running.port, '/many/')
    expect(scrape(text(page))).toHaveLength(10_000)
    expect(text(page).endsWith('</html>\n')).toBe(true)
    running.takeLog()
  }
})
