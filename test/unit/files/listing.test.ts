import { describe, expect, it } from '@jest/globals'
import { gzipSync } from 'node:zlib'
import { contentSecurityPolicy, script, style } from '../../../lib/files/listing-assets.ts'
import {
  compareText,
  readEntries,
  sortEntries,
  type Entry,
  type EntryPolicy,
} from '../../../lib/files/listing-entries.ts'
import { formatSize, isoTime, pageRow, pageStart } from '../../../lib/files/listing-page.ts'
import { listDirectory, parseOrder } from '../../../lib/files/listing.ts'
import { encodeText, isEncodable } from '../../../lib/files/surrogate-escape.ts'
import { makeTree } from '../../helpers/tree.ts'

const byName = { key: 'name', descending: false } as const
const page = { urlPath: '/d/', displayPath: '/d/', top: false, mountDepth: 0 }
const entry = (name: string, more: Partial<Entry> = {}): Entry => ({
  name,
  kind: 'file',
  link: false,
  stats: undefined,
  ...more,
})

describe('compareText()', () => {
  it('compares by code points where UTF-16 would not', () => {
    const sorted = ['\u{1d400}', '\uff5e', '\udc80', 'a', '', '\ud83d', '\u{1d401}', 'ab']
    sorted.sort(compareText)
    expect(sorted).toEqual(['', 'a', 'ab', '\ud83d', '\udc80', '\uff5e', '\u{1d400}', '\u{1d401}'])
  })
})

describe('sortEntries()', () => {
  const names = async (order: Parameters<typeof sortEntries>[1]): Promise<string[]> => {
    const stats = (size: number, mtimeMs: number): never => ({ size, mtimeMs }) as never
    const entries = [
      entry('b', { stats: stats(1, 30) }),
      entry('C', { stats: stats(3, 10) }),
      entry('a', { stats: stats(2, 20) }),
      entry('z', { kind: 'directory', stats: stats(9, 5) }),
      entry('y', { kind: 'directory', stats: stats(8, 6) }),
    ]
    await sortEntries(entries, order)
    return entries.map(({ name }) => name)
  }

  it.each([
    ['name', false, 'yzabC'],
    ['name', true, 'zyCba'],
    ['size', false, 'yzbaC'],
    ['size', true, 'zyCab'],
    ['mtime', false, 'zyCab'],
    ['mtime', true, 'yzbaC'],
  ] as const)('sorts by %s, descending %j', async (key, descending, order) => {
    expect((await names({ key, descending })).join('')).toBe(order)
  })
})

describe('parseOrder()', () => {
  it.each([
    ['', 'name', false],
    ['sort=size', 'size', false],
    ['sort=-mtime', 'mtime', true],
    ['a=b&sort=-name', 'name', true],
    ['sort=-size;x', 'size', true],
    ['sort=owner', 'name', false],
    ['sort=size1', 'name', false],
    ['resort=size', 'name', false],
  ])('reads %j', (query, key, descending) => {
    expect(parseOrder(query)).toEqual({ key, descending })
  })
})

describe('formatSize() and isoTime()', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1500, '1.5 kB'],
    [9949, '9.9 kB'],
    [9960, '10 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [5e9, '5.0 GB'],
    [Number.MAX_SAFE_INTEGER, '9.0 PB'],
  ])('writes %i as %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text)
  })

  it('writes times to the second', () => {
    expect(isoTime(Date.parse('2024-02-29T12:34:56.789Z'))).toBe('2024-02-29T12:34:56Z')
    expect(isoTime(9e15)).toBe('1970-01-01T00:00:00Z')
  })
})

describe('the page', () => {
  it("keeps http.server's skeleton", () => {
    const html = pageStart({ ...page, order: byName }) + pageRow(entry('a b.txt'))
    expect(html).toContain('<title>Directory listing for /d/</title>')
    expect(html).toContain('<h1>Directory listing for /d/</h1>')
    expect(html).toContain('<hr>\n<ul>\n<li><a href="a%20b.txt">a b.txt</a>')
  })

  it.each([
    ['<img src=x onerror=alert(1)>', '%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E'],
    ['"><script>x</script>', '%22%3E%3Cscript%3Ex%3C/script%3E'],
    ['javascript:alert(1)', 'javascript%3Aalert%281%29'],
    ["' onclick='x", '%27%20onclick%3D%27x'],
    ['&lt;b&gt;', '%26lt%3Bb%26gt%3B'],
  ])('cannot be broken by the name %j', (name, href) => {
    const row = pageRow(entry(name))
    expect(row).toContain(`<li><a href="${href}">`)
    expect(row.replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]/)
    expect(row.match(/<a /g)).toHaveLength(1)
  })

  it.each([
    ['new\nline', 'new\\x0aline'],
    ['bell\x07\x9b', 'bell\\x07\\x9b'],
    ['bidi\u202egpj.exe', 'bidi\\u202egpj.exe'],
    ['back\\slash', 'back\\slash'],
    ['\u05d0\u200f.txt', '\u05d0\u200f.txt'],
  ])('shows what is not seen in the name %j', (name, shown) => {
    expect(pageRow(entry(name))).toContain(`>${shown}</a>`)
  })

  it('says how it is sorted', () => {
    const html = pageStart({ ...page, order: { key: 'size', descending: true } })
    expect(html).toContain(
      '<button name="sort" value="size" title="Sort ascending" aria-current="true" aria-label="Size, sorted descending">Size \u2193</button>',
    )
    expect(html.match(/aria-current="true"/g)).toHaveLength(1)
  })

  it('marks directories, links and what cannot be read', () => {
    expect(pageRow(entry('d', { kind: 'directory' }))).toContain('<a href="d/">d/</a>')
    expect(pageRow(entry('l', { kind: 'directory', link: true }))).toContain('<a href="l/">l@</a>')
    expect(pageRow(entry('x', { kind: 'broken', link: true }))).toContain('x@</a><span>unreadable')
  })

  it('escapes the path in title and breadcrumbs', () => {
    const html = pageStart({
      urlPath: '/%3Cb%3E/x/',
      displayPath: '/<b>"/x/',
      top: false,
      mountDepth: 0,
      order: byName,
    })
    expect(html).not.toContain('<b>')
    expect(html).toContain('<a href="../../">/</a><a href="../">&lt;b&gt;&quot;/</a>')
  })

  it('leads no further up than the mount', () => {
    const html = pageStart({
      urlPath: '/m/',
      displayPath: '/m/',
      top: true,
      mountDepth: 1,
      order: byName,
    })
    expect(html).not.toContain('Parent directory')
    expect(html).not.toContain('<a ')
  })

  it('brings at most 3 KB of style, icons and script', () => {
    expect(Buffer.byteLength(style + script)).toBeLessThanOrEqual(3072)
    expect(gzipSync(style + script).length).toBeLessThanOrEqual(2048)
    expect(contentSecurityPolicy).toMatch(/^default-src 'none'; style-src 'sha256-/)
  })
})

describe('readEntries()', () => {
  const open: EntryPolicy = { directory: '', dotfiles: 'allow', symlinks: 'follow' }

  it('never fails for one bad entry', async () => {
    await using tree = await makeTree([
      { path: 'file', content: 'x' },
      { path: 'sub', directory: true },
      { path: 'good', link: 'file' },
      { path: 'dir', link: 'sub' },
      { path: 'dangling', link: 'nowhere' },
      { path: 'loop', link: 'loop' },
      { path: 'fifo', fifo: true },
    ])
    const entries = await readEntries(tree.directory, true, { ...open, directory: tree.directory })
    const kinds = Object.fromEntries(entries.map(({ name, kind, link }) => [name, [kind, link]]))
    expect(kinds).toEqual({
      file: ['file', false],
      sub: ['directory', false],
      good: ['file', true],
      dir: ['directory', true],
      dangling: ['broken', true],
      loop: ['broken', true],
      fifo: ['other', false],
    })
  })

  it('shows what the policies let be served', async () => {
    await using tree = await makeTree([
      { path: 'root/file', content: 'x' },
      { path: 'root/.env', content: 'x' },
      { path: 'root/.well-known/x', content: 'x' },
      { path: 'root/in', link: 'file' },
      { path: 'root/out', link: '../outside' },
      { path: 'root/sibling', link: '../root2' },
      { path: 'root/dangling', link: 'nowhere' },
      { path: 'outside', content: 'x' },
      { path: 'root2/x', content: 'x' },
    ])
    const directory = `${tree.directory}/root`
    const list = async (policy: Partial<EntryPolicy>, top = true): Promise<string[]> => {
      const entries = await readEntries(directory, top, { ...open, directory, ...policy })
      return entries.map(({ name }) => name).sort()
    }
    const all = ['.env', '.well-known', 'dangling', 'file', 'in', 'out', 'sibling']
    expect(await list({})).toEqual(all)
    expect(await list({ dotfiles: 'ignore' })).toEqual(all.slice(1))
    expect(await list({ dotfiles: 'deny' }, false)).toEqual(all.slice(2))
    expect(await list({ symlinks: 'inside' })).toEqual([
      '.env',
      '.well-known',
      'dangling',
      'file',
      'in',
    ])
    expect(await list({ symlinks: 'deny' })).toEqual(['.env', '.well-known', 'file'])
  })
})

describe('listDirectory()', () => {
  it('streams what is long and gives it no tag', async () => {
    const nodes = Array.from({ length: 2500 }, (_, i) => ({ path: `d/${i}`, content: '' }))
    await using tree = await makeTree(nodes)
    const path = `${tree.directory}/d`
    const policy: EntryPolicy = { directory: path, dotfiles: 'allow', symlinks: 'follow' }
    const request = { path, policy, accept: 'application/json', query: undefined, page }
    const listing = await listDirectory(request)
    expect(listing.content.size).toBeUndefined()
    expect(listing.etag).toBeUndefined()
    const chunks: Uint8Array[] = []
    for await (const chunk of listing.content) chunks.push(chunk)
    expect(chunks.length).toBeGreaterThan(3)
    const entries = JSON.parse(Buffer.concat(chunks).toString()) as { name: string; size: number }[]
    expect(entries).toHaveLength(2500)
    expect(entries[0]).toMatchObject({ name: '0', type: 'file', size: 0 })
  })
})

describe('encodeText()', () => {
  it('writes the bytes that were not UTF-8', () => {
    expect(encodeText('a\udcffb\0\udc80')).toEqual(Buffer.from('a\xffb\0\x80', 'latin1'))
    expect(encodeText('\u00e9')).toEqual(Buffer.from('\u00e9'))
  })

  it('writes ? for surrogates that stand for no byte', () => {
    expect(encodeText('a\ud800b\udfff').toString()).toBe('a?b?')
    expect(isEncodable('a\ud800')).toBe(false)
    expect(isEncodable('a\udc80\u{1f600}')).toBe(true)
  })
})
