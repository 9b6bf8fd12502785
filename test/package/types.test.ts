import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
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
import { request } from '../helpers/request.ts'

// tsc checks most of these.
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

  it('make handlers that every framework takes', async () => {
    expectTypeOf(simpleHandler).returns.toEqualTypeOf<Middleware>()
    expectTypeOf(cgiHandler).returns.toEqualTypeOf<Middleware>()
    expectTypeOf(toMiddleware).parameter(0).toEqualTypeOf<HandlerClass>()
    const handler = simpleHandler('.', { log: false })
    expectTypeOf(handler).parameter(0).toEqualTypeOf<IncomingMessage>()
    expectTypeOf(handler).parameter(1).toEqualTypeOf<ServerResponse>()
    expectTypeOf(handler).parameter(2).toEqualTypeOf<NextFunction | undefined>()
    // Each of them serves, and not by its type alone.
    for (const app of [handler, express().use(handler), connect().use(handler)]) {
      const plain = createServer(app).listen(0, '127.0.0.1')
      await once(plain, 'listening')
      // A TCP server's address is never a string.
      const { port } = plain.address() as AddressInfo
      expect((await request(port, '/package.json')).status).toBe(200)
      plain.close()
      const own = new HTTPServer(['127.0.0.1', 0], app, { log: false })
      await own.listen()
      expect((await request(own.serverPort, '/package.json')).status).toBe(200)
      await own.shutdown()
    }
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
