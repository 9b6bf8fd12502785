import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import connect from 'connect'
import { expectTypeOf } from 'expect-type'
import express from 'express'
import {
  BaseHTTPRequestHandler,
  cgiHandler,
  CGIHTTPRequestHandler,
  HTTPServer,
  simpleHandler,
  SimpleHTTPRequestHandler,
  toMiddleware,
  type HandlerClass,
  type HTTPMessage,
  type Middleware,
  type NextFunction,
} from '../../lib/index.ts'

// tsc checks these; running them only shows that nothing throws.
describe('public types', () => {
  it('take a subclass with plain do_ methods', () => {
    class Handler extends BaseHTTPRequestHandler {
      override protocolVersion = 'HTTP/1.1'
      do_GET(): void {
        expectTypeOf(this.headers).toEqualTypeOf<HTTPMessage>()
        expectTypeOf(this.headers.get('host')).toEqualTypeOf<string | undefined>()
        expectTypeOf(this.clientAddress).toEqualTypeOf<[host: string, port: number]>()
      }
      async do_SPAM(): Promise<void> {
        await Promise.resolve()
      }
    }
    expectTypeOf(Handler).toExtend<HandlerClass>()
    expectTypeOf<Handler['do_ANY']>().toEqualTypeOf<(() => void | Promise<void>) | undefined>()
    expect(new HTTPServer(['', 0], Handler)).toBeInstanceOf(HTTPServer)
  })

  it('make handlers that every framework takes', () => {
    expectTypeOf(simpleHandler).returns.toEqualTypeOf<Middleware>()
    expectTypeOf(cgiHandler).returns.toEqualTypeOf<Middleware>()
    expectTypeOf(toMiddleware).parameter(0).toEqualTypeOf<HandlerClass>()
    const handler = simpleHandler('.')
    expectTypeOf(handler).parameter(0).toEqualTypeOf<IncomingMessage>()
    expectTypeOf(handler).parameter(1).toEqualTypeOf<ServerResponse>()
    expectTypeOf(handler).parameter(2).toEqualTypeOf<NextFunction | undefined>()
    expect(express().use(handler)).toBeDefined()
    expect(connect().use(handler)).toBeDefined()
    expect(createServer(handler)).toBeDefined()
    expect(new HTTPServer(['', 0], express())).toBeDefined()
    expect(new HTTPServer(['', 0], connect())).toBeDefined()
    expect(new HTTPServer(['', 0], handler)).toBeDefined()
  })

  it('keep the classes in line', () => {
    expectTypeOf<SimpleHTTPRequestHandler>().toExtend<BaseHTTPRequestHandler>()
    expectTypeOf<CGIHTTPRequestHandler>().toExtend<SimpleHTTPRequestHandler>()
    expect(CGIHTTPRequestHandler.prototype).toBeInstanceOf(SimpleHTTPRequestHandler)
  })

  it('refuse options that do not exist', () => {
    // @ts-expect-error -- misspelt on purpose
    expect(() => simpleHandler('.', { dotfile: 'allow' })).not.toThrow()
    // @ts-expect-error -- no such policy
    expect(() => simpleHandler('.', { dotfiles: 'hide' })).toThrow(TypeError)
  })
})
