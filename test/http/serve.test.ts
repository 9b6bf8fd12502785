import { EventEmitter } from 'node:events'
import { afterEach, describe, expect, it } from '@jest/globals'
import { BaseHTTPRequestHandler, type HandlerClass } from '../../lib/handlers/base.ts'
import { configure } from '../../lib/handlers/configure.ts'
import { HTTPServer } from '../../lib/server/http-server.ts'
import { serve } from '../../lib/server/serve.ts'
import type { ServeOptions } from '../../lib/server/serve-options.ts'
import { exchange } from '../helpers/raw.ts'

const stops: (() => Promise<unknown>)[] = []

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

class Handler extends BaseHTTPRequestHandler {
  override log = false

  do_GET(): void {
    this.sendResponse(200)
    this.sendHeader('Content-Length', 0)
    this.endHeaders()
  }
}

/** Serves until the test ends; gives the port and what was printed. */
async function start(
  handler: HandlerClass,
  options: ServeOptions = {},
): Promise<{ port: number; printed: string[]; ended: ReturnType<typeof serve> }> {
  const signals = new EventEmitter()
  const printed: string[] = []
  let listening: (url: string) => void = () => undefined
  const url = new Promise<string>((resolve) => (listening = resolve))
  const ended = serve(handler, {
    port: 0,
    bind: '127.0.0.1',
    stdout: { write: (text: string) => printed.push(text) > 0 },
    signals,
    onListening: listening,
    ...options,
  })
  stops.push(() => {
    signals.emit('SIGTERM')
    return ended
  })
  return { port: Number(new URL(await url).port), printed, ended }
}

describe('serve()', () => {
  it('serves until a signal', async () => {
    const { port, printed, ended } = await start(Handler)
    expect((await exchange(port, 'GET / HTTP/1.0\r\n\r\n')).toString()).toMatch(/^HTTP\/1\.0 200 /)
    expect(printed).toEqual([
      `Serving HTTP on 127.0.0.1 port ${port} (http://127.0.0.1:${port}/) ...\n`,
    ])
    await stops.pop()?.()
    expect(await ended).toEqual({ signal: 'SIGTERM', forced: false })
  })

  it.each<[string, HandlerClass, ServeOptions, string]>([
    ['http.server’s', Handler, {}, 'HTTP/1.0'],
    ['the class’s', configure(Handler, { protocolVersion: 'HTTP/1.1' }), {}, 'HTTP/1.1'],
    ['that of the option', Handler, { protocol: 'HTTP/1.1' }, 'HTTP/1.1'],
    [
      'that of the option, not the class’s',
      configure(Handler, { protocolVersion: 'HTTP/1.1' }),
      { protocol: 'HTTP/1.0' },
      'HTTP/1.0',
    ],
  ])('speaks the protocol that is %s', async (_, handler, options, version) => {
    const { port } = await start(handler, options)
    const bytes = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
    expect((await exchange(port, bytes)).toString().slice(0, 8)).toBe(version)
  })

  it.each<[Record<string, unknown>, RegExp]>([
    [{ strict: true }, /unknown option strict.*options/],
    [{ log: false }, /unknown option log/],
    [{ protocol: 'HTTP/9' }, /option protocol /],
    [{ protocol: 1 }, /option protocol /],
    [{ port: '80' }, /option port /],
    [{ port: 65_536 }, /option port /],
    [{ port: -1 }, /option port /],
    [{ bind: 5 }, /option bind /],
    [{ pidFile: 5 }, /option pidFile /],
    [{ workers: 0 }, /option workers /],
    [{ workers: Infinity }, /option workers /],
    [{ stdout: {} }, /option stdout .*write/],
    [{ stderr: 1 }, /option stderr .*write/],
    [{ signals: {} }, /option signals .*on\(\) and off\(\)/],
    [{ onListening: 1 }, /option onListening /],
    [{ ServerClass: 1 }, /option ServerClass /],
    [{ options: null }, /option options /],
    [{ options: { bogus: 1 } }, /bogus/],
    [{ tls: 5 }, /option tls /],
  ])('refuses the options %j', async (options, message) => {
    await expect(serve(Handler, options)).rejects.toThrow(message)
  })

  it('refuses what are no options', async () => {
    await expect(serve(Handler, null as never)).rejects.toThrow(/options must be an object/)
  })
})

describe('the address of a Unix socket', () => {
  it('is refused when the system has no room for it', () => {
    const longest = process.platform === 'linux' ? 107 : 103
    const make = (path: string): HTTPServer => new HTTPServer({ path }, Handler)
    expect(() => make(`/${'a'.repeat(longest - 1)}`)).not.toThrow()
    expect(() => make(`/${'a'.repeat(longest)}`)).toThrow(RangeError)
    expect(() => make(`/${'é'.repeat(60)}`)).toThrow(/at most \d+ bytes/)
  })
})
