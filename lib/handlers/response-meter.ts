import type { ServerResponse } from 'node:http'
import { ChunkMeter } from '../http/chunk-meter.ts'

type Send = (...args: unknown[]) => unknown

/** The private members of Node's response through which all content goes, coded as it is on the wire. */
interface NodeResponse extends ServerResponse {
  _send: Send
  readonly _header: string | null
}

/** Counts the content of a response that is sent, whoever writes it and whatever middleware makes of it. */
export class ResponseMeter {
  /** Bytes of content so far. */
  size = 0
  #chunks: ChunkMeter | undefined
  #begun = false

  /** Counts from now on. */
  constructor(response: ServerResponse) {
    // Node's types do not show the private members; a response of HTTP/2 does not have them.
    const inner = response as NodeResponse
    for (const name of '_send' in inner ? sending : writing) this.#watch(inner, name)
  }

  #watch(response: NodeResponse, name: '_send' | 'write' | 'end'): void {
    // Called below on whatever it is then called on.
    // eslint-disable-next-line @typescript-eslint/unbound-method
    const method: unknown = response[name]
    const count = (data: unknown, encoding: unknown): void => {
      const isData = typeof data === 'string' || data instanceof Uint8Array
      if (isData) this.#count(response, data, toEncoding(encoding))
    }
    Object.assign(response, {
      [name]: function (this: unknown, ...args: unknown[]): unknown {
        count(args[0], args[1])
        return (method as Send).apply(this, args)
      },
    })
  }

  #count(response: NodeResponse, data: string | Uint8Array, encoding: BufferEncoding): void {
    if (data.length === 0) return
    if (!this.#begun) {
      this.#begun = true
      if (chunked.test(response._header ?? '')) this.#chunks = new ChunkMeter()
    }
    const text = typeof data === 'string'
    if (this.#chunks !== undefined) {
      this.size += this.#chunks.count(text ? Buffer.from(data, encoding) : data)
    } else {
      this.size += text ? Buffer.byteLength(data, encoding) : data.length
    }
  }
}

const sending = ['_send'] as const
const writing = ['write', 'end'] as const
const chunked = /\r\ntransfer-encoding: *chunked\r\n/i

function toEncoding(value: unknown): BufferEncoding {
  return typeof value === 'string' && Buffer.isEncoding(value) ? value : 'utf8'
}
