import type { ServerResponse } from 'node:http'
import type { Exchange } from '../../types/wire.ts'

/** Own property by which the standalone server's responses lead to their {@link Exchange}. */
export const exchangeKey: unique symbol = Symbol.for('basehttp.exchange')

interface Carrier {
  [exchangeKey]?: Exchange
}

/** The exchange behind a response of the standalone server; `undefined` on any other host. */
export function exchangeOf(response: ServerResponse): Exchange | undefined {
  return (response as ServerResponse & Carrier)[exchangeKey]
}

/** The exchange of a response that a handler writes to without Node's own framing; `undefined` in any other host. */
export function directExchangeOf(response: ServerResponse): Exchange | undefined {
  const exchange = exchangeOf(response)
  return exchange?.direct === true ? exchange : undefined
}
