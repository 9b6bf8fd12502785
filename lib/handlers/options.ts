import type { LogFormat, LogOption, LogOptions } from '../../types/logger.ts'
import type { TrustProxy } from '../../types/proxy.ts'
import { LoggerSink } from '../log/logger.ts'
import { toSink } from '../log/sink.ts'
import { trustOf } from './forwarded.ts'

/**
 * Refuses what cannot hold options, such as a directory given in their place.
 *
 * @throws TypeError
 */
export function checkOptions(value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError('options must be an object')
  }
}

/**
 * Refuses an option of a wrong type.
 *
 * @throws TypeError naming the option
 */
export function checkBoolean(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') {
    throw new TypeError(`option ${name} must be a boolean`)
  }
}

/**
 * Refuses an option that is no whole number from `least` on.
 *
 * @throws TypeError or RangeError naming the option
 */
export function checkCount(name: string, value: unknown, least = 0): void {
  if (value === undefined) return
  if (typeof value !== 'number') throw new TypeError(`option ${name} must be a number`)
  if (Number.isNaN(value) || value < least || (value !== Infinity && !Number.isInteger(value))) {
    throw new RangeError(`option ${name} must be a whole number from ${least} on`)
  }
}

// What the runtime's timers take; they end at once for more.
const longestTimer = 2_147_483_647

/**
 * Refuses an option that is no duration in milliseconds that a timer can wait.
 *
 * @throws TypeError or RangeError naming the option
 */
export function checkTimer(name: string, value: unknown): void {
  if (value === undefined) return
  if (typeof value !== 'number') throw new TypeError(`option ${name} must be milliseconds`)
  if (!(value >= 0 && value <= longestTimer)) {
    throw new RangeError(`option ${name} must be from 0 to ${longestTimer} milliseconds`)
  }
}

/**
 * Refuses what is no {@link LogOption}.
 *
 * @throws TypeError naming the option
 */
export function checkLog(value: unknown): void {
  // toSink() knows what a log may be.
  toSink(value as LogOption | undefined)
}

/**
 * Checks the option `trustProxy` and makes values of a handler's fields of it.
 *
 * @throws TypeError naming the option
 */
export function resolveTrust(trustProxy: TrustProxy | undefined): { trustProxy?: TrustProxy } {
  if (trustProxy === undefined) return {}
  trustOf(trustProxy)
  return { trustProxy }
}

/** The formats of a log, http.server's first. */
export const LOG_FORMATS: readonly LogFormat[] = ['python', 'common', 'combined', 'json']

/**
 * Refuses what is no {@link LogFormat}.
 *
 * @throws TypeError naming the option
 */
export function checkLogFormat(value: LogFormat | undefined): void {
  if (value === undefined || LOG_FORMATS.includes(value)) return
  throw new TypeError(`option logFormat must be ${LOG_FORMATS.join(', ')}`)
}

/** Values of a handler's fields that say how it logs. */
export interface LogFields {
  readonly log: LogOption
  readonly logFormat?: LogFormat
}

/**
 * Checks the options of logging and makes values of a handler's fields of them.
 *
 * @param otherwise - where lines go if no option says
 * @throws TypeError naming a wrong option
 */
export function resolveLog(options: LogOptions, otherwise: LogOption): LogFields {
  const { log, logFormat, logger } = options
  checkLog(log)
  checkLogFormat(logFormat)
  if (logger !== undefined && log !== undefined) {
    throw new TypeError('option logger takes the place of option log: only one can be given')
  }
  return {
    log: logger === undefined ? (log ?? otherwise) : new LoggerSink(logger),
    ...(logFormat === undefined ? {} : { logFormat }),
  }
}
