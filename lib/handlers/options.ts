import type { LogOption } from '../../types/logger.ts'
import { toSink } from '../log/sink.ts'

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

/**
 * Refuses what is no {@link LogOption}.
 *
 * @throws TypeError naming the option
 */
export function checkLog(value: unknown): void {
  // toSink() knows what a log may be.
  toSink(value as LogOption | undefined)
}
