import {
  checkOptions,
  checkBoolean,
  checkCount,
  checkTimer,
  resolveLog,
  resolveTrust,
} from '../handlers/options.ts'
import { compileTrust } from '../http/trust.ts'
import { defaultWireOptions } from '../wire/limits.ts'
import type { HTTPServerOptions } from '../../types/server.ts'
import type { WireOptions } from '../../types/wire.ts'

/** Options of `HTTPServer` with their defaults. */
export interface ResolvedServerOptions {
  readonly wire: WireOptions
  readonly log: HTTPServerOptions['log']
  readonly maxConnections: number | undefined
  readonly drainTimeout: number
  readonly drainDelay: number
  readonly healthPath: string | undefined
}

// Options that are checked where they are used.
const elsewhere: ReadonlySet<string> = new Set([
  'logFormat',
  'logger',
  'trustProxy',
  'proxyProtocol',
])

// What an option counts: at least 1 where 0 would leave no room for any request.
const atLeastOne: ReadonlySet<string> = new Set(['maxLineSize', 'maxHeaders', 'maxHeadSize'])

const isDuration = /(?:Timeout|Grace)$/

/**
 * Checks the options of `HTTPServer` and fills in their defaults.
 *
 * @throws TypeError or RangeError naming the option
 */
export function resolveServerOptions(options: HTTPServerOptions): ResolvedServerOptions {
  checkOptions(options)
  const {
    log,
    maxConnections,
    drainTimeout = 10_000,
    drainDelay = 0,
    healthPath,
    ...given
  } = options
  resolveLog(options, false)
  resolveTrust(options.trustProxy)
  checkProxyProtocol(options)
  checkCount('maxConnections', maxConnections, 1)
  checkTimer('drainTimeout', drainTimeout)
  checkTimer('drainDelay', drainDelay)
  checkHealthPath(healthPath)
  const wire: Record<string, unknown> = { ...defaultWireOptions }
  for (const [name, value] of Object.entries<unknown>(given)) {
    if (elsewhere.has(name)) continue
    if (!Object.hasOwn(defaultWireOptions, name)) throw new TypeError(`unknown option ${name}`)
    if (value === undefined) continue
    if (name === 'strict') checkBoolean(name, value)
    else if (isDuration.test(name)) checkTimer(name, value)
    else checkCount(name, value, atLeastOne.has(name) ? 1 : 0)
    wire[name] = value
  }
  // Every property was just checked against the defaults it replaces.
  return {
    wire: wire as unknown as WireOptions,
    log,
    maxConnections,
    drainTimeout,
    drainDelay,
    healthPath,
  }
}

// --- Internal ---

function checkProxyProtocol({ proxyProtocol, trustProxy }: HTTPServerOptions): void {
  checkBoolean('proxyProtocol', proxyProtocol)
  if (proxyProtocol === true && compileTrust(trustProxy ?? false) === undefined) {
    throw new TypeError('option proxyProtocol needs trustProxy, which says whose headers count')
  }
}

function checkHealthPath(value: unknown): void {
  if (value === undefined) return
  if (typeof value !== 'string') throw new TypeError('option healthPath must be a string')
  if (!/^\/[!-~]*$/.test(value)) {
    throw new RangeError('option healthPath must be a path as requests have it, from its slash on')
  }
}
