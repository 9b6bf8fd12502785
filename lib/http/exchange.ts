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
