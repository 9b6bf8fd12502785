import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, describe, expect } from '@jest/globals'
import connect from 'connect'
import express5 from 'express'
import express4 from 'express4'
import polka from 'polka'
import type { HandlerClass } from '../../lib/handlers/base.ts'
import { isHandlerClass } from '../../lib/handlers/configure.ts'
import { toMiddleware } from '../../lib/middleware/handler.ts'
import { HTTPServer } from '../../lib/server/http-server.ts'
import type { Middleware } from '../../types/middleware.ts'
import type { HTTPServerOptions } from '../../types/server.ts'

/** How a test starts a host. */
export interface StartOptions {
  /** Path prefix to mount under; `''` by default. Hosts without mounting ignore it: see {@link Host.mounts}. */
  readonly mount?: string
  readonly strict?: boolean
  readonly fallthrough?: boolean
  /** Middleware that runs before. */
  readonly before?: Middleware
  /** Options of the standalone server. */
  readonly server?: HTTPServerOptions
}

/** A host that runs, and what it logged. */
export interface RunningHost {
  readonly port: number
  readonly url: string
  /** Log lines so far; a test that expects some takes them with {@link RunningHost.takeLog}. */
  readonly log: readonly string[]
  /** What reached the host's error handler: next(err) or HTTPServer.handleError. */
  readonly errors: unknown[]
  /** The log so far, which then counts as expected. */
  takeLog(): string[]
  close(): Promise<void>
}

/** A kind of program that our handlers run in. */
export interface Host {
  readonly name: string
  /** Whether our own wire reads the request. */
  readonly standalone: boolean
  /** Whether it can mount under a prefix. */
  readonly mounts: boolean
  start(handler: HandlerClass | Middleware, options?: StartOptions): Promise<RunningHost>
}

const running = new Set<RunningHost>()

/** Stops what the test has started, and fails it if it logged or threw what it did not expect. */
afterEach(async () => {
  const all = [...running]
  running.clear()
  await Promise.all(all.map((host) => host.close()))
  for (const host of all) {
    expect({ log: host.log, errors: host.errors }).toEqual({ log: [], errors: [] })
  }
})

/** Runs a suite once on each host. */
export function onEveryHost(title: string, suite: (host: Host) => void): void {
  describe.each(hosts.map((host) => [host.name, host] as const))(`${title} on %s`, (_, host) => {
    suite(host)
  })
}

class Run implements RunningHost {
  readonly port: number
  readonly log: string[]
  readonly errors: unknown[]
  readonly #close: () => Promise<void>

  constructor(port: number, record: Record, close: () => Promise<void>) {
    this.port = port
    this.log = record.log
    this.errors = record.errors
    this.#close = close
    running.add(this)
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  takeLog(): string[] {
    return this.log.splice(0)
  }

  close(): Promise<void> {
    return this.#close()
  }
}

/** What a host collects for its test. */
interface Record {
  log: string[]
  errors: unknown[]
}

function middlewareOf(
  handler: HandlerClass | Middleware,
  options: StartOptions,
  record: Record,
): Middleware {
  if (!isHandlerClass(handler)) return handler
  const { strict, fallthrough } = options
  return toMiddleware(handler, {
    log: (line) => record.log.push(line),
    ...(strict === undefined ? {} : { strict }),
    ...(fallthrough === undefined ? {} : { fallthrough }),
  })
}

/** An app of any framework, as far as these tests use it. */
interface App {
  use(...args: unknown[]): unknown
}

function fill(app: App, handler: Middleware, options: StartOptions): void {
  if (options.before !== undefined) app.use(options.before)
  if (options.mount !== undefined && options.mount !== '') app.use(options.mount, handler)
  else app.use(handler)
}

async function onNode(listener: RequestListener, record: Record): Promise<RunningHost> {
  const server: Server = createServer(listener)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return new Run(port, record, async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
}

function frameworkHost(name: string, make: () => App & RequestListener): Host {
  return {
    name,
    standalone: false,
    mounts: true,
    start(handler, options = {}) {
      const record: Record = { log: [], errors: [] }
      const app = make()
      fill(app, middlewareOf(handler, options, record), options)
      recordErrors(app, record)
      return onNode(app, record)
    },
  }
}

function plainHost(): Host {
  return {
    name: 'node:http',
    standalone: false,
    mounts: false,
    start(handler, options = {}) {
      const record: Record = { log: [], errors: [] }
      const middleware = middlewareOf(handler, options, record)
      const { before } = options
      return onNode((req, res) => {
        const next = (error?: unknown): void => {
          if (error !== undefined) record.errors.push(error)
          res.statusCode = error === undefined ? 404 : statusOf(error)
          if (res.headersSent) res.destroy()
          else res.end(error === undefined ? 'next\n' : 'error\n')
        }
        if (before === undefined) middleware(req, res, next)
        else {
          before(req, res, (error) => {
            if (error === undefined) middleware(req, res, next)
            else next(error)
          })
        }
      }, record)
    },
  }
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null) return 500
  if ('status' in error) return Number(error.status)
  return 'code' in error && error.code === 404 ? 404 : 500
}

function polkaHost(): Host {
  return {
    name: 'Polka',
    standalone: false,
    mounts: true,
    start(handler, options = {}) {
      const record: Record = { log: [], errors: [] }
      const app = polka({
        onError: (error, _req, res) => {
          // What nobody answers comes here too, as { code: 404 }.
          if (error instanceof Error) record.errors.push(error)
          res.statusCode = statusOf(error)
          if (res.headersSent) res.destroy()
          else res.end('error\n')
        },
      })
      fill(app, middlewareOf(handler, options, record), options)
      return onNode(app.handler, record)
    },
  }
}

class RecordingServer extends HTTPServer {
  errors: unknown[] = []

  override handleError(...args: Parameters<HTTPServer['handleError']>): void {
    this.errors.push(args[2])
  }
}

type Wrap = (handler: Middleware, options: StartOptions, record: Record) => Middleware

function standaloneHost(name: string, wrap?: Wrap): Host {
  return {
    name,
    standalone: true,
    mounts: wrap !== undefined,
    async start(handler, options = {}) {
      const record: Record = { log: [], errors: [] }
      const server = new RecordingServer(
        ['127.0.0.1', 0],
        wrap === undefined
          ? handler
          : wrap(middlewareOf(handler, options, record), options, record),
        {
          log: (line) => record.log.push(line),
          ...(options.strict === undefined ? {} : { strict: options.strict }),
          ...options.server,
        },
      )
      server.errors = record.errors
      await server.listen()
      return new Run(server.serverPort, record, async () => {
        server.closeAllConnections()
        await server.shutdown()
      })
    },
  }
}

/** An app that runs on our own server. */
function expressAround(handler: Middleware, options: StartOptions, record: Record): Middleware {
  const app = expressApp(express5)
  fill(app, handler, options)
  recordErrors(app, record)
  return app
}

function recordErrors(app: App, record: Record): void {
  app.use((error: unknown, _req: unknown, _res: unknown, next: (err: unknown) => void) => {
    record.errors.push(error)
    next(error)
  })
}

function expressApp(make: typeof express5): App & RequestListener {
  const app = make()
  app.set('env', 'test')
  return app as App & RequestListener
}

/** Every host, ours last. */
export const hosts: readonly Host[] = [
  plainHost(),
  frameworkHost('Express 5', () => expressApp(express5)),
  frameworkHost('Express 4', () => expressApp(express4)),
  frameworkHost('Connect', () => connect()),
  polkaHost(),
  standaloneHost('HTTPServer'),
  standaloneHost('Express 5 on HTTPServer', expressAround),
]
