import { checkBoolean, checkOptions, checkPath, checkTimer } from '../handlers/check.ts'
import type { HTTPServerOptions, HTTPSServerOptions, TlsOptions } from '../../types/server.ts'

/** Options of TLS with their defaults. */
export interface ResolvedTlsOptions extends TlsOptions {
  readonly alpnProtocols: readonly string[]
  readonly handshakeTimeout: number
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly redirectHttp: boolean
  readonly http2: boolean
}

// As a record, so that none can be forgotten.
const ofTls: Readonly<Record<keyof TlsOptions, true>> = {
  certfile: true,
  keyfile: true,
  password: true,
  cert: true,
  key: true,
  selfSigned: true,
  alpnProtocols: true,
  ticketKeys: true,
  handshakeTimeout: true,
  minVersion: true,
  redirectHttp: true,
  http2: true,
}

/** Tells the options of TLS from those of `HTTPServer`. */
export function splitTlsOptions(options: HTTPSServerOptions): {
  tls: TlsOptions
  http: HTTPServerOptions
} {
  checkOptions(options)
  const tls: Record<string, unknown> = {}
  const http: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(options)) {
    // What is undefined was not given.
    if (value !== undefined) (Object.hasOwn(ofTls, name) ? tls : http)[name] = value
  }
  return { tls, http }
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
  checkTimer('handshakeTimeout', handshakeTimeout)
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
  checkPath('certfile', options.certfile)
  checkPath('keyfile', options.keyfile)
  checkPem('cert', options.cert)
  checkPem('key', options.key)
  checkPassword(options.password)
  const { certfile, keyfile, cert, key, password, selfSigned } = options
  if (selfSigned === true) {
    if (count(certfile, cert, key, keyfile, password) === 0) return
    throw new TypeError(
      'option selfSigned makes a certificate and a key: certfile, cert, keyfile, key, password go without',
    )
  }
  if (count(certfile, cert) === 0) {
    throw new TypeError('option certfile must be given, or cert or selfSigned in its place')
  }
  if (count(certfile, cert) > 1) {
    throw new TypeError('option cert takes the place of option certfile: only one can be given')
  }
  if (count(key, keyfile) > 1) {
    throw new TypeError('option key takes the place of option keyfile: only one can be given')
  }
  if (cert !== undefined && count(key, keyfile) === 0) {
    throw new TypeError('option key must be given with cert')
  }
}

/** How many options are given. */
function count(...options: readonly unknown[]): number {
  return options.filter((option) => option !== undefined).length
}

function checkTicketKeys(value: unknown): void {
  if (value === undefined) return
  if (!Buffer.isBuffer(value)) throw new TypeError('option ticketKeys must be a Buffer')
  if (value.length !== 48) throw new RangeError('option ticketKeys must have 48 bytes')
}

function checkPem(name: string, value: unknown): void {
  if (value === undefined) return
  if (typeof value !== 'string' && !Buffer.isBuffer(value)) {
    throw new TypeError(`option ${name} must be a string or a Buffer`)
  }
  if (value.length === 0) throw new RangeError(`option ${name} must not be empty`)
}

function checkPassword(value: unknown): void {
  if (value === undefined || typeof value === 'string' || typeof value === 'function') return
  if (!Buffer.isBuffer(value)) {
    throw new TypeError('option password must be a string, a Buffer or a function')
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
