import { describe, expect, it } from '@jest/globals'
import type { HandlerClass } from '../../../lib/handlers/base.ts'
import { CGIHTTPRequestHandler } from '../../../lib/handlers/cgi.ts'
import { configure } from '../../../lib/handlers/configure.ts'
import { ExpressFileHandler } from '../../../lib/handlers/express.ts'
import { isUnchanged, plainInstance } from '../../../lib/handlers/plain.ts'
import { SimpleHTTPRequestHandler } from '../../../lib/handlers/simple.ts'

/** As `serve()`, `HTTPServer` and its connections do one after the other. */
const configured = (Handler: HandlerClass): HandlerClass =>
  configure(configure(configure(Handler, { protocolVersion: 'HTTP/1.1' }), { log: false }), {
    trustProxy: false,
  })

describe('A class that overrides nothing', () => {
  it.each([SimpleHTTPRequestHandler, ExpressFileHandler, CGIHTTPRequestHandler])(
    'goes the short way, other values of its fields or not: %p',
    (Handler) => {
      expect(plainInstance(Handler)).toBeInstanceOf(Handler)
      expect(plainInstance(configured(Handler))).toMatchObject({ protocolVersion: 'HTTP/1.1' })
    },
  )

  it('goes the long way while a method of it is replaced', () => {
    const Handler = configured(SimpleHTTPRequestHandler)
    const { prototype } = SimpleHTTPRequestHandler
    // eslint-disable-next-line @typescript-eslint/unbound-method -- put back as it was
    const { guessType } = prototype
    prototype.guessType = () => 'text/plain'
    try {
      expect(isUnchanged(Handler)).toBe(false)
    } finally {
      prototype.guessType = guessType
    }
    expect(isUnchanged(Handler)).toBe(true)
  })
})

describe('A class that overrides something', () => {
  class Overriding extends SimpleHTTPRequestHandler {
    override guessType(path: string): string {
      return super.guessType(path)
    }
  }
  class WithField extends SimpleHTTPRequestHandler {
    override indexPages = ['other.html']
  }

  it.each([Overriding, WithField])('goes the long way: %p', (Handler) => {
    expect(plainInstance(Handler)).toBeUndefined()
    expect(plainInstance(configured(Handler))).toBeUndefined()
  })
})
