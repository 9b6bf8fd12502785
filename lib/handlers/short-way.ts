import { AsyncResource } from 'node:async_hooks'
import type { BigIntStats, Stats } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FoundFile } from '../../types/files.ts'
import type { LogSink } from '../../types/logger.ts'
import type { Exchange, RequestHead } from '../../types/wire.ts'
import { isCurrent, type CacheEntry, type HotCache } from '../files/cache.ts'
import { contentsOf, type ContentCache } from '../files/content-cache.ts'
import { join } from '../files/join.ts'
import { sharedStat } from '../files/shared-stat.ts'
import { unmapped } from '../http/address.ts'
import { isReadAsUrl, spellingOf } from '../http/spelling.ts'
import { logEvent } from '../log/logger.ts'
import { toSink } from '../log/sink.ts'
import type { HandlerClass } from './base.ts'
import { isUnchanged, plainInstance } from './plain.ts'
import type { Recorder } from './recorder.ts'
import { clientAddressOf, originalTarget, requestlineOf } from './request.ts'
import { ShortAnswer } from './short-answer.ts'
import { asksForWhole, isUntouched } from './short-request.ts'
import type { SimpleHTTPRequestHandler } from './simple.ts'
import type { Target } from './simple-target.ts'

/** How a request is answered otherwise. */
export interface LongWay<T extends unknown[]> {
  /** Answers by a handler; `recorder` takes down what it answers. */
  answer(recorder: Recorder | undefined, ...request: T): void
  /** Told of what was thrown after {@link ShortWay} had returned. */
  fail(error: unknown, ...request: T): void
}

/**
 * Answers requests for small files as a handler has answered them before, without a handler.
 *
 * An answer that a handler gave to a plain request is taken down: head and content. It is given again to the same
 * request after the file was looked at, and only if it is still the same file with the same content. Whatever is not
 * plain (conditions, ranges, other methods, a class that overrides something) goes the long way.
 */
export class ShortWay {
  readonly #Handler: HandlerClass
  readonly #handler: SimpleHTTPRequestHandler
  readonly #contents: ContentCache
  readonly #cache: HotCache<CacheEntry>
  readonly #sink: LogSink | undefined
  /** Whether the class was looked at in this turn of the event loop, and found as it was. */
  #isOpen = false

  /** The short way of a class; `undefined` if its requests all go the long way. */
  static of(Handler: HandlerClass): ShortWay | undefined {
    const handler = plainInstance(Handler)
    if (handler === undefined || handler.cache === false) return undefined
    return new ShortWay(Handler, handler)
  }

  private constructor(Handler: HandlerClass, handler: SimpleHTTPRequestHandler) {
    this.#Handler = Handler
    this.#handler = handler
    this.#contents = contentsOf(Handler, handler.cache === false ? {} : handler.cache)
    this.#cache = this.#contents.entries
    this.#sink = toSink(handler.log)
  }

  /** Answers a request of the standalone server, now or when the file was looked at. */
  answer(exchange: Exchange, longWay: LongWay<[Exchange]>): void {
    const { head } = exchange
    const key = head === undefined || !isPlain(head) ? undefined : keyOf(head.target)
    if (head === undefined || key === undefined || !this.#isPassable()) {
      longWay.answer(undefined, exchange)
      return
    }
    const answer = this.#cache.get(key)
    if (!(answer instanceof ShortAnswer)) {
      longWay.answer(this.#record(key), exchange)
      return
    }
    sharedStat(answer.file.path, (stats) => {
      try {
        if (stats === undefined || !isCurrent(answer.file.version, stats)) {
          this.#cache.delete(key)
          longWay.answer(this.#record(key), exchange)
          return
        }
        this.#log(exchange.requestline, exchange.remoteAddress)
        exchange.persist = this.#mayPersist(head)
        answer.send(exchange, this.#handler.protocolVersion, Date.now())
      } catch (error) {
        longWay.fail(error, exchange)
      }
    })
  }

  /** Answers a request of `node:http`, Express or Connect, now or when the file was looked at. */
  answerByNode(
    request: IncomingMessage,
    response: ServerResponse,
    shared: boolean,
    longWay: LongWay<[]>,
  ): void {
    const { method, url = '', rawHeaders } = request
    const key = method === 'GET' && isMounted(request, url) ? keyOf(url) : undefined
    if (key === undefined || !asksForWhole(rawHeaders) || !this.#isPassable()) {
      longWay.answer(undefined)
      return
    }
    const answer = this.#cache.get(key)
    if (!(answer instanceof ShortAnswer)) {
      longWay.answer(isUntouched(request, response, shared) ? this.#record(key) : undefined)
      return
    }
    // Those who share a call do not share what AsyncLocalStorage holds for each of them.
    const scope = new AsyncResource('BASEHTTP')
    const proceed = (stats: BigIntStats | undefined): void => {
      try {
        const current = stats !== undefined && isCurrent(answer.file.version, stats)
        if (!current) this.#cache.delete(key)
        if (!current || request.url !== url || !isUntouched(request, response, shared)) {
          longWay.answer(undefined)
          return
        }
        if (this.#sink !== undefined) {
          this.#log(requestlineOf(request), clientAddressOf(request)[0])
        }
        answer.sendByNode(response, Date.now(), shared)
      } catch (error) {
        longWay.fail(error)
      }
    }
    sharedStat(answer.file.path, (stats) => {
      scope.runInAsyncScope(proceed, undefined, stats)
    })
  }

  /** Whether the class is still what its answers were recorded of: a method may be replaced at any time. */
  #isPassable(): boolean {
    if (this.#isOpen) return true
    if (!isUnchanged(this.#Handler)) {
      this.#cache.clear()
      return false
    }
    this.#isOpen = true
    setImmediate(() => {
      this.#isOpen = false
    })
    return true
  }

  #log(requestline: string, address: string): void {
    if (this.#sink === undefined) return
    const { logFormat } = this.#handler
    const message = `"${requestline}" 200 -`
    logEvent(this.#sink, logFormat, {
      time: Date.now(),
      level: 'info',
      client: unmapped(address),
      message,
    })
  }

  /** As `parseRequest()` decides it. */
  #mayPersist(head: RequestHead): boolean {
    if (head.connectionClose || this.#handler.protocolVersion < 'HTTP/1.1') return false
    return head.versionMinor >= 1 || head.connectionKeepAlive
  }

  #record(key: string): Recorder {
    let path = ''
    let stats: Stats | undefined
    return {
      found: (target, found) => {
        // One file has a spelling that is kept, however many a client thinks of.
        if (!this.#isDirect(target, found) || spellingOf(key).kind !== 'canonical') return
        if (!this.#cache.admits(key, found.file.stats.size)) return
        path = found.path
        stats = found.file.stats
      },
      head: (status, reason, fields) => {
        if (stats !== undefined && status === 200) void this.#keep(key, path, stats, reason, fields)
      },
    }
  }

  /** Whether a path leads to its file at once: whatever else is tried before might be there another time. */
  #isDirect(target: Target, found: FoundFile): boolean {
    if (target.canonical !== undefined || found.negotiated || lonely.test(found.path)) return false
    if (!target.slash) return found.path === target.path
    const [index] = this.#handler.indexPages
    return index !== undefined && found.path === join(target.path, index)
  }

  async #keep(
    key: string,
    path: string,
    stats: Stats,
    reason: string,
    fields: readonly string[],
  ): Promise<void> {
    try {
      const file = await this.#contents.load(path, stats)
      if (file !== undefined) this.#contents.keep(key, new ShortAnswer(file, reason, fields))
    } catch {
      // It was answered already; whoever asks next finds out what is the matter.
    }
  }
}

// --- Internal ---

/** Whether a request asks for a file and nothing else. */
function isPlain(head: RequestHead): boolean {
  return (
    head.method === 'GET' &&
    head.versionMajor === 1 &&
    head.framing.kind === 'none' &&
    asksForWhole(head.rawHeaders)
  )
}

/** The path of a target; `undefined` for one that is not simply a path and a query. */
function keyOf(target: string): string | undefined {
  if (target.charCodeAt(0) !== slash || target.charCodeAt(1) === slash) return undefined
  const query = target.indexOf('?')
  const path = query < 0 ? target : target.slice(0, query)
  return path.length > LONGEST_KEY || isReadAsUrl(target) ? undefined : path
}

/** What stands in a path for a byte that is not UTF-8; `node:fs` takes no such string. */
const lonely = /\p{Surrogate}/u

/** Characters of a path that is worth keeping. */
const LONGEST_KEY = 1024

const slash = 0x2f

/** A mount asked for without its slash looks like one asked for with it. */
function isMounted(request: IncomingMessage, url: string): boolean {
  return (url !== '/' && !url.startsWith('/?')) || originalTarget(request) === url
}
