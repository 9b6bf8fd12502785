import type { ServerResponse } from 'node:http'
import type { Exchange, ResponseHead } from '../../types/wire.ts'
import { isFieldText, isToken } from '../http/token.ts'
import type { Recorder } from './recorder.ts'

/** Fields that earlier middleware may have begun and that a response adds to instead of replacing. */
export const additive: ReadonlySet<string> = new Set(['set-cookie', 'vary', 'link'])

/**
 * Refuses a field that would break the head apart.
 *
 * @throws TypeError naming the field
 */
export function checkField(name: string, value: string): void {
  if (!isToken(name)) throw new TypeError(`Header name must be a token: ${JSON.stringify(name)}`)
  if (!isFieldText(value)) throw new TypeError(`Header ${name} has an invalid character`)
}

/**
 * Refuses a reason phrase that would break the head apart.
 *
 * @throws TypeError
 */
export function checkReason(reason: string): void {
  if (!isFieldText(reason)) throw new TypeError('Reason phrase has an invalid character')
}

/** Fields of a connection, which HTTP/2 has not (RFC 9113 section 8.2.2). */
const ofConnection: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

/** What of a handler decides how its response's content and its connection end. */
interface Sender {
  readonly closeConnection: boolean
  readonly command: string
  readonly requestVersion: string
  readonly protocolVersion: string
}

/** Status and fields of a response until they are sent. */
export class ResponseHeadBuffer {
  /** Whether a status line was begun and not yet sent. */
  begun = false
  #status = 0
  #reason = ''
  #fields: string[] = []

  /** Starts anew with a status line; fields added before it are kept, as http.server keeps them. */
  begin(status: number, reason: string): void {
    this.begun = true
    this.#status = status
    this.#reason = reason
  }

  /** Adds a field that was found safe. */
  add(name: string, value: string): void {
    this.#fields.push(name, value)
  }

  /** Has the head taken down as it stands. */
  record(recorder: Recorder): void {
    recorder.head(this.#status, this.#reason, this.#fields)
  }

  /** Sends by Node's own response: the host's framing, and what earlier middleware has set, stay. */
  sendByNode(response: ServerResponse): void {
    const fields = this.#take()
    if (this.#status === 100) {
      response.writeContinue()
      return
    }
    // Only node:http2's response has a stream.
    const http2 = 'stream' in response
    const seen = new Set<string>()
    for (let i = 0; i + 1 < fields.length; i += 2) {
      const name = fields[i] ?? ''
      const value = fields[i + 1] ?? ''
      const key = name.toLowerCase()
      if (http2 && ofConnection.has(key)) continue
      if (seen.has(key) || additive.has(key)) response.appendHeader(name, value)
      else response.setHeader(name, value)
      seen.add(key)
    }
    // Nor has HTTP/2 a reason phrase.
    if (http2) response.writeHead(this.#status)
    else response.writeHead(this.#status, this.#reason)
  }

  /** Sends these very bytes by the standalone server. */
  sendByExchange(exchange: Exchange, sender: Sender): void {
    const fields = this.#take()
    const status = this.#status
    let bytes = ''
    if (sender.requestVersion !== 'HTTP/0.9') {
      bytes = `${sender.protocolVersion} ${status} ${this.#reason}\r\n`
      for (let i = 0; i + 1 < fields.length; i += 2)
        bytes += `${fields[i] ?? ''}: ${fields[i + 1] ?? ''}\r\n`
      bytes += '\r\n'
    }
    if (status < 200) {
      exchange.sendInterim(bytes)
      return
    }
    // The response may be complete, by `pipeline(…, this.wfile)`, before its handler is.
    if (sender.closeConnection) exchange.persist = false
    exchange.beginResponse(frame(bytes, status, fields, sender.command))
  }

  #take(): string[] {
    const fields = this.#fields
    this.#fields = []
    this.begun = false
    return fields
  }
}

/** How the content of a response ends (RFC 9112 section 6.3). */
function frame(bytes: string, status: number, fields: string[], command: string): ResponseHead {
  if (command === 'HEAD' || status === 204 || status === 304)
    return { bytes, hasBody: false, length: 0 }
  let length: ResponseHead['length'] = 'until-close'
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i]?.toLowerCase()
    const value = fields[i + 1] ?? ''
    if (name === 'transfer-encoding') return { bytes, hasBody: true, length: 'self-delimited' }
    if (name === 'content-length' && /^\d{1,15}$/.test(value)) length = Number(value)
  }
  return { bytes: bytes, hasBody: true, length: bytes === '' ? 'until-close' : length }
}
