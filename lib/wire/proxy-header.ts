import type { ProxyHeader } from '../../types/proxy.ts'
import { parseNode } from '../http/address.ts'

/** What becomes of the first bytes of a connection: a header, not all of one yet, or none. */
export type ProxyHeaderResult = ProxyHeader | 'incomplete' | 'invalid'

/** No header is longer: version 2 has room for certificates' names and the like. */
export const MAX_PROXY_HEADER = 4096

/**
 * Reads a header of the PROXY protocol, version 1 or 2, as HAProxy's proxy-protocol.txt defines it.
 *
 * @param bytes - what has come so far, from the first byte on
 */
export function parseProxyHeader(bytes: Buffer): ProxyHeaderResult {
  if (startsAlike(bytes, signature2)) return parseVersion2(bytes)
  return startsAlike(bytes, signature1) ? parseVersion1(bytes) : 'invalid'
}

// --- Internal ---

const signature1 = Buffer.from('PROXY ')
const signature2 = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
/** The longest header of version 1, line end included. */
const maxLine = 107

function startsAlike(bytes: Buffer, signature: Buffer): boolean {
  const length = Math.min(bytes.length, signature.length)
  return bytes.subarray(0, length).equals(signature.subarray(0, length))
}

const line1 = /^PROXY (TCP[46]) (\S+) (\S+) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4})$/

function parseVersion1(bytes: Buffer): ProxyHeaderResult {
  const end = bytes.subarray(0, maxLine).indexOf('\r\n')
  if (end < 0) return bytes.length < maxLine ? 'incomplete' : 'invalid'
  const line = bytes.toString('latin1', 0, end)
  const length = end + 2
  if (/^PROXY UNKNOWN(?: |$)/.test(line)) return { length, ...unknown }
  const [, family, from = '', to = '', fromPort, toPort] = line1.exec(line) ?? []
  const source = endpoint(from, Number(fromPort))
  const destination = endpoint(to, Number(toPort))
  if (family === undefined || source === undefined || destination === undefined) return 'invalid'
  const version6 = family === 'TCP6'
  if (from.includes(':') !== version6 || to.includes(':') !== version6) return 'invalid'
  return { length, source, destination, tls: undefined }
}

function endpoint(text: string, port: number): { address: string; port: number } | undefined {
  // A bare address: with a port or brackets it would be one too, but not here.
  const node = text.includes('[') || port > 65_535 ? undefined : parseNode(text)
  return node?.port === 0 ? { address: node.address, port } : undefined
}

const unknown = { source: undefined, destination: undefined, tls: undefined }
const headLength = 16

function parseVersion2(bytes: Buffer): ProxyHeaderResult {
  if (bytes.length < headLength) return 'incomplete'
  const command = bytes.readUInt8(12)
  const length = headLength + bytes.readUInt16BE(14)
  if ((command !== 0x20 && command !== 0x21) || length > MAX_PROXY_HEADER) return 'invalid'
  if (bytes.length < length) return 'incomplete'
  const content = bytes.subarray(headLength, length)
  // LOCAL: the proxy's own connection, whatever addresses it names.
  if (command === 0x20) return { length, ...unknown }
  const size = addressSizes[bytes.readUInt8(13)]
  // Neither TCP nor IP: the addresses cannot be told.
  if (size === undefined) return { length, ...unknown }
  const addresses = size * 2 + 4
  if (content.length < addresses) return 'invalid'
  const values = readValues(content.subarray(addresses))
  if (values === undefined) return 'invalid'
  return {
    length,
    source: at(content, 0, size, size * 2),
    destination: at(content, size, size, size * 2 + 2),
    tls: isTls(values),
  }
}

/** Size of an address by family and transport: TCP over IPv4, over IPv6. */
const addressSizes: Readonly<Record<number, number>> = { 0x11: 4, 0x21: 16 }

function at(
  content: Buffer,
  start: number,
  size: number,
  port: number,
): { address: string; port: number } {
  const bytes = content.subarray(start, start + size)
  const text =
    size === 4
      ? bytes.join('.')
      : new URL(`http://[${bytes.toString('hex').replace(/.{4}(?!$)/g, '$&:')}]/`).hostname
  // URL writes a mapped address in hexadecimal.
  const mapped = size === 16 && bytes.subarray(0, 12).equals(mappedPrefix)
  const address = mapped ? bytes.subarray(12).join('.') : text.replace(/[[\]]/g, '')
  return { address, port: content.readUInt16BE(port) }
}

const mappedPrefix = Buffer.from('00000000000000000000ffff', 'hex')
const typeSsl = 0x20

/** The values that follow the addresses, by type; `undefined` if one does not fit. */
function readValues(bytes: Buffer): ReadonlyMap<number, Buffer> | undefined {
  const values = new Map<number, Buffer>()
  for (let at = 0; at < bytes.length;) {
    if (at + 3 > bytes.length) return undefined
    const end = at + 3 + bytes.readUInt16BE(at + 1)
    if (end > bytes.length) return undefined
    values.set(bytes.readUInt8(at), bytes.subarray(at + 3, end))
    at = end
  }
  return values
}

/** PP2_TYPE_SSL is there for every client of a proxy that tells it; its first bit says whether one speaks TLS. */
function isTls(values: ReadonlyMap<number, Buffer>): boolean | undefined {
  const flags = values.get(typeSsl)?.[0]
  return flags === undefined ? undefined : (flags & 1) === 1
}
