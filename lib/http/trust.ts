import type * as ProxyAddr from 'proxy-addr'
import type { ForwardedRequest, TrustProxy } from '../../types/proxy.ts'
import { parseNode, type Node } from './address.ts'
import { parseForwarded, type ForwardedElement } from './forwarded.ts'

/** Whether the peer with an address is trusted; `''` is that of a Unix socket. */
export type Trust = (address: string) => boolean

/** That of `trustProxy: true`. */
export const trustEverybody: Trust = () => true

/**
 * Makes of the option `trustProxy` what decides on an address.
 *
 * @returns `undefined` if nobody is trusted
 * @throws TypeError for what is no address, network or name of some
 */
export function compileTrust(option: TrustProxy): Trust | undefined {
  if (option === false) return undefined
  if (option === true) return trustEverybody
  const list: readonly unknown[] = typeof option === 'string' ? option.split(',') : option
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) {
    throw new TypeError('option trustProxy must be a boolean, an address or an array of addresses')
  }
  const names = list.map((item) => item.trim()).filter((item) => item !== '')
  if (names.length === 0) return undefined
  try {
    // Loaded only where proxies are trusted.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { compile } = require('proxy-addr') as typeof ProxyAddr
    const trusts = compile(names)
    const local = names.includes('loopback')
    return (address) => (address === '' ? local : trusts(address, 0))
  } catch (error) {
    const reason = error instanceof Error ? error.message : ''
    throw new TypeError(`option trustProxy: ${reason}`, { cause: error })
  }
}

/** A field's value; several of one name are joined by commas. */
export type GetField = (name: string) => string | undefined

/**
 * Finds out from what proxies have added to a request who has sent it, and what was asked for.
 *
 * Each proxy tells whom it has the request from. Its word is taken only if it is trusted itself, from the nearest one
 * on. `X-Forwarded-*` is what counts if there is any; else `Forwarded` (RFC 7239). A proxy has to set or remove every one
 * of these fields, for a client can send them, too.
 *
 * @param peer - who is at the other end of the connection
 * @returns `undefined` if the peer is not trusted
 */
export function readForwarded(
  peer: Node,
  field: GetField,
  trusts: Trust,
): ForwardedRequest | undefined {
  if (!trusts(peer.address)) return undefined
  const hops = hopsOf(field)
  let client = peer
  let last: ForwardedElement = {}
  for (let at = hops.length; at > 0 && trusts(client.address);) {
    last = hops.element(--at)
    const node = parseNode(last.for ?? '')
    if (node === undefined) break
    client = node
  }
  const port = field('x-forwarded-port')
  return {
    ...client,
    scheme: schemeOf(last.proto),
    host: last.host !== undefined && authority.test(last.host) ? last.host : undefined,
    serverPort: port !== undefined && /^\d{1,5}$/.test(port) ? Number(port) : undefined,
  }
}

// --- Internal ---

// A name or an address in brackets, and a port.
const authority = /^(?:\[[\da-f:.]+\]|[\w.~-]+)(?::\d{1,5})?$/i

/** What proxies say, the client's first. Elements are made as they are asked for: a client can send many. */
interface Hops {
  readonly length: number
  element(at: number): ForwardedElement
}

function hopsOf(field: GetField): Hops {
  const from = listOf(field('x-forwarded-for'))
  const protos = listOf(field('x-forwarded-proto'))
  const hosts = listOf(field('x-forwarded-host'))
  const length = Math.max(from.length, protos.length > 0 || hosts.length > 0 ? 1 : 0)
  if (length === 0) {
    const elements = parseForwarded(field('forwarded') ?? '') ?? []
    return { length: elements.length, element: (at) => elements[at] ?? {} }
  }
  return {
    length,
    element: (at) => ({
      ...given('for', from[at]?.trim()),
      ...given('proto', paired(protos, at, length)?.trim()),
      ...given('host', paired(hosts, at, length)?.trim()),
    }),
  }
}

function listOf(value: string | undefined): readonly string[] {
  return value === undefined || value === '' ? [] : value.split(',')
}

/** The value that belongs to a hop: its own if every hop has one, else the nearest proxy's. */
function paired(values: readonly string[], at: number, length: number): string | undefined {
  return values.length === length ? values[at] : values.at(-1)
}

function given(name: keyof ForwardedElement, value: string | undefined): object {
  return value === undefined ? {} : { [name]: value }
}

function schemeOf(proto: string | undefined): 'http' | 'https' | undefined {
  const scheme = proto?.toLowerCase()
  return scheme === 'http' || scheme === 'https' ? scheme : undefined
}
