// unreserved / sub-delims of RFC 3986, without the comma: a list is what a proxy makes of two Host lines.
const registeredName = /^(?:[-._~!$&'()*+;=0-9A-Za-z]|%[0-9A-Fa-f]{2})*$/
const ipFuture = /^v[0-9a-f]+\.[-._~!$&'()*+;=:0-9a-z]+$/i
const ipv4 = /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}$/
const group = /^[0-9a-f]{1,4}$/i

/**
 * Whether a text is `uri-host [ ":" *DIGIT ]` (RFC 9110 section 7.2); empty is, user information is not.
 */
export function isHost(text: string): boolean {
  const colon = text.startsWith('[') ? text.indexOf(':', text.indexOf(']')) : text.indexOf(':')
  const host = colon < 0 ? text : text.slice(0, colon)
  for (let i = colon < 0 ? text.length : colon + 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x30 || code > 0x39) return false
  }
  if (!host.startsWith('[')) return registeredName.test(host)
  if (!host.endsWith(']')) return false
  const literal = host.slice(1, -1)
  return isIPv6(literal) || ipFuture.test(literal)
}

// --- Internal ---

function isIPv6(text: string): boolean {
  const [left = '', right, ...more] = text.split('::')
  if (more.length > 0) return false
  const tail = right ?? left
  const dotted = tail.slice(tail.lastIndexOf(':') + 1)
  const hasIPv4 = dotted.includes('.')
  if (hasIPv4 && !ipv4.test(dotted)) return false
  const groups = [...groupsOf(left), ...(right === undefined ? [] : groupsOf(right))]
  const plain = hasIPv4 ? groups.slice(0, -1) : groups
  if (!plain.every((part) => group.test(part))) return false
  const count = plain.length + (hasIPv4 ? 2 : 0)
  return right === undefined ? count === 8 : count < 8
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':')
}
