import {
  checkBoolean,
  checkCount,
  checkKnown,
  checkOptions,
  checkString,
  checkTimer,
  counts,
  type Check,
} from '../handlers/check.ts'
import { resolveTrust } from '../handlers/forwarded.ts'
import { resolveLog } from '../handlers/log-options.ts'
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

const size = counts(0)
// Where 0 would leave no room for any request.
const room = counts(1)

/** How limits and timers are checked. */
const wireChecks: Readonly<Record<keyof WireOptions, Check>> = {
  maxLineSize: room,
  maxHeaders: room,
  maxHeadSize: room,
  maxBodySize: size,
  maxRequests: size,
  firstByteTimeout: checkTimer,
  headTimeout: checkTimer,
  bodyIdleTimeout: checkTimer,
  // Nobody is infinitely fast.
  minBodyRate: (name, value) => {
    checkCount(name, value, 0, Number.MAX_SAFE_INTEGER)
  },
  bodyRateGrace: checkTimer,
  keepAliveTimeout: checkTimer,
  writeTimeout: checkTimer,
  lingerTimeout: checkTimer,
  strict: checkBoolean,
}

// As a record, so that none can be forgotten.
const others: Readonly<Record<Exclude<keyof HTTPServerOptions, keyof WireOptions>, true>> = {
  log: true,
  logFormat: true,
  logger: true,
  trustProxy: true,
  proxyProtocol: true,
  maxConnections: true,
  drainTimeout: true,
  drainDelay: true,
  healthPath: true,
}

/**
 * Checks the options of `HTTPServer` and fills in their defaults.
 *
 * @throws TypeError or RangeError naming the option
 */
export function resolveServerOptions(options: HTTPServerOptions): ResolvedServerOptions {
  checkOptions(options)
  checkKnown(options, { ...wireChecks, ...others })
  const { log, maxConnections, drainTimeout = 10_000, drainDelay = 0, healthPath } = options
  resolveLog(options, false)
  resolveTrust(options.trustProxy)
  checkProxyProtocol(options)
  checkCount('maxConnections', maxConnections, 1)
  checkTimer('drainTimeout', drainTimeout)
  checkTimer('drainDelay', drainDelay)
  checkHealthPath(healthPath)
  return { wire: resolveWire(options), log, maxConnections, drainTimeout, drainDelay, healthPath }
}

// --- Internal ---

function resolveWire(options: Partial<WireOptions>): WireOptions {
  const given: Record<string, unknown> = {}
  for (const [name, check] of Object.entries(wireChecks)) {
    const value = options[name as keyof WireOptions]
    check(name, value)
    if (value !== undefined) given[name] = value
  }
  return { ...defaultWireOptions, ...given }
}

function checkProxyProtocol({ proxyProtocol, trustProxy }: HTTPServerOptions): void {
  checkBoolean('proxyProtocol', proxyProtocol)
  if (proxyProtocol === true && compileTrust(trustProxy ?? false) === undefined) {
    throw new TypeError('option proxyProtocol needs trustProxy, which says whose headers count')
  }
}

function checkHealthPath(value: unknown): void {
  checkString('healthPath', value)
  if (typeof value === 'string' && !/^\/[!-~]*$/.test(value)) {
    throw new RangeError('option healthPath must be a path as requests have it, from its slash on')
  }
}
