import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Exchange } from '../../types/wire.ts'
import type { Dispatch } from './dispatch.ts'

/** What a health endpoint tells. */
interface Health {
  /** Whether a load balancer is to look elsewhere. */
  readonly leaving: boolean
}

/** Answers a server's health endpoint ahead of its handlers. */
export function withHealth(dispatch: Dispatch, path: string, health: Health): Dispatch {
  return (exchange) => {
    const { head } = exchange
    if (head?.target !== path || head.versionMajor !== 1 || !isRead(head.method)) {
      dispatch(exchange)
    } else answer(exchange, health.leaving)
  }
}

/** The same for a host that gives Node's own objects. */
export function withHealthListener(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
  path: string,
  health: Health,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    if (request.url !== path || !isRead(request.method)) {
      listener(request, response)
      return
    }
    const { code, text } = state(health.leaving)
    response.writeHead(code, fields(text))
    response.end(request.method === 'HEAD' ? undefined : text)
  }
}

// --- Internal ---

function isRead(method: string | undefined): boolean {
  return method === 'GET' || method === 'HEAD'
}

function state(draining: boolean): { code: number; reason: string; text: string } {
  return draining
    ? { code: 503, reason: 'Service Unavailable', text: 'draining\n' }
    : { code: 200, reason: 'OK', text: 'ok\n' }
}

function fields(text: string): Record<string, string> {
  return {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(text.length),
    'Cache-Control': 'no-store',
  }
}

function answer(exchange: Exchange, draining: boolean): void {
  const { code, reason, text } = state(draining)
  const lines = Object.entries(fields(text)).map(([name, value]) => `${name}: ${value}\r\n`)
  const bytes = `HTTP/1.1 ${code} ${reason}\r\n${lines.join('')}Connection: close\r\n\r\n`
  // Probes come seldom: none needs its connection kept.
  exchange.persist = false
  if (exchange.head?.method === 'HEAD') exchange.reply({ bytes, hasBody: false, length: 0 })
  else exchange.reply({ bytes, hasBody: true, length: text.length }, Buffer.from(text))
}
