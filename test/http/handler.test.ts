import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import request from 'supertest'
import { BaseHTTPRequestHandler } from '../../lib/handlers/base.ts'
import type { Middleware } from '../../types/middleware.ts'
import { onEveryHost, type RunningHost } from '../helpers/hosts.ts'

class Handler extends BaseHTTPRequestHandler {
  do_GET(): void | Promise<void> {
    switch (this.path) {
      case '/async':
        return this.answerLater()
      case '/throws':
        throw new Error('broken')
      case '/rejects':
        return Promise.reject(new Error('broken later'))
      case '/throws-late':
        this.sendResponse(200)
        this.sendHeader('Content-Length', 10)
        this.endHeaders()
        this.wfile.write('part')
        throw new Error('broken midway')
      case '/cookies':
        this.sendResponse(200)
        this.sendHeader('Set-Cookie', 'a=1')
        this.sendHeader('Set-Cookie', 'b=2')
        this.sendHeader('Content-Length', 0)
        this.endHeaders()
        return
      case '/injection':
        this.sendResponse(200)
        this.sendHeader('X-Name', 'a\r\nX-Other: b')
        return
      case '/nothing':
        return
    }
    this.answer(`${this.command} ${this.mount} ${this.path} ${this.headers.get('x-test') ?? '-'}`)
  }

  do_HEAD(): void {
    this.answer('HEAD is answered by the same code')
  }

  async do_POST(): Promise<void> {
    let size = 0
    for await (const chunk of this.rfile) size += (chunk as Buffer).length
    this.answer(`${size} bytes`)
  }

  do_DELETE(): void {
    const [code, message, explain] = this.path.slice(1).split('/').map(decodeURIComponent)
    this.sendError(Number(code), message, explain)
  }

  private answer(text: string): void {
    this.sendResponse(200)
    this.sendHeader('Content-Type', 'text/plain')
    this.sendHeader('Content-Length', Buffer.byteLength(text))
    this.endHeaders()
    this.wfile.write(text)
  }

  private async answerLater(): Promise<void> {
    await delay(1)
    this.answer('later')
  }
}

/** Log lines without their address and time. */
function messages(host: RunningHost): string[] {
  return host.takeLog().map((line) => line.replace(/^.*?\] /, '').trimEnd())
}

const addCookie: Middleware = (_req, res, next) => {
  res.setHeader('Set-Cookie', 'session=1')
  res.setHeader('Vary', 'Origin')
  next?.()
}

onEveryHost('A request handler class', (host) => {
  it('answers by its do_ method', async () => {
    const server = await host.start(Handler)
    const response = await request(server.url).get('/a%20b?c=d').set('X-Test', 'yes')
    expect(response.status).toBe(200)
    expect(response.text).toBe('GET  /a%20b?c=d yes')
    expect(response.headers['server']).toBe(`BaseHTTP/0.6 Node/${process.versions.node}`)
    expect(response.headers['date']).toMatch(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/)
    expect(messages(server)).toEqual(['"GET /a%20b?c=d HTTP/1.1" 200 -'])
  })

  it('may be asynchronous', async () => {
    const server = await host.start(Handler)
    const response = await request(server.url).get('/async')
    expect(response.text).toBe('later')
    server.takeLog()
  })

  it('sends no content to HEAD', async () => {
    const server = await host.start(Handler)
    const response = await request(server.url).head('/')
    expect(response.status).toBe(200)
    expect(response.headers['content-length']).toBe('33')
    server.takeLog()
  })

  it('reads content', async () => {
    const server = await host.start(Handler)
    const response = await request(server.url).post('/').send('x'.repeat(200_000))
    expect(response.text).toBe('200000 bytes')
    server.takeLog()
  })

  it('keeps fields of one name apart', async () => {
    const server = await host.start(Handler)
    const response = await request(server.url).get('/cookies')
    expect(response.headers['set-cookie']).toEqual(['a=1', 'b=2'])
    server.takeLog()
  })

  it.each(['/throws', '/rejects'])('answers what %s with 500', async (path) => {
    const server = await host.start(Handler)
    const response = await request(server.url).get(path)
    expect(response.status).toBe(500)
    if (host.name === 'HTTPServer') expect(response.text).not.toMatch(/broken|\bat /)
    expect(server.errors.splice(0)).toEqual([expect.objectContaining({ name: 'Error' })])
    server.takeLog()
    const next = await request(server.url).get('/still-alive')
    expect(next.status).toBe(200)
    server.takeLog()
  })

  it('closes the connection when it throws after the head', async () => {
    const server = await host.start(Handler)
    await expect(request(server.url).get('/throws-late')).rejects.toThrow(/aborted|hang up|RESET/)
    expect(server.errors.splice(0)).toHaveLength(1)
    server.takeLog()
  })

  it('never lets a value break the head apart', async () => {
    const server = await host.start(Handler)
    const response = await request(server.url).get('/injection')
    expect(response.status).toBe(500)
    expect(response.headers).not.toHaveProperty('x-other')
    expect(server.errors.splice(0)).toEqual([expect.any(TypeError)])
    server.takeLog()
  })

  it('sends an error page', async () => {
    const server = await host.start(Handler)
    const response = await request(server.url).delete('/404/No%20%3Cb%3E/Because')
    expect(response.status).toBe(404)
    expect(response.headers['content-type']).toBe('text/html;charset=utf-8')
    expect(response.headers['connection']).toBe('close')
    expect(response.text).toContain('<p>Message: No &lt;b&gt;.</p>')
    expect(response.text).toContain('<p>Error code explanation: 404 - Because.</p>')
    expect(messages(server)).toEqual([
      'code 404, message No <b>',
      '"DELETE /404/No%20%3Cb%3E/Because HTTP/1.1" 404 -',
    ])
  })

  it.each([204, 205, 304])('sends no page with %i', async (status) => {
    const server = await host.start(Handler)
    const response = await request(server.url).delete(`/${status}`)
    expect(response.status).toBe(status)
    expect(response.text).toBe('')
    expect(response.headers).not.toHaveProperty('content-type')
    server.takeLog()
  })

  it('describes a status nobody has defined by question marks', async () => {
    const server = await host.start(Handler)
    const response = await request(server.url).delete('/599')
    expect(response.status).toBe(599)
    expect(response.text).toContain('<p>Message: ???.</p>')
    server.takeLog()
  })
})

onEveryHost('toMiddleware', (host) => {
  it('scrubs control characters from the log', async () => {
    class Logging extends Handler {
      override do_GET(): void {
        this.logMessage('a %s b', '\x1b[31m\\')
        super.do_HEAD()
      }
    }
    const server = await host.start(Logging)
    await request(server.url).get('/')
    expect(messages(server)[0]).toBe('a \\x1b[31m\\\\ b')
  })

  if (host.name === 'HTTPServer') {
    it('answers an unknown method with 501', async () => {
      const server = await host.start(Handler)
      const response = await request(server.url).put('/')
      expect(response.status).toBe(501)
      expect(response.text).toContain("Unsupported method ('PUT')")
      server.takeLog()
    })
    return
  }

  it('passes an unknown method on', async () => {
    const server = await host.start(Handler)
    const response = await request(server.url).put('/')
    expect(response.status).toBe(404)
    expect(server.log).toEqual([])
  })

  it('answers an unknown method with 501 when it does not fall through', async () => {
    const server = await host.start(Handler, { fallthrough: false })
    const response = await request(server.url).put('/')
    expect(response.status).toBe(501)
    expect(response.text).toContain("Unsupported method ('PUT')")
    server.takeLog()
  })

  it('reports a handler that ends without a response', async () => {
    const server = await host.start(Handler)
    const response = await request(server.url).get('/nothing')
    expect(response.status).toBe(500)
    expect(server.errors.splice(0)).toEqual([
      expect.objectContaining({ message: 'Handler ended without a response' }),
    ])
  })

  it('keeps what earlier middleware has set', async () => {
    const server = await host.start(Handler, { before: addCookie })
    const response = await request(server.url).get('/cookies')
    expect(response.headers['set-cookie']).toEqual(['session=1', 'a=1', 'b=2'])
    expect(response.headers['vary']).toBe('Origin')
    server.takeLog()
  })

  it('may have members of any name', async () => {
    class Stateful extends Handler {
      state = { step: 1 }
      begin(): never {
        throw new Error('nobody asked for it')
      }
    }
    const server = await host.start(Stateful)
    expect((await request(server.url).get('/x')).text).toBe('GET  /x -')
    expect(messages(server)).toEqual(['"GET /x HTTP/1.1" 200 -'])
  })

  if (!host.mounts) return
  it('knows its mount', async () => {
    const server = await host.start(Handler, { mount: '/some%20where' })
    for (const [url, seen] of [
      ['/some%20where/x?y', 'GET /some%20where /x?y -'],
      ['/some%20where?y', 'GET /some%20where /?y -'],
      ['/some%20where', 'GET /some%20where / -'],
    ] as const) {
      const response = await request(server.url).get(url)
      expect(response.text).toBe(seen)
    }
    expect(messages(server)[0]).toBe('"GET /some%20where/x?y HTTP/1.1" 200 -')
  })
})
