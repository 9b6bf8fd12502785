import type { RequestHead, ResponseHead } from '../../types/wire.ts'

// How long a connection lives, as its client and its answers have it (RFC 9112 section 9).

/** Whether the client may send another request after this one (RFC 9112 section 9.3). */
export function wantsMore(head: RequestHead | undefined): boolean {
  if (head === undefined || head.connectionClose || head.versionMajor !== 1) return false
  return head.versionMinor > 0 || head.connectionKeepAlive
}

/**
 * Whether nothing can come behind a request: its client speaks HTTP/1.0, where a connection is for one request unless
 * asked to be kept, and has no content to send. A client of HTTP/1.1 may have sent more before it said `close`, and
 * bytes that nobody reads would reset the connection under its answer.
 */
export function isLast(head: RequestHead | undefined): boolean {
  if (head === undefined) return false
  const { method, framing, connectionKeepAlive, versionMinor } = head
  if (framing.kind !== 'none' || (method !== 'GET' && method !== 'HEAD')) return false
  return versionMinor === 0 && !connectionKeepAlive
}

/** Says in a response by which the client expects to keep the connection that it closes (RFC 9112 section 9.6). */
export function announceClose(head: ResponseHead): ResponseHead {
  const { bytes } = head
  if (!bytes.startsWith('HTTP/1.1 ') || /\r\nconnection:/i.test(bytes)) return head
  return { ...head, bytes: `${bytes.slice(0, -2)}Connection: close\r\n\r\n` }
}
