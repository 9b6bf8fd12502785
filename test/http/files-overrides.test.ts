import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { SimpleHTTPRequestHandler } from '../../lib/handlers/simple.ts'
import { BytesContent } from '../../lib/files/content.ts'
import { simpleHandler } from '../../lib/middleware.ts'
import type { Content } from '../../types/files.ts'
import { hosts, onEveryHost } from '../helpers/hosts.ts'
import { request, text } from '../helpers/request.ts'
import { makeTree, type Tree } from '../helpers/tree.ts'

let tree: Tree
let root: string
beforeAll(async () => {
  tree = await makeTree([
    { path: 'file.txt', content: 'file' },
    { path: 'other.txt', content: 'other' },
    { path: 'home.page', content: 'home' },
    { path: 'sub/x', content: 'x' },
  ])
  root = tree.directory
})
afterAll(() => tree.remove())

class Traced extends SimpleHTTPRequestHandler {
  override directory = root
  override indexPages = ['home.page']
  override extensionsMap = { '.txt': 'x/mapped' }
  override extraResponseHeaders = [['X-Extra', 'extra']] as const
  override endHeaders(): void {
    this.sendHeader('X-End', 'end')
    super.endHeaders()
  }
  override sendHeader(keyword: string, value: string | number): void {
    super.sendHeader(keyword, keyword === 'Server' ? 'mine' : value)
  }
  override sendError(code: number, message?: string): void {
    super.sendError(code, `mine: ${message ?? ''}`)
  }
}

onEveryHost('an override', (host) => {
  it('of endHeaders(), sendHeader() and sendError() sees every response', async () => {
    const running = await host.start(Traced, { fallthrough: false })
    const etag = (await request(running.port, '/file.txt')).get('ETag') ?? ''
    for (const [target, headers, status] of [
      ['/', {}, 200],
      ['/file.txt', {}, 200],
      ['/file.txt', { Range: 'bytes=0-1' }, 206],
      ['/file.txt', { 'If-None-Match': etag }, 304],
      ['/file.txt', { 'If-Match': '"x"' }, 412],
      ['/file.txt', { Range: 'bytes=9-' }, 416],
      ['/sub', {}, 301],
      ['/sub/', {}, 200],
      ['/missing', {}, 404],
    ] as const) {
      const response = await request(running.port, target, { headers })
      expect({ target, status: response.status }).toEqual({ target, status })
      expect([response.get('X-End'), response.get('Server')]).toEqual(['end', 'mine'])
      expect(response.get('X-Extra')).toBe('extra')
    }
    expect(text(await request(running.port, '/missing'))).toContain('mine: File not found')
    expect((await request(running.port, '/', { method: 'POST' })).get('X-End')).toBe('end')
    running.takeLog()
  })

  it('of indexPages and extensionsMap counts', async () => {
    const running = await host.start(Traced)
    expect(text(await request(running.port, '/'))).toBe('home')
    expect((await request(running.port, '/file.txt')).get('Content-Type')).toBe('x/mapped')
    running.takeLog()
  })

  it('of guessType(), translatePath() and listDirectory() counts', async () => {
    class Handler extends SimpleHTTPRequestHandler {
      override directory = root
      override guessType(path: string): string {
        return path.endsWith('other.txt') ? 'x/other' : super.guessType(path)
      }
      override translatePath(path: string): string {
        return super.translatePath(path === '/alias' ? '/other.txt' : path)
      }
      override listDirectory(path: string): Promise<Content> {
        const bytes = Buffer.from(`list of ${path.slice(root.length)}`)
        this.sendResponse(200)
        this.sendHeader('Content-Length', bytes.length)
        this.endHeaders()
        return Promise.resolve(new BytesContent(bytes))
      }
    }
    const running = await host.start(Handler)
    const alias = await request(running.port, '/alias')
    expect([text(alias), alias.get('Content-Type')]).toEqual(['other', 'x/other'])
    expect(text(await request(running.port, '/sub/'))).toBe('list of /sub/')
    running.takeLog()
  })

  it('of log methods sees the status of each', async () => {
    const seen: string[] = []
    class Handler extends SimpleHTTPRequestHandler {
      override directory = root
      override logRequest(code: number | string = '-'): void {
        seen.push(`${this.command} ${this.path} ${code}`)
      }
      override logError(): void {
        seen.push('error')
      }
    }
    const running = await host.start(Handler, { fallthrough: false })
    await request(running.port, '/file.txt')
    await request(running.port, '/sub')
    await request(running.port, '/missing')
    expect(seen).toEqual(['GET /file.txt 200', 'GET /sub 301', 'error', 'GET /missing 404'])
  })
})

onEveryHost('setHeaders', (host) => {
  it('is called with the file and wins over our fields', async () => {
    const calls: string[] = []
    const setHeaders = (response: ServerResponse, path: string, stat: { size: number }): void => {
      calls.push(`${path.slice(root.length)} ${stat.size}`)
      response.setHeader('ETag', '"mine"')
      response.setHeader('Cache-Control', 'no-store')
      response.setHeader('Content-Type', 'text/mine')
    }
    const running = await host.start(simpleHandler(root, { setHeaders }))
    const response = await request(running.port, '/file.txt')
    expect(['ETag', 'Cache-Control', 'Content-Type'].map((name) => response.get(name))).toEqual([
      '"mine"',
      'no-store',
      'text/mine',
    ])
    const again = await request(running.port, '/file.txt', {
      headers: { 'If-None-Match': '"mine"' },
    })
    expect([again.status, again.get('Content-Type')]).toEqual([304, undefined])
    expect(calls).toEqual(['/file.txt 4', '/file.txt 4'])
    await request(running.port, '/sub/')
    await request(running.port, '/sub')
    expect(calls).toHaveLength(2)
  })
})

describe('strict', () => {
  it('adds the extra fields to 200 alone', async () => {
    const running = await hosts
      .find(({ name }) => name === 'HTTPServer')
      ?.start(Traced, { strict: true })
    if (running === undefined) throw new Error('no host')
    for (const [target, extra] of [
      ['/file.txt', 'extra'],
      ['/sub/', 'extra'],
      ['/sub', undefined],
      ['/missing', undefined],
    ] as const) {
      expect([target, (await request(running.port, target)).get('X-Extra')]).toEqual([
        target,
        extra,
      ])
    }
    running.takeLog()
  })
})
