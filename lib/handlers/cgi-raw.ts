import { ServerResponse } from 'node:http'
import { exchangeOf } from '../http/exchange-of.ts'

/** The private members of Node's response that tell it that its head is out, and how its content ends. */
interface NodeResponse extends ServerResponse {
  _headerSent: boolean
  _hasBody: boolean
  _last: boolean
}

// Not the response's own methods: middleware may have put a compressor or the like in their place.
const node = ServerResponse.prototype

/** A response of which every byte is the caller's; the connection ends with it. */
export interface RawResponse {
  write(bytes: Buffer): boolean
  end(): void
}

/**
 * Takes a response over, so that nothing but the given bytes is sent. Fields that middleware has set are not.
 *
 * @param response - the response, of any host, before its head
 * @param head - the first bytes, latin-1
 * @param status - what logs should say
 */
export function takeOver(response: ServerResponse, head: string, status: number): RawResponse {
  const exchange = exchangeOf(response)
  response.statusCode = status
  if (exchange !== undefined) {
    exchange.persist = false
    exchange.beginResponse({ bytes: head, hasBody: true, length: 'until-close' })
  } else {
    beginOnNode(response as NodeResponse, status)
    if (head !== '') node.write.call(response, Buffer.from(head, 'latin1'), 'latin1')
  }
  return {
    write: (bytes) => node.write.call(response, bytes, 'latin1'),
    end: () => {
      node.end.call(response, undefined, 'latin1')
    },
  }
}

/** Lets Node make a head and then believe that it was sent, uncoded and up to the connection's end. */
function beginOnNode(response: NodeResponse, status: number): void {
  response.shouldKeepAlive = false
  node.writeHead.call(response, status)
  response._headerSent = true
  response._hasBody = true
  response._last = true
  response.chunkedEncoding = false
}
