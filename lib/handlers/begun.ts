import { OutgoingMessage, type ServerResponse } from 'node:http'

const own = Object.getOwnPropertyDescriptor(OutgoingMessage.prototype, 'headersSent')

/**
 * Whether the head of a response is out. A host may have put a `headersSent` of its own meaning in the response's
 * place, as @fastify/express does: Node's counts, too. A response of `node:http2` is no `OutgoingMessage`.
 */
export function isBegun(response: ServerResponse): boolean {
  if (response.headersSent) return true
  return response instanceof OutgoingMessage && own?.get?.call(response) === true
}
