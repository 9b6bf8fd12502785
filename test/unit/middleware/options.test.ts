import { describe, expect, it } from '@jest/globals'
import { BaseHTTPRequestHandler } from '../../../lib/handlers/base.ts'
import { cgiHandler, simpleHandler, toMiddleware } from '../../../lib/middleware.ts'
import { HTTPServer } from '../../../lib/server/http-server.ts'
import { HTTPSServer } from '../../../lib/server/https-server.ts'

/** Callers in JavaScript give whatever they like. */
type Factory = (options: never) => unknown

const factories: readonly (readonly [string, Factory])[] = [
  ['cgiHandler()', (options) => cgiHandler(options)],
  ['simpleHandler()', (options) => simpleHandler('.', options)],
  ['toMiddleware()', (options) => toMiddleware(BaseHTTPRequestHandler, options)],
  ['HTTPServer', (options) => new HTTPServer(['', 0], BaseHTTPRequestHandler, options)],
  ['HTTPSServer', (options) => new HTTPSServer(['', 0], BaseHTTPRequestHandler, options)],
]

describe.each(factories)('Options of %s', (_, make) => {
  it.each([['a directory'], [5], [true], [[]]])('are not %j', (value) => {
    expect(() => make(value as never)).toThrow(new TypeError('options must be an object'))
  })
})

describe('null', () => {
  it('is no options to simpleHandler(), as to serve-static, and refused by the others', () => {
    for (const [name, make] of factories) {
      const made = (): unknown => make(null as never)
      if (name === 'simpleHandler()') expect(made).not.toThrow()
      else expect(made).toThrow(new TypeError('options must be an object'))
    }
  })
})
