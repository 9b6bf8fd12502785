const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d{2}|[1-9]?\d)(?:\.(?!$)|$)){4}$/
const ipv6 = /^[\da-f:.]+$/i
const mapped = /^::ffff:(?=\d+\.)/i
const MAPPED_LENGTH = '::ffff:'.length
/** Of an IPv6 address that ends in an IPv4 one, each in full. */
const longest = 45

/** Whether a text is an IPv4 address, or an IPv6 address without brackets and zone. */
export function isIpAddress(text: string): boolean {
  if (text.length > longest) return false
  if (ipv4.test(text)) return true
  return text.includes(':') && ipv6.test(text) && URL.canParse(`http://[${text}]/`)
}

/** An IPv4 address that IPv6 maps (`::ffff:192.0.2.1`), as a socket for both has it, as such; any other as it is. */
export function unmapped(address: string): string {
  return address.startsWith(':') && mapped.test(address) ? address.slice(MAPPED_LENGTH) : address
}

/** A host as a URL has it: IPv6 in brackets. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** Host and port of a node on the way. */
export interface Node {
  readonly address: string
  /** 0 if it is not told. */
  readonly port: number
}

/**
 * Reads an address with or without a port, as proxies write it: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`,
 * `[2001:db8::1]`, `[2001:db8::1]:80`. One that IPv6 maps from IPv4 is given as IPv4.
 *
 * @returns `undefined` for anything else, such as `unknown` or `_hidden` (RFC 7239 section 6)
 */
export function parseNode(text: string): Node | undefined {
  const [, v6, host = v6, port = '0'] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text) ?? [
    undefined,
    undefined,
    text,
  ]
  if (host === undefined || !isIpAddress(host) || (v6 !== undefined && !v6.includes(':'))) {
    return undefined
  }
  const number = Number(port)
  return number > 65_535 ? undefined : { address: unmapped(host).toLowerCase(), port: number }
}
