import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import {
  BaseHTTPRequestHandler,
  failuresOf,
  type HandlerClass,
} from '../../../lib/handlers/base.ts'
import { runHandler } from '../../../lib/handlers/run-handler.ts'
import type { TrustProxy } from '../../../types/proxy.ts'

function make(Handler: HandlerClass): BaseHTTPRequestHandler {
  const request = new IncomingMessage(new Socket())
  return new Handler(request, new ServerResponse(request))
}

class Declining extends BaseHTTPRequestHandler {
  override handleOneRequest(): void {
    this.decline()
  }
}

class Answering extends BaseHTTPRequestHandler {
  override handleOneRequest(): void {
    this.response.end()
  }
}

class Failing extends BaseHTTPRequestHandler {
  override handleOneRequest(): void {
    throw new Error('of the handler')
  }
}

describe('runHandler()', () => {
  it.each<[string, HandlerClass, unknown]>([
    ['declines', Declining, undefined],
    ['throws', Failing, new Error('of the handler')],
  ])('calls a next() that throws once, for a handler that %s', async (_, Handler, told) => {
    const calls: unknown[] = []
    const next = (error?: unknown): void => {
      calls.push(error)
      throw new Error('of the host')
    }
    await expect(runHandler(make(Handler), next)).rejects.toThrow('of the host')
    expect(calls).toEqual([told])
  })

  it('passes on what is wrong with a class’s fields', async () => {
    class Wrong extends BaseHTTPRequestHandler {
      override log = false
      override trustProxy: TrustProxy = 'nonsense'
    }
    const calls: unknown[] = []
    await runHandler(make(Wrong), (error) => calls.push(error))
    expect(calls).toEqual([expect.objectContaining({ name: 'TypeError' })])
    // With nobody to tell, it is the server's to report; here there is none.
    const handler = make(Wrong)
    await expect(runHandler(handler)).resolves.toBeUndefined()
    expect(handler.response.statusCode).toBe(500)
  })

  it.each([Declining, Failing])('leaves alone what it has passed on: %p', async (Handler) => {
    const handler = make(Handler)
    const calls: unknown[] = []
    await runHandler(handler, (error) => calls.push(error))
    failuresOf(handler).add(new Error('late'))
    expect(calls).toHaveLength(1)
    expect(handler.response.destroyed).toBe(false)
  })

  it('passes on the first of what fails late, and leaves the response alone from then on', async () => {
    const handler = make(Answering)
    const calls: unknown[] = []
    await runHandler(handler, (error) => calls.push(error))
    const late = [new Error('late'), new Error('later')]
    for (const error of late) failuresOf(handler).add(error)
    expect(calls).toEqual(late.slice(0, 1))
    expect(handler.response.destroyed).toBe(false)
  })
})
