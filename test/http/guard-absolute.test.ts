import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import connect from 'connect'
import express5 from 'express'
import express4 from 'express4'
import polka from 'polka'
import serveStatic from 'serve-static'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cgiHandler, simpleHandler } from '../../lib/middleware.ts'
import { HTTPServer } from '../../lib/server/http-server.ts'
import type { Middleware } from '../../types/middleware.ts'
import { request, text } from '../helpers/request.ts'
import { makeTree, type Tree } from '../helpers/tree.ts'

interface App {
  use(...args: unknown[]): unknown
}

const asListener = (app: App): RequestListener => app as unknown as RequestListener

/** A router that matches targets as they are, by hand. */
function byHand(): App & { handler: RequestListener } {
  const steps: [path: string, step: Middleware][] = []
  return {
    use(...args) {
      const [path, step] = args.length > 1 ? args : ['', ...args]
      return steps.push([path as string, step as Middleware])
    },
    handler(req, res) {
      const rest = steps.filter(([path]) => req.url?.startsWith(path))
      const next = (error?: unknown): void => {
        const step = error === undefined ? rest.shift() : undefined
        if (step !== undefined) step[1](req, res, next)
        else res.writeHead(error === undefined ? 404 : 500).end()
      }
      next()
    },
  }
}

const polkaApp = (): App & { handler: RequestListener } => polka()

const frameworks: readonly (readonly [string, () => App, (app: App) => RequestListener])[] = [
  ['Express 5', () => express5(), asListener],
  ['Express 4', () => express4() as App, asListener],
  ['Connect', () => connect(), asListener],
  ['Polka', polkaApp, (app) => (app as ReturnType<typeof polkaApp>).handler],
  ['a router by hand', byHand, (app) => (app as ReturnType<typeof byHand>).handler],
]

const servers: readonly (readonly [
  string,
  (listener: RequestListener) => Promise<{ port: number; close: () => Promise<unknown> }>,
])[] = [
  [
    'node:http',
    async (listener) => {
      const server = createServer((req, res) => {
        try {
          listener(req, res)
        } catch {
          // Connect throws for what Node's url.parse() cannot read.
          res.writeHead(400).end()
        }
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      const close = (): Promise<unknown> => new Promise((resolve) => server.close(resolve))
      return { port, close }
    },
  ],
  [
    'HTTPServer',
    async (listener) => {
      // Polka takes a third argument for something else.
      const onlyTwo: Middleware = (req, res) => {
        listener(req, res)
      }
      const server = new HTTPServer(['127.0.0.1', 0], onlyTwo, { log: false })
      await server.listen()
      return { port: server.serverPort, close: () => server.shutdown() }
    },
  ],
]

const origins = [
  'http://h',
  'HTTP://h:80',
  'https://h:x',
  'http://a:b',
  'http://a:80:',
  'http://a:',
  'http://h;x',
  'http://h%2f',
  "http://a'b",
  'http://a@:b',
  'http://u:p@h',
  'http://a,b',
  'http://a*b',
  'http://a\\b',
  'http://[::1]',
  'http://[a:b',
  'http://',
  'http:/',
  'http:',
  'ftp://h',
  'javascript:',
  '*',
  '',
]

const guarded = ['/admin/secret.txt', '/cgi-bin/admin/secret.sh', '/cgi-bin/admin/secret.sh/x?y']

let tree: Tree
beforeAll(async () => {
  const script = '#!/bin/sh\necho Content-Type: text/plain\necho\necho'
  tree = await makeTree([
    { path: 'admin/secret.txt', content: 'SECRET' },
    { path: 'public.txt', content: 'public' },
    { path: 'cgi-bin/admin/secret.sh', content: `${script} SECRET\n`, mode: 0o755 },
    { path: 'cgi-bin/public.sh', content: `${script} public\n`, mode: 0o755 },
  ])
})
afterAll(() => tree.remove())

describe.each(servers)('a guard against absolute-form targets on %s', (_server, listen) => {
  describe.each(frameworks)('in %s', (name, make, listener) => {
    let port: number
    let close: () => Promise<unknown>
    beforeAll(async () => {
      const app = make()
      const guard: Middleware = (_request, response) => {
        response.writeHead(401).end('guarded')
      }
      app.use('/admin', guard)
      app.use('/cgi-bin/admin', guard)
      // Polka runs what is mounted after what is not.
      if (name === 'Polka') {
        app.use((...[req, res, next]: Parameters<Middleware>) => {
          if (/^\/(?:cgi-bin\/)?admin\//.test(req.url ?? '')) guard(req, res, next)
          else next?.()
        })
      }
      // It parses the path for itself and leaves what it has found on the request.
      const others = serveStatic(`${tree.directory}/not-there`) as unknown as Middleware
      app.use((...[req, res, next]: Parameters<Middleware>) => {
        try {
          others(req, res, next)
        } catch {
          next?.()
        }
      })
      app.use(cgiHandler({ directory: tree.directory, user: false }))
      app.use(simpleHandler(tree.directory))
      ;({ port, close } = await listen(listener(app)))
    })
    afterAll(async () => {
      await close()
    })

    it.each(origins)('holds for %j', async (origin) => {
      for (const path of guarded) {
        let target = origin + path
        for (let hops = 0; hops < 3; hops++) {
          const response = await request(port, target)
          expect({ target, shown: text(response) }).not.toMatchObject({
            shown: expect.stringContaining('SECRET'),
          })
          const location = response.get('Location')
          if (location === undefined) break
          expect(location).toMatch(/^\/(?![/\\])/)
          target = location
        }
      }
    })

    it('lets a plain one through, by way of its path where the router does not read it', async () => {
      const reads = ['Express 5', 'Express 4', 'Connect'].includes(name)
      for (const [path, content] of [
        ['/public.txt?q', 'public'],
        ['/cgi-bin/public.sh?q', 'public\n'],
      ] as const) {
        const response = await request(port, `http://localhost:80${path}`)
        expect([response.status, response.get('Location')]).toEqual(
          reads ? [200, undefined] : [301, path],
        )
        const last = reads ? response : await request(port, path)
        expect([last.status, text(last)]).toEqual([200, content])
      }
    })
  })
})

describe.each([
  ['Express 5', () => express5()],
  ['Connect', () => connect()],
] as const)('a mount asked for in absolute form in %s', (_name, make) => {
  it('is the mount in a redirect', async () => {
    const app = make() as App
    app.use('/files', simpleHandler(tree.directory))
    const server = createServer(asListener(app))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const { port } = server.address() as AddressInfo
      const locations = []
      for (const target of [
        'http://h/files/admin',
        'http://h/files//public.txt?q',
        'http://h/files',
      ]) {
        locations.push((await request(port, target)).get('Location'))
      }
      expect(locations).toEqual(['/files/admin/', '/files/public.txt?q', '/files/'])
    } finally {
      server.close()
    }
  })
})
