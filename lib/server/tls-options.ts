import { checkBoolean, checkCount } from '../handlers/options.ts'
import type { HTTPServerOptions, HTTPSServerOptions, TlsOptions } from '../../types/server.ts'

/** Options of TLS with their defaults. */
export interface ResolvedTlsOptions extends TlsOptions {
  readonly alpnProtocols: readonly string[]
  readonly handshakeTimeout: number
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly redirectHttp: boolean
  readonly http2: boolean
}

/** Tells the options of TLS from those of `HTTPServer`. */
export function splitTlsOptions(options: HTTPSServerOptions): {
  tls: TlsOptions
  http: HTTPServerOptions
} {
  const {
    certfile,
    keyfile,
    password,
    cert,
    key,
    selfSigned,
    alpnProtocols,
    ticketKeys,
    handshakeTimeout,
    minVersion,
    redirectHttp,
    http2,
    ...http
  } = options
  const given = {
    certfile,
    keyfile,
    password,
    cert,
    key,
    selfSigned,
    alpnProtocols,
    ticketKeys,
    handshakeTimeout,
    minVersion,
    redirectHttp,
    http2,
  }
  // What is undefined was not given; the type tells the two apart.
  return { tls: given as TlsOptions, http }
}

/**
 * Checks the options of TLS and fills in their defaults.
 *
 * @throws TypeError or RangeError naming the option
 */
export function resolveTlsOptions(options: TlsOptions): ResolvedTlsOptions {
  const {
    alpnProtocols,
    handshakeTimeout = 10_000,
    minVersion = 'TLSv1.2',
    redirectHttp = false,
    http2 = false,
  } = options
  checkBoolean('redirectHttp', redirectHttp)
  checkBoolean('http2', http2)
  checkBoolean('selfSigned', options.selfSigned)
  checkCount('handshakeTimeout', handshakeTimeout)
  // Callers in JavaScript can pass what the type forbids.
  if (!['TLSv1.2', 'TLSv1.3'].includes(minVersion)) {
    throw new RangeError("option minVersion must be 'TLSv1.2' or 'TLSv1.3'")
  }
  checkTicketKeys(options.ticketKeys)
  checkSource(options)
  const protocols = checkProtocols(alpnProtocols) ?? (http2 ? ['h2', 'http/1.1'] : ['http/1.1'])
  if (protocols.includes('h2') && !http2) {
    throw new RangeError("option alpnProtocols must not offer 'h2' without option http2")
  }
  return {
    ...options,
    alpnProtocols: protocols,
    handshakeTimeout,
    minVersion,
    redirectHttp,
    http2,
  }
}

// --- Internal ---

function checkSource(options: TlsOptions): void {
  checkText('certfile', options.certfile)
  checkText('keyfile', options.keyfile)
  const { certfile, keyfile, cert, key, selfSigned } = options
  const sources = [certfile, cert, selfSigned === true ? true : undefined]
  const given = sources.filter((source) => source !== undefined)
  if (given.length !== 1) {
    throw new TypeError(
      'option certfile, or one of cert and selfSigned in its place, must be given',
    )
  }
  if (cert !== undefined && key === undefined && keyfile === undefined) {
    throw new TypeError('option key must be given with cert')
  }
}

function checkTicketKeys(value: unknown): void {
  if (value === undefined) return
  if (!Buffer.isBuffer(value)) throw new TypeError('option ticketKeys must be a Buffer')
  if (value.length !== 48) throw new RangeError('option ticketKeys must have 48 bytes')
}

function checkText(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'string') {
    throw new TypeError(`option ${name} must be a string`)
  }
}

function checkProtocols(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value) || value.length === 0) {
    throw new TypeError('option alpnProtocols must be a list of names')
  }
  return value.map((name: unknown) => {
    if (typeof name !== 'string' || name === '' || name.length > 255) {
      throw new TypeError('option alpnProtocols must be a list of names')
    }
    return name
  })
}
