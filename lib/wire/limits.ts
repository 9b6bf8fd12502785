import type { WireOptions } from '../../types/wire.ts'

/** The limits and timers a server starts from: http.server's sizes, and times no slow client can stretch. */
export const defaultWireOptions: WireOptions = {
  maxLineSize: 65_536,
  maxHeaders: 100,
  maxHeadSize: 256 * 1024,
  maxBodySize: Infinity,
  maxRequests: 0,
  firstByteTimeout: 10_000,
  headTimeout: 20_000,
  bodyIdleTimeout: 20_000,
  minBodyRate: 240,
  bodyRateGrace: 5_000,
  keepAliveTimeout: 5_000,
  writeTimeout: 60_000,
  lingerTimeout: 1_000,
  strict: false,
}

/** Empty lines skipped before a request line (RFC 9112 section 2.2 asks for at least one). */
export const maxEmptyLines = 2

/** Bytes kept of what a client sent ahead: later requests, and content nobody reads yet. Beyond, reading pauses. */
export const maxBacklog = 65_536

/** Bytes of unread content dropped after a response to keep the connection; beyond, it closes. */
export const maxDrain = 65_536

/** Milliseconds in which that content must arrive. */
export const drainTimeout = 500

/** Milliseconds for the last request of a client that was not told that its connection closes. */
export const lastCallTimeout = 200

/** Bytes dropped from a client that still sends while its connection closes. */
export const maxLinger: number = 1024 * 1024

/** Bytes of chunk extensions in one message (CVE-2024-22019). */
export const maxChunkExtensions = 16_384

/** Bytes of one chunk-size line, line end included. */
export const maxChunkLine = 20_480

/** Bytes of the trailer section of one message, line ends included. */
export const maxTrailerSize = 16_384
