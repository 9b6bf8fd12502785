import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { Connection } from '../../lib/wire/connection.ts'
import type { Exchange, ResponseHead, WireOptions } from '../../types/wire.ts'
import { wireOptions } from './heads.ts'

/** A server of nothing but connections of the wire. */
export interface WireServer {
  readonly port: number
  /** Its connections so far, the first first. */
  readonly connections: Connection[]
  /** Its exchanges so far. */
  readonly exchanges: Exchange[]
  /** Resolves once `count` requests were handed over. */
  readonly dispatched: (count: number) => Promise<Exchange>
  /** Stops listening and drops all connections. */
  readonly close: () => Promise<void>
}

/** Starts a server that hands each exchange to `dispatch`. */
export async function startWire(
  dispatch: (exchange: Exchange) => void,
  options: Partial<WireOptions> = {},
): Promise<WireServer> {
  const connections: Connection[] = []
  const exchanges: Exchange[] = []
  const waiting = new Set<() => void>()
  const host = {
    dispatch(exchange: Exchange) {
      exchanges.push(exchange)
      for (const check of waiting) check()
      dispatch(exchange)
    },
  }
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket: Socket) => {
    connections.push(new Connection(socket, host, wireOptions(options)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo
  return {
    port,
    connections,
    exchanges,
    dispatched: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          const last = exchanges[count - 1]
          if (last === undefined) return
          waiting.delete(check)
          resolve(last)
        }
        waiting.add(check)
        check()
      }),
    close: () => closeServer(server, connections),
  }
}

/** Answers 200 with a text of the exchange's own, by {@link Exchange.reply}; failures with their status. */
export function replyWith(text: (exchange: Exchange) => string): (exchange: Exchange) => void {
  return (exchange) => {
    replyText(exchange, exchange.failure === undefined ? text(exchange) : '')
  }
}

/** Answers an exchange by {@link Exchange.reply}. */
export function replyText(exchange: Exchange, text: string): void {
  const content = Buffer.from(text)
  exchange.reply(responseHead(exchange, content.length), content)
}

/** A head as a handler class would write it. */
export function responseHead(exchange: Exchange, length: ResponseHead['length']): ResponseHead {
  const { failure } = exchange
  const lines = [`HTTP/1.1 ${failure?.code ?? 200} ${failure?.message ?? 'OK'}`]
  if (typeof length === 'number') lines.push(`Content-Length: ${length}`)
  if (!exchange.mayPersist) lines.push('Connection: close')
  const hasBody = exchange.request.method !== 'HEAD'
  return { bytes: `${lines.join('\r\n')}\r\n\r\n`, hasBody, length }
}

/** Hands requests to an app as the server does; failures are answered by their status. */
export function appDispatch(
  app: (request: IncomingMessage, response: ServerResponse) => unknown,
): (exchange: Exchange) => void {
  return (exchange) => {
    if (exchange.failure !== undefined) {
      replyText(exchange, '')
      return
    }
    if (exchange.head?.expectContinue === true) {
      exchange.sendInterim('HTTP/1.1 100 Continue\r\n\r\n')
    }
    app(exchange.request, exchange.response)
  }
}

/** Resolves with a request's content. */
export async function readContent(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  // Without an encoding set, a request's pieces are buffers.
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
  return Buffer.concat(parts).toString('latin1')
}

// --- Internal ---

async function closeServer(server: Server, connections: Connection[]): Promise<void> {
  for (const connection of connections) connection.destroy()
  await new Promise((resolve) => server.close(resolve))
}
