import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { configure } from '../../lib/handlers/configure.ts'
import { SimpleHTTPRequestHandler } from '../../lib/handlers/simple.ts'
import { simpleHandler } from '../../lib/middleware.ts'
import { hosts, onEveryHost, type Host, type RunningHost } from '../helpers/hosts.ts'
import { exchange, parseResponses, type RawResponse } from '../helpers/raw.ts'
import { request, text } from '../helpers/request.ts'
import { published } from '../helpers/published.ts'
import { makeTree, type Tree } from '../helpers/tree.ts'

const SECRET = 'outside-the-root'

let tree: Tree
let root: string
beforeAll(async () => {
  tree = await makeTree([
    { path: 'secret.txt', content: SECRET },
    { path: 'secret.html', content: SECRET },
    { path: 'public-restricted/x', content: SECRET },
    { path: 'tmp/existing_directory/x', content: SECRET },
    { path: 'public/index.txt', content: 'top' },
    { path: 'public/file.txt', content: 'file' },
    { path: 'public/sub/a.txt', content: 'a' },
    { path: 'public/sub/deep/b.txt', content: 'b' },
    { path: 'public/.env', content: 'SECRET=1' },
    { path: 'public/.git/config', content: 'SECRET=1' },
    { path: 'public/cgi-bin/hi.py', content: 'print()' },
    { path: 'public/\\evil.test/x', content: 'x' },
    { path: 'public/back\\slash.txt', content: 'x' },
    { path: 'public/<img src=x onerror=alert(1)>', content: 'x' },
    { path: 'public/big.bin', content: Buffer.alloc(100_000) },
    { path: 'public/" onerror="alert(0)', content: 'x' },
    { path: 'public/fifos/index.html', fifo: true },
    { path: 'public/fifos/page.html', fifo: true },
    { path: 'public/fifos/data.js', content: 'data' },
    { path: 'public/fifos/data.js.gz', fifo: true },
    { path: 'public/fifos/data.js.br', link: '/dev/zero' },
    { path: 'public/fifos/data.js.zst', link: 'data.js.zst' },
    { path: 'public/pipe', fifo: true },
    { path: 'public/socket', socket: true },
    { path: 'public/loop', link: 'loop' },
    { path: 'public/dangling', link: 'nowhere' },
    { path: 'public/out.txt', link: '../secret.txt' },
    { path: 'public/outdir', link: '../public-restricted' },
    { path: 'public/device', link: '/dev/zero' },
  ])
  root = `${tree.directory}/public`
})
afterAll(() => tree.remove())

/** Targets that have broken one file server or another. */
const attacks: readonly string[] = [
  // out of the root
  ...['/..', '/../', '/../secret.txt', '/../../../../../../../../etc/passwd', '/./../secret.txt'],
  ...['/%2e%2e/secret.txt', '/%2e%2e', '/%2E%2E/%2E%2E/etc/passwd', '/..%2fsecret.txt', '/..%2f'],
  ...[
    '/%2e%2e%2fsecret.txt',
    '/sub/..%2f..%2fsecret.txt',
    '/sub/../../secret.txt',
    '/..%5csecret.txt',
  ],
  ...[
    '/..\\secret.txt',
    '/%5c..%5csecret.txt',
    '/sub%5C..%5C..%5Csecret.txt',
    '/%5C.env',
    '/%252e%252e/secret.txt',
  ],
  ...[
    '/..;/secret.txt',
    '/.%2e/secret.txt',
    '/....//secret.txt',
    '/..%c0%afsecret.txt',
    '/..%ef%bc%8fsecret.txt',
  ],
  ...[
    '/%u002e%u002e/secret.txt',
    '/..%20/secret.txt',
    '/.. ./secret.txt',
    '/..%00/secret.txt',
    '//../secret.txt',
  ],
  ...[
    '/../public-restricted/x',
    '/%2e%2e/public-restricted/x',
    '/..%2fpublic-restricted%2fx',
    '/../../tmp/secret.html',
  ],
  ...[
    '/public/..%2fadmin/secret',
    '/sub/%2e%2e/%2e%2e/secret.txt',
    '/..//cgi-bin/hi.py',
    '/cgi-bin%2fhi.py',
  ],
  ...[
    '/X:/cgi-bin/hi.py',
    '/c:/windows/win.ini',
    '/C:%5cwindows',
    '/%5c%5cserver%5cshare',
    '/..:/x',
    '/file:///etc/passwd',
  ],
  // foreign redirects
  ...[
    '//evil.test/..%2f..%2f../sub',
    '//evil.test/..%2f..%2f..',
    '//evil.test/%2e%2e',
    '//evil.test/%2e%2e/sub',
  ],
  ...[
    '///evil.test/..',
    '////evil.test/%2f..',
    '/\\evil.test',
    '/\\evil.test/..',
    '/\\evil.test/%2e%2e/sub',
    '/\\\\evil.test',
  ],
  ...[
    '/%5Cevil.test',
    '/%5C%5Cevil.test/%252e%252e',
    '/%2fevil.test/..',
    '/%2f%2fevil.test/..%2fsub',
    '//\\evil.test/..',
  ],
  ...[
    '/public/..%2F%5cgithub.com%2F%3f%2F..%2F..',
    '//evil.test//sub',
    '//sub',
    '///sub',
    '/sub?//evil.test',
    '/sub#//evil.test',
  ],
  ...[
    '//evil.test/..%2f..%2f../%0a%0d/../tmp/existing_directory',
    '/%0d%0aLocation:%20http://evil.test/..',
    '/%0c',
  ],
  ...[
    '/sub%0d%0aX-Injected:%20yes',
    '/sub/..;//evil.test',
    '/./sub',
    '/.//evil.test/../sub',
    '/;/evil.test/..',
    '//evil.test/index',
  ],
  // malformed, NUL, too long
  ...[
    '/%',
    '/%zz',
    '/%2',
    '/file.txt%00',
    '/file.txt%00.html',
    '/%00',
    '/sub/%00',
    '/file.txt%0a',
    '/%ff%fe',
    '/%c3%28',
  ],
  ...[
    `/${'a'.repeat(5000)}`,
    `/${'a/'.repeat(2000)}`,
    `/${'%2e'.repeat(1000)}`,
    `/${'../'.repeat(1000)}etc/passwd`,
    `/${'%'.repeat(500)}`,
  ],
  ...[
    '/?x=%bb',
    '/?x=%00',
    '/?%ED%A0%80',
    '/sub/?x=<script>alert(1)</script>',
    '/%3Cscript%3Ealert(1)%3C/script%3E',
    '/__proto__',
    '/constructor/',
  ],
  // what is no file
  ...[
    '/pipe',
    '/pipe/',
    '/socket',
    '/loop',
    '/loop/',
    '/loop/x',
    '/dangling',
    '/device',
    '/file.txt/',
    '/file.txt/x',
  ],
  // NTFS
  ...[
    '/sub::$INDEX_ALLOCATION',
    '/sub:$I30:$INDEX_ALLOCATION',
    '/file.txt::$DATA',
    '/CON',
    '/NUL',
    '/COM1',
    '/FILE~1.TXT',
    '/file.txt.',
  ],
]

/** What frameworks have no part in is tried on the others alone. */
const accepts = ['*/*', 'application/json', 'text/plain']

const handlers = {
  'simpleHandler()': () => simpleHandler(root, { symlinks: 'inside' }),
  'simpleHandler(), no listing': () => simpleHandler(root, { symlinks: 'inside', listing: false }),
  SimpleHTTPRequestHandler: () =>
    configure(SimpleHTTPRequestHandler, { directory: root, symlinks: 'inside' }),
  'SimpleHTTPRequestHandler, strict': () =>
    configure(SimpleHTTPRequestHandler, { directory: root, symlinks: 'inside', strict: true }),
} as const

function isHtml(response: RawResponse): boolean {
  return response.get('Content-Type')?.startsWith('text/html') ?? true
}

function expectHarmless(target: string, response: RawResponse, port: number): void {
  const shown = text(response)
  const location = response.get('Location')
  const base = `http://127.0.0.1:${port}/`
  expect({
    target,
    served: response.status < 500,
    origin: location === undefined ? base : new URL(location, base).origin + '/',
    outside: shown.includes(SECRET) || shown.includes('root:'),
    disk: shown.includes(tree.directory),
    injected: response.get('X-Injected'),
    markup: isHtml(response) && /<script>alert|<img src=x/.test(shown),
  }).toEqual({
    target,
    served: true,
    origin: base,
    outside: false,
    disk: false,
    injected: undefined,
    markup: false,
  })
}

onEveryHost('attacks', (host) => {
  it.each(Object.keys(handlers) as (keyof typeof handlers)[])('do no harm to %s', async (name) => {
    const running = await host.start(handlers[name]())
    for (const target of attacks) {
      for (const accept of host.name.includes('Express') ? ['*/*'] : accepts) {
        const response = await request(running.port, target, { headers: { Accept: accept } })
        expectHarmless(target, response, running.port)
      }
    }
    for (const [, targets] of published) {
      for (const target of targets) {
        expectHarmless(target, await request(running.port, target), running.port)
      }
    }
    expect(text(await request(running.port, '/file.txt'))).toBe('file')
    expectNoErrors(running)
  })

  if (host.mounts) {
    it('do no harm below a mount', async () => {
      const handler = simpleHandler(root, { symlinks: 'inside' })
      const running = await host.start(handler, { mount: '/files' })
      for (const target of [...attacks, ...published.flatMap(([, targets]) => targets)]) {
        if (!target.startsWith('/')) continue
        const mounted = `/files${target}`
        expectHarmless(mounted, await request(running.port, mounted), running.port)
      }
      for (const target of [
        '/files/../secret.txt',
        '/files%2f../secret.txt',
        '/files/..//evil.test/..',
      ]) {
        expectHarmless(target, await request(running.port, target), running.port)
      }
      expect((await request(running.port, '/files/file.txt')).status).toBe(200)
      running.takeLog()
      running.errors.length = 0
    })
  }

  it('do no harm through ranges, conditions and lists', async () => {
    const running = await host.start(simpleHandler(root))
    const nasty = [
      '5-2',
      '0-18446744073709551615',
      '-0',
      '-',
      '0-,0-,0-,0-,0-',
      '0-0,'.repeat(200),
      '-999999',
      '99999-',
      '0--1',
      '1e3-',
      '٣-٤',
    ]
    const fields = [
      ...nasty.map((value) => ({ Range: `bytes=${value}` })),
      { Range: `bytes=${'0-,'.repeat(5000)}` },
      { 'If-Modified-Since': 'Mon, 99 Foo 9999 99:99:99 GMT' },
      { 'If-Modified-Since': '\x01' },
      { 'If-None-Match': '"'.repeat(5000) },
      { 'If-None-Match': `${'W/"a",'.repeat(3000)}x` },
      { 'If-Match': ','.repeat(5000) },
      { 'If-Range': 'W/"x", "y"', Range: 'bytes=0-1' },
      { 'Accept-Encoding': ';;;q=,,gzip;q=x' },
      { 'Accept-Encoding': 'a;'.repeat(4000) },
      { Accept: 'a/b;'.repeat(2000) },
      { Accept: 'x'.repeat(5000) },
    ]
    for (const headers of fields) {
      for (const target of ['/big.bin', '/file.txt', '/sub/']) {
        const ascii = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
        const head = `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${ascii.join('\r\n')}\r\n\r\n`
        const [response] = parseResponses(await exchange(running.port, Buffer.from(head)))
        expect({ headers, served: (response?.status ?? 500) < 500 }).toEqual({
          headers,
          served: true,
        })
        expect(response?.body.length).toBeLessThanOrEqual(101_000)
      }
    }
    expect((await request(running.port, '/file.txt')).status).toBe(200)
    running.errors.length = 0
    running.takeLog()
  })

  it('by FIFOs do not keep others waiting', async () => {
    const running = await host.start(simpleHandler(root))
    const waiting = Array.from({ length: 16 }, () => request(running.port, '/pipe'))
    expect(text(await request(running.port, '/file.txt'))).toBe('file')
    const answers = await Promise.all(waiting)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]))
    running.takeLog()
  })

  it('by what is no file do not reach index pages, extensions and encodings', async () => {
    const options = { extensions: ['html'], precompressed: true, listing: false } as const
    const running = await host.start(simpleHandler(root, options))
    const headers = { 'Accept-Encoding': 'br, zstd, gzip' }
    for (const [target, status] of [
      ['/fifos/', 404],
      ['/fifos/page', 404],
      ['/fifos/page.html', 404],
      ['/fifos/data.js', 200],
      ['/fifos/data.js.br', 404],
    ] as const) {
      const response = await request(running.port, target, { headers })
      expect({ target, status: response.status }).toEqual({ target, status })
      expect(response.get('Content-Encoding')).toBeUndefined()
      if (status === 200) expect(text(response)).toBe('data')
    }
    running.takeLog()
    running.errors.length = 0
  })
})

describe('mixtures of attacks', () => {
  const pieces = fc.constantFrom(
    ...[
      '/',
      '//',
      '/../',
      '/./',
      '\\',
      '%2f',
      '%5c',
      '..',
      '.',
      '%2e',
      '%2E%2e',
      '%00',
      '%',
      '%0a',
    ],
    ...['?', '#', ';', '@', ':', '*', '|', '<', '"', '~1', '%ff', '%c0%af', '%ED%B3%BF', '::$DATA'],
    ...['evil.test', 'sub', 'file.txt', 'secret.txt', 'public-restricted', '.env', 'outdir', 'etc'],
  )

  it.each(Object.keys(handlers) as (keyof typeof handlers)[])('do no harm to %s', async (name) => {
    const running = await startOnNode(handlers[name]())
    const targets = fc.array(pieces, { minLength: 1, maxLength: 9 })
    await fc.assert(
      fc.asyncProperty(targets, async (parts) => {
        const target = `/${parts.join('')}`
        expectHarmless(target, await request(running.port, target), running.port)
      }),
      { numRuns: 120 },
    )
    expect((await request(running.port, '/file.txt')).status).toBe(200)
    running.takeLog()
    running.errors.length = 0
  })
})

describe('the log', () => {
  it('has no control characters of a target in it', async () => {
    const standalone = hosts.find(({ name }) => name === 'HTTPServer')
    if (standalone === undefined) throw new Error('no standalone host')
    const running = await standalone.start(configure(SimpleHTTPRequestHandler, { directory: root }))
    for (const [, targets] of published) {
      for (const target of targets) await request(running.port, target)
    }
    const lines = running.takeLog()
    expect(lines.length).toBeGreaterThan(50)
    expect(lines.filter((line) => /[\p{Cc}]/u.test(line.replace(/\n$/, '')))).toEqual([])
  })
})

/** Errors a client provokes are for it, not for the app; what the log says of them is no concern here. */
function expectNoErrors(running: RunningHost): void {
  running.takeLog()
  expect(running.errors).toEqual([])
}

describe('dotfiles', () => {
  const spellings = [
    '/.env',
    '/%2eenv',
    '/.git/config',
    '/%2Egit/config',
    '/.env/.',
    '/./.env',
    '//.env',
    '/.git/',
    '/.git',
    '/sub/../.env',
  ]

  it.each(['ignore', 'deny'] as const)(
    'are neither served nor listed under %s',
    async (dotfiles) => {
      for (const handler of [
        simpleHandler(root, { dotfiles }),
        configure(SimpleHTTPRequestHandler, { directory: root, dotfiles }),
      ]) {
        expect(await findHidden(await startOnNode(handler))).toEqual([])
      }
    },
  )

  /** What is served or listed though it is hidden. */
  async function findHidden(running: RunningHost): Promise<string[]> {
    const found: string[] = []
    for (const target of spellings) {
      const { status } = await request(running.port, target)
      if (status !== 404 && status !== 403) found.push(target)
    }
    for (const accept of ['text/html', 'application/json', 'text/plain']) {
      const names = text(await request(running.port, '/', { headers: { Accept: accept } }))
      if (!names.includes('file.txt') || /\.env|\.git/.test(names)) found.push(accept)
    }
    running.takeLog()
    running.errors.length = 0
    return found
  }
})

function startOnNode(handler: Parameters<Host['start']>[0]): Promise<RunningHost> {
  const [first] = hosts
  if (first === undefined) throw new Error('no host')
  return first.start(handler)
}

describe('names in listings', () => {
  it('cannot bring in markup, whatever the browser is asked to think of them', async () => {
    const running = await startOnNode(simpleHandler(root))
    const page = await request(running.port, '/')
    const html = text(page)
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(html).not.toContain('<img')
    expect(page.get('X-Content-Type-Options')).toBe('nosniff')
    const policy = page.get('Content-Security-Policy') ?? ''
    const [style = '', script = ''] = ['style', 'script'].map(
      (tag) => new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(html)?.[1],
    )
    for (const part of [style, script]) {
      expect(part).not.toBe('')
      expect(policy).toContain(`'sha256-${createHash('sha256').update(part).digest('base64')}'`)
    }
    expect(policy).toContain("default-src 'none'")
  })

  it('say nothing of where they lie', async () => {
    const running = await startOnNode(simpleHandler(root))
    for (const accept of ['text/html', 'application/json', 'text/plain']) {
      const listing = await request(running.port, '/sub/', { headers: { Accept: accept } })
      expect(listing.status).toBe(200)
      expect(text(listing)).not.toContain(tree.directory)
    }
  })
})

describe('descriptors', () => {
  it('are all closed again', async () => {
    const running = await startOnNode(
      simpleHandler(root, { precompressed: true, symlinks: 'inside' }),
    )
    const etag = (await request(running.port, '/big.bin')).get('ETag') ?? ''
    const before = openFiles()
    const kinds = [
      {},
      { 'If-None-Match': etag },
      { 'If-Match': '"x"' },
      { Range: 'bytes=0-5' },
      { Range: 'bytes=0-1,50-60' },
      { Range: 'bytes=999999-' },
    ]
    for (let i = 0; i < 20; i++) {
      for (const headers of kinds) {
        for (const target of ['/big.bin', '/file.txt', '/out.txt', '/pipe', '/missing']) {
          await request(running.port, target, { headers, method: i % 2 === 0 ? 'GET' : 'HEAD' })
        }
      }
    }
    running.errors.length = 0
    // The last one is closed behind its answer.
    while (openFiles().length > before.length) await new Promise((turn) => setImmediate(turn))
    expect(openFiles()).toEqual(before)
  })
})

/** What this process has open below the tree, as far as the system says. */
function openFiles(): string[] {
  if (!existsSync('/proc/self/fd')) return []
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`)
      return path.includes(tree.directory) ? [path] : []
    } catch {
      // Closed meanwhile.
      return []
    }
  })
}
