import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import { CGIHTTPRequestHandler } from '../../lib/handlers/cgi.ts'
import { cgiHandler } from '../../lib/middleware/cgi.ts'
import { simpleHandler } from '../../lib/middleware/simple.ts'
import { HTTPServer } from '../../lib/server/http-server.ts'
import { makeSite, startCgi, type Site } from '../helpers/cgi.ts'
import { hosts, onEveryHost } from '../helpers/hosts.ts'
import { request, text } from '../helpers/request.ts'

const show = `#!/bin/sh
# SOURCE
printf 'Content-Type: text/plain\\n\\n'
printf '%s|%s|%s\\n' "$SCRIPT_NAME" "$PATH_INFO" "$QUERY_STRING"
`

let site: Site
beforeAll(() => {
  site = makeSite({
    'show.sh': show,
    'sub/inner.sh': show,
    '.hidden.sh': show,
    '.git/hook.sh': show,
    noshebang: 'printf "Content-Type: text/plain\\n\\nno shebang\\n"\n',
    'a b.sh': show,
    '/cgi-bin/plain.txt': 'SOURCE of plain\n',
    '/cgi-bin/script.ext': 'printf "Content-Type: text/plain\\n\\nby $0\\n"\n',
    '/page.html': '<p>a page\n',
    '/cgi-binary/page.txt': 'not CGI\n',
  })
  site.write('/htbin/show.sh', show, 0o755)
})
afterAll(() => {
  site.remove()
})

onEveryHost('Finding a script', (host) => {
  const guarded = host.name !== 'HTTPServer'

  it.each([
    ['/cgi-bin/show.sh', '/cgi-bin/show.sh||'],
    ['/cgi-bin/show.sh?a=b&c', '/cgi-bin/show.sh||a=b&c'],
    ['/cgi-bin/show.sh/', '/cgi-bin/show.sh|/|'],
    ['/cgi-bin/show.sh/x%20y/z/?q', '/cgi-bin/show.sh|/x y/z/|q'],
    ['/cgi-bin/show.sh/%2541?%41', '/cgi-bin/show.sh|/%41|%41'],
    ['/cgi-bin/show.sh/a%3Fb?c?d', '/cgi-bin/show.sh|/a?b|c?d'],
    ['/cgi-bin/sub/inner.sh/x', '/cgi-bin/sub/inner.sh|/x|'],
    ['/cgi-bin/a%20b.sh', '/cgi-bin/a b.sh||'],
    ['/htbin/show.sh', '/htbin/show.sh||'],
    ['/cgi-bin/noshebang', 'no shebang'],
  ])('runs %s', async (target, expected) => {
    const { port } = await startCgi(host, site)
    const response = await request(port, target)
    expect([response.status, text(response)]).toEqual([200, `${expected}\n`])
  })

  it.each([
    ['/cgi-bin/none.sh', 404, "No such CGI script ('/cgi-bin/none.sh')"],
    ['/cgi-bin/none.sh/x', 404, "No such CGI script ('/cgi-bin/none.sh')"],
    ['/cgi-bin/', 403, "CGI script is not a plain file ('/cgi-bin/')"],
    ['/cgi-bin', 403, "CGI script is not a plain file ('/cgi-bin')"],
    ['/cgi-bin/sub', 403, "CGI script is not a plain file ('/cgi-bin/sub')"],
    ['/cgi-bin/plain.txt', 403, "CGI script is not executable ('/cgi-bin/plain.txt')"],
  ])('refuses %s', async (target, status, message) => {
    const { port } = await startCgi(host, site)
    for (const method of ['GET', 'HEAD', 'POST']) {
      const response = await request(port, target, { method })
      expect([response.status, response.reason]).toEqual([status, message])
      expect(text(response)).not.toContain('SOURCE')
    }
  })

  it.each([
    '//cgi-bin/show.sh',
    '/cgi-bin//show.sh',
    '/./cgi-bin/show.sh',
    '/x/../cgi-bin/show.sh',
    '/../cgi-bin/show.sh',
    '/cgi-bin/./show.sh',
    '/cgi-bin/x/../show.sh',
    '/cgi-bin%2fshow.sh',
    '/cgi-bin%2Fplain.txt',
    '/%63gi-bin/show.sh',
    '/cgi-bin/%73how.sh',
    '/cgi-bin/sho%77.sh',
    '/cgi-bin/plain.tx%74',
    '/cgi-bin/../cgi-bin/plain.txt',
    '/cgi-bin/.',
    '/cgi-bin/%2e/show.sh',
    '/cgi-bin/show.sh/../show.sh',
    '/cgi-bin/show.sh%00',
    '/cgi-bin/show.sh%00.html',
    '/cgi-bin/plain.txt/',
    '/cgi-bin/show.sh%2f..%2fplain.txt',
    '/cgi-bin\\show.sh',
    '/cgi-bin/show.sh#/../../page.html',
    '/page.html/../cgi-bin/plain.txt',
  ])('never sends the source for %s', async (target) => {
    const { port } = await startCgi(host, site)
    const response = await request(port, target)
    expect([200, 301, 400, 403, 404]).toContain(response.status)
    expect(text(response)).not.toContain('SOURCE')
    if (response.status === 200) expect(text(response)).toMatch(/^\/cgi-bin\/show\.sh\|/)
    // What guards may have read otherwise is not run.
    if (guarded) expect(response.status).not.toBe(200)
  })

  it('collapses PATH_INFO, or redirects to its canonical form', async () => {
    const { port } = await startCgi(host, site)
    const response = await request(port, '/cgi-bin/show.sh/a//b/c?q')
    if (guarded) expect(response.get('location')).toBe('/cgi-bin/show.sh/a/b/c?q')
    else expect(text(response)).toBe('/cgi-bin/show.sh|/a/b/c|q\n')
  })

  it('leaves other paths alone', async () => {
    const { port } = await startCgi(host, site)
    const response = await request(port, '/page.html')
    if (host.name === 'HTTPServer') expect(text(response)).toBe('<p>a page\n')
    else expect(response.status).toBe(404)
  })

  it('runs scripts by their extension', async () => {
    const { port } = await startCgi(host, site, { interpreters: { '.EXT': ['sh', '-e'] } })
    expect(text(await request(port, '/cgi-bin/script.ext'))).toBe(
      `by ${site.directory}/cgi-bin/script.ext\n`,
    )
    expect((await request(port, '/cgi-bin/plain.txt')).status).toBe(403)
  })

  it('answers every method but TRACE by a script', async () => {
    const { port } = await startCgi(host, site)
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']) {
      expect((await request(port, '/cgi-bin/show.sh', { method })).status).toBe(200)
    }
    expect((await request(port, '/cgi-bin/show.sh', { method: 'TRACE' })).status).toBe(501)
  })

  it('finds no script any more once it is gone', async () => {
    const { port, stderr } = await startCgi(host, site)
    const path = site.write('passing.sh', show)
    expect((await request(port, '/cgi-bin/passing.sh')).status).toBe(200)
    rmSync(path)
    expect((await request(port, '/cgi-bin/passing.sh')).status).toBe(404)
    // Depending on when it was looked for, that is known before it is started or after.
    expect(stderr.every((line) => line.includes('ENOENT'))).toBe(true)
  })

  it('has clients repeat the method for another spelling', async () => {
    const { port } = await startCgi(host, site)
    const response = await request(port, '/cgi-bin/show.s%68', { method: 'POST' })
    if (guarded) {
      expect([response.status, response.get('location')]).toEqual([308, '/cgi-bin/show.sh'])
    } else expect(response.status).toBe(200)
  })

  it.each(['/cgi-bin/.hidden.sh', '/cgi-bin/.git/hook.sh'])(
    'runs %s when told to',
    async (path) => {
      const hiding = await startCgi(host, site, { dotfiles: 'ignore', fallthrough: true })
      expect((await request(hiding.port, path)).status).toBe(404)
      const running = await startCgi(host, site, { dotfiles: 'allow' })
      expect(text(await request(running.port, path))).toBe(`${path}||\n`)
    },
  )

  it('has one program answer every path', async () => {
    const script = `${site.directory}/cgi-bin/show.sh`
    const { port } = await startCgi(host, site, { script })
    expect(text(await request(port, '/a/b%20c?q'))).toBe('|/a/b c|q\n')
  })
})

describe.each(hosts.filter((host) => host.mounts).map((host) => [host.name, host] as const))(
  'Under a mount, on %s,',
  (_, host) => {
    it.each([
      ['/app/cgi-bin/show.sh/x', '/app/cgi-bin/show.sh|/x|'],
      ['/app/cgi-bin/show.sh', '/app/cgi-bin/show.sh||'],
    ])('%s has the mount in SCRIPT_NAME', async (target, expected) => {
      const { port } = await startCgi(host, site, {}, { mount: '/app' })
      expect(text(await request(port, target))).toBe(`${expected}\n`)
    })

    it.each([
      ['/tool', '/tool||'],
      ['/tool?q', '/tool||q'],
      ['/tool/', '/tool|/|'],
      ['/tool/x?q', '/tool|/x|q'],
    ])('%s reaches the program mounted there', async (target, expected) => {
      const script = `${site.directory}/cgi-bin/show.sh`
      const { port } = await startCgi(host, site, { script }, { mount: '/tool' })
      expect(text(await request(port, target))).toBe(`${expected}\n`)
    })

    it('/toolbox does not', async () => {
      const script = `${site.directory}/cgi-bin/show.sh`
      const { port } = await startCgi(host, site, { script }, { mount: '/tool' })
      expect((await request(port, '/toolbox')).status).toBe(404)
    })

    it('all paths can be scripts', async () => {
      const options = { directory: `${site.directory}/cgi-bin`, cgiDirectories: ['/'] }
      const { port } = await startCgi(host, site, options, { mount: '/run' })
      expect(text(await request(port, '/run/show.sh/x'))).toBe('/run/show.sh|/x|\n')
      expect((await request(port, '/run/plain.txt')).status).toBe(403)
      expect((await request(port, '/run/')).status).toBe(403)
    })
  },
)

describe('cgiHandler() before simpleHandler()', () => {
  const app = express()
  const options = { stderr: false, directory: '' }
  let port = 0
  let stop: () => void

  beforeAll(async () => {
    options.directory = site.directory
    app.use('/open', cgiHandler({ ...options, fallthrough: true }))
    app.use('/open', simpleHandler(site.directory))
    app.use(cgiHandler(options))
    app.use(simpleHandler(site.directory))
    const server = await new Promise<ReturnType<typeof app.listen>>((resolve) => {
      const started = app.listen(0, '127.0.0.1', () => {
        resolve(started)
      })
    })
    const address = server.address()
    port = typeof address === 'object' && address !== null ? address.port : 0
    stop = () => server.close()
  })
  afterAll(() => {
    stop()
  })

  it('lets files be served, but none of a CGI directory', async () => {
    expect((await request(port, '/page.html')).status).toBe(200)
    expect((await request(port, '/cgi-binary/page.txt')).status).toBe(200)
    expect((await request(port, '/cgi-bin/plain.txt')).status).toBe(403)
    expect((await request(port, '/cgi-bin/none')).reason).toMatch(/No such CGI script/)
  })

  it('leaves a missing script to the next when asked to, and nothing else', async () => {
    expect((await request(port, '/open/cgi-bin/none')).reason).toBe('Not Found')
    expect((await request(port, '/open/cgi-bin/plain.txt')).status).toBe(403)
    expect((await request(port, '/open/cgi-bin%2fplain.txt')).status).toBe(404)
    expect(text(await request(port, '/open/cgi-bin/show.sh'))).toBe('/open/cgi-bin/show.sh||\n')
  })
})

describe('CGIHTTPRequestHandler', () => {
  it('may have members of any name in a subclass', async () => {
    class Busy extends CGIHTTPRequestHandler {
      override directory = site.directory
      override log = false
      strictHead = 'none'
      logScript = true
      sendScriptHead(): never {
        throw new Error('nobody asked for it')
      }
      refuseScript(): never {
        return this.sendScriptHead()
      }
      redirectClient(): never {
        return this.sendScriptHead()
      }
    }
    const server = await new HTTPServer(['127.0.0.1', 0], Busy).listen()
    try {
      const { serverPort: port } = server
      expect(text(await request(port, '/cgi-bin/show.sh'))).toBe('/cgi-bin/show.sh||\n')
      expect((await request(port, '/cgi-bin/none')).status).toBe(404)
    } finally {
      await server.shutdown()
    }
  })
})
