import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import connect from 'connect'
import express5 from 'express'
import express4 from 'express4'
import polka from 'polka'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { configure } from '../../lib/handlers/configure.ts'
import { SimpleHTTPRequestHandler } from '../../lib/handlers/simple.ts'
import { simpleHandler, toMiddleware } from '../../lib/middleware.ts'
import type { Middleware } from '../../types/middleware.ts'
import { request, text } from '../helpers/request.ts'
import { makeTree, type Tree } from '../helpers/tree.ts'

interface App {
  use(...args: unknown[]): unknown
}

/** Polka is not among them: there what is mounted runs after what is not, in whatever order it was added. */
const frameworks: readonly (readonly [string, () => App, (app: App) => RequestListener])[] = [
  ['Express 5', () => express5(), (app) => app as unknown as RequestListener],
  ['Express 4', () => express4() as App, (app) => app as unknown as RequestListener],
  ['Connect', () => connect(), (app) => app as unknown as RequestListener],
]

/** Other places for guard and files: what a router leaves of the path is what the files are looked up by. */
const layouts: readonly (readonly [string, (app: App, guard: Step, files: Step) => void])[] = [
  [
    'mounted twice',
    (app, guard, files) => {
      app.use('/other', files)
      app.use('/files/admin', guard)
      app.use('/files', files)
    },
  ],
  [
    'in a router within a router',
    (app, guard, files) => {
      const inner = express5.Router()
      inner.use('/admin', guard)
      inner.use(files)
      const outer = express5.Router()
      outer.use('/files', inner)
      app.use(outer)
    },
  ],
  [
    'that compares the path itself',
    (app, guard, files) => {
      app.use((req: IncomingMessage, res: ServerResponse, next: () => void) => {
        if (/^\/files\/admin(?:\/|$)/i.test(req.url ?? '')) guard(req, res, next)
        else next()
      })
      app.use('/files', files)
    },
  ],
]

type Step = (req: IncomingMessage, res: ServerResponse, next: () => void) => void

const middleware: readonly (readonly [string, (root: string) => Middleware])[] = [
  ['simpleHandler()', (root) => simpleHandler(root, { dotfiles: 'allow' })],
  [
    'toMiddleware(SimpleHTTPRequestHandler)',
    (root) => toMiddleware(configure(SimpleHTTPRequestHandler, { directory: root })),
  ],
]

let tree: Tree
const servers: Server[] = []
beforeAll(async () => {
  tree = await makeTree([
    { path: 'admin/secret.txt', content: 'SECRET' },
    { path: 'admin/deep/secret.txt', content: 'SECRET' },
    { path: 'public.txt', content: 'public' },
    { path: 'a/file.txt', content: 'a' },
  ])
})
afterAll(async () => {
  for (const server of servers) server.close()
  await tree.remove()
})

/** An app that lets nobody into `/admin` before it serves everything. */
async function serve(
  make: () => App,
  listener: (app: App) => RequestListener,
  handler: Middleware,
): Promise<number> {
  const app = make()
  app.use(
    '/admin',
    (_request: unknown, response: { statusCode: number; end(text: string): void }) => {
      response.statusCode = 401
      response.end('guarded')
    },
  )
  app.use(handler)
  const server = createServer(listener(app))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const spellings: readonly string[] = [
  ...[
    '/admin/secret.txt',
    '/admin%2fsecret.txt',
    '/admin%2Fsecret.txt',
    '/%61dmin/secret.txt',
    '//admin/secret.txt',
  ],
  ...[
    '///admin//secret.txt',
    '/./admin/secret.txt',
    '/x/../admin/secret.txt',
    '/a/../admin/secret.txt',
    '/admin;x/../admin/secret.txt',
  ],
  ...[
    '/.//admin/secret.txt',
    '/%2e/admin/secret.txt',
    '/%2e%2e/admin/secret.txt',
    '/a/%2e%2e/admin/secret.txt',
    '/a%2f..%2fadmin%2fsecret.txt',
  ],
  ...[
    '/admin%5csecret.txt',
    '/admin\\secret.txt',
    '/\\admin\\secret.txt',
    '/%5cadmin/secret.txt',
    '/a/..%5cadmin/secret.txt',
  ],
  ...[
    '/%2fadmin/secret.txt',
    '/%2Fadmin%2Fsecret.txt',
    '//admin/',
    '//admin',
    '/admin%2f',
    '/%61dmin/',
    '/%61%64%6d%69%6e/deep/secret.txt',
  ],
  ...[
    '/admin%00/secret.txt',
    '/admin/.%2e/admin/secret.txt',
    '/a//../admin/secret.txt',
    '/admin%252fsecret.txt',
    '/?/../admin/secret.txt',
  ],
  ...[
    'http://localhost//admin/secret.txt',
    'http://localhost/%61dmin/secret.txt',
    'http://localhost/a/../admin/secret.txt',
  ],
]

describe.each(frameworks)('a guard before it on %s', (_name, make, listener) => {
  describe.each(middleware)('%s', (_title, handlerFor) => {
    let port: number
    beforeAll(async () => {
      port = await serve(make, listener, handlerFor(tree.directory))
    })

    /** Follows redirects as a client would; gives the last answer. */
    async function visit(target: string): Promise<{ status: number; shown: string }> {
      let current = target
      for (let hops = 0; hops < 5; hops++) {
        const response = await request(port, current)
        const location = response.get('Location')
        if (location === undefined) return { status: response.status, shown: text(response) }
        expect(location).toMatch(/^\/(?![/\\])/)
        current = location
      }
      throw new Error(`${target} is redirected for ever`)
    }

    it.each(spellings)('holds for %s', async (target) => {
      const { status, shown } = await visit(target)
      expect(shown).not.toContain('SECRET')
      expect(shown).not.toContain('secret.txt</a>')
      expect([301, 400, 401, 403, 404, 200]).toContain(status)
    })

    it('holds for any mixture of them', async () => {
      const pieces = fc.constantFrom(
        ...[
          '/',
          '//',
          '/./',
          '/../',
          '/a/../',
          '%2f',
          '%5c',
          '\\',
          '%2e',
          '.',
          ';',
          '%00',
          '/x/../',
        ],
        ...['admin', '%61dmin', 'ad%6Din', 'Admin', 'secret.txt', 's%65cret.txt', 'deep', 'a', '%'],
      )
      const targets = fc.array(pieces, { minLength: 2, maxLength: 8 })
      await fc.assert(
        fc.asyncProperty(targets, async (parts) => {
          const { shown } = await visit(`/${parts.join('')}`)
          expect(shown).not.toContain('SECRET')
        }),
        { numRuns: 150 },
      )
    })

    it('lets through what is not guarded', async () => {
      expect(await visit('/public.txt')).toEqual({ status: 200, shown: 'public' })
      expect(await visit('//a//file.txt')).toEqual({ status: 200, shown: 'a' })
      expect(await visit('/%70ublic%2etxt')).toEqual({ status: 200, shown: 'public' })
    })
  })
})

describe('a guard', () => {
  const guard: Step = (_request, response) => {
    response.statusCode = 401
    response.end('guarded')
  }

  async function expectGuarded(app: RequestListener): Promise<void> {
    const server = createServer(app)
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    for (const spelling of spellings) {
      if (!spelling.startsWith('/')) continue
      for (const target of [`/files${spelling}`, `/FILES${spelling}`, `/%66iles${spelling}`]) {
        let current = target
        for (let hops = 0; hops < 5; hops++) {
          const response = await request(port, current)
          expect({ target, leaks: text(response).includes('SECRET') }).toEqual({
            target,
            leaks: false,
          })
          const location = response.get('Location')
          if (location === undefined) break
          expect(location).toMatch(/^\/(?![/\\])/)
          current = location
        }
      }
    }
    expect((await request(port, '/files/admin/secret.txt')).status).toBe(401)
    expect((await request(port, '/files/ADMIN/secret.txt')).status).toBe(401)
    expect(text(await request(port, '/files/public.txt'))).toBe('public')
  }

  it.each(layouts)('holds where files are %s', async (_name, fill) => {
    const app = express5()
    fill(app, guard, simpleHandler(tree.directory, { dotfiles: 'allow' }))
    await expectGuarded(app)
    expect.hasAssertions()
  })

  it('holds on Polka where it compares the path itself', async () => {
    const app = polka()
    layouts[2]?.[1](app, guard, simpleHandler(tree.directory))
    await expectGuarded(app.handler)
    expect.hasAssertions()
  })
})
