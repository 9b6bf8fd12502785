import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { DocumentHead, ResponsePort } from '../cgi/relay.ts'
import type { ScriptField } from '../cgi/response.ts'
import type { Exchange } from '../../types/wire.ts'
import { isGone } from '../http/departure.ts'
import { directExchangeOf } from '../http/exchange-of.ts'
import { watchDeparture } from './departure.ts'
import { takeOver, type RawResponse } from './cgi-raw.ts'

/** What of a handler the port uses. */
export interface PortHandler {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  logRequest(code: number): void
}

/** Where the port gets its head. */
export interface HeadSender {
  /** Logs and sends the head that a script has asked for; says how the content after it is to be written. */
  sendHead(head: DocumentHead): Framing
}

/**
 * How content follows a head: not at all; as the host delimits it; as much as was announced; or in chunks that are to
 * be made here.
 */
export type Framing = 'none' | 'host' | 'length' | 'chunked'

/** `compression` and its like add this. */
interface FlushableResponse extends ServerResponse {
  flush?: () => void
}

const nothing = Buffer.alloc(0)
const chunkEnd = Buffer.from('\r\n')
const lastChunk = Buffer.from('0\r\n\r\n')

/** A handler's response as the place where a script's response goes. */
export class HandlerPort implements ResponsePort {
  /** Whether the client has gone, or the response is over. */
  over = false
  readonly #handler: PortHandler
  readonly #sender: HeadSender
  readonly #exchange: Exchange | undefined
  #framing: Framing = 'host'
  #raw: RawResponse | undefined
  #flushed = false
  #lastSent = performance.now()
  readonly #endWatch: () => void
  readonly #goneListeners = new Set<() => void>()
  readonly #drainListeners = new Set<() => void>()

  constructor(handler: PortHandler, sender: HeadSender) {
    this.#handler = handler
    this.#sender = sender
    const { request, response } = handler
    this.#exchange = directExchangeOf(response)
    response.on('close', this.#closed)
    response.on('drain', this.#drained)
    // A response that waits behind another on its connection is not told when that closes; the socket is.
    request.socket.on('close', this.#closed)
    this.#endWatch = watchDeparture(request, {
      probe: () => this.#probe(),
      lastSent: () => this.#lastSent,
      gone: () => {
        response.destroy()
      },
    })
    if (request.socket.destroyed || isGone(response)) this.#closed()
  }

  /** Leaves the response to another. */
  detach(): void {
    const { request, response } = this.#handler
    this.over = true
    response.off('close', this.#closed)
    response.off('drain', this.#drained)
    request.socket.off('close', this.#closed)
    this.#endWatch()
  }

  readonly #closed = (): void => {
    const { over } = this
    this.detach()
    if (!over) for (const listener of this.#goneListeners) listener()
  }

  /** Says that work goes on (RFC 2518 section 10.1), which fails if nobody listens. */
  #probe(): boolean {
    const { request, response } = this.#handler
    const current = request.httpVersionMajor === 1 && request.httpVersionMinor >= 1
    if (!current || response.headersSent) return false
    if (this.#exchange === undefined) response.writeProcessing()
    else this.#exchange.sendInterim('HTTP/1.1 102 Processing\r\n\r\n')
    return true
  }

  readonly #drained = (): void => {
    for (const listener of this.#drainListeners) listener()
  }

  sendHints(fields: readonly ScriptField[]): void {
    const { request, response } = this.#handler
    if (request.httpVersionMajor === 1 && request.httpVersionMinor === 0) return
    if (this.#exchange !== undefined) {
      const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`)
      this.#exchange.sendInterim(`HTTP/1.1 103 Early Hints\r\n${lines.join('')}\r\n`)
      return
    }
    try {
      response.writeEarlyHints(toHints(fields))
    } catch {
      // Node refuses a Link that it cannot read. Hints are only hints.
    }
  }

  begin(head: DocumentHead): boolean {
    this.#framing = this.#sender.sendHead(head)
    return this.#framing !== 'none'
  }

  beginRaw(start: Buffer): void {
    if (this.#raw !== undefined) return
    const status = Number(/^HTTP\/\d\.\d (\d{3})/.exec(start.toString('latin1', 0, 12))?.[1] ?? 200)
    this.#handler.logRequest(status)
    this.takeOver('', status)
  }

  /** Begins a response of raw bytes. */
  takeOver(head: string, status: number): void {
    this.#raw = takeOver(this.#handler.response, head, status)
  }

  write(content: Buffer): boolean {
    this.#flushed = true
    this.#lastSent = performance.now()
    const { response } = this.#handler
    if (this.#raw !== undefined) return this.#raw.write(content)
    if (this.#framing !== 'chunked') return response.write(content)
    response.write(`${content.length.toString(16)}\r\n`, 'latin1')
    response.write(content)
    return response.write(chunkEnd)
  }

  flush(): void {
    // Not flushHeaders(), which would make UTF-8 of octets beyond ASCII.
    if (!this.#flushed) this.#handler.response.write(nothing)
    this.#flushed = true
    const response: FlushableResponse = this.#handler.response
    if (this.#raw === undefined) response.flush?.()
  }

  end(): void {
    this.over = true
    if (this.#raw !== undefined) this.#raw.end()
    else if (this.#framing === 'chunked') this.#handler.response.end(lastChunk)
    else this.#handler.response.end()
  }

  abort(): void {
    this.over = true
    const { response, request } = this.#handler
    const delimited = this.#framing !== 'host' || response.chunkedEncoding
    // Where only the connection's end delimits the content, closing it would complete the response.
    if (!delimited) reset(request.socket)
    response.destroy()
  }

  onDrain(drained: () => void): void {
    this.#drainListeners.add(drained)
  }

  onGone(gone: () => void): void {
    if (this.over) queueMicrotask(gone)
    else this.#goneListeners.add(gone)
  }
}

// --- Internal ---

function reset(socket: Socket): void {
  if ('encrypted' in socket) return
  try {
    socket.resetAndDestroy()
  } catch {
    // A Unix socket knows no reset: its client is left to think that this was all.
  }
}

function toHints(fields: readonly ScriptField[]): Record<string, string | string[]> {
  const hints: Record<string, string | string[]> = {}
  const links: string[] = []
  for (const [name, value] of fields) {
    if (name.toLowerCase() === 'link') links.push(value)
    else hints[name] = value
  }
  return { ...hints, link: links }
}
