import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { reasonOf } from '../http/error.ts'
import { isFieldText } from '../http/token.ts'

/**
 * Refuses a wrong value of an option, or of a field of the same meaning; `undefined` is none.
 *
 * @throws TypeError or RangeError naming the option
 */
export type Check = (name: string, value: unknown) => void

/** The longest that the runtime's timers can wait, in milliseconds; they end at once for more. */
export const longestTimer = 2_147_483_647

/**
 * Refuses what cannot hold options, such as a directory given in their place.
 *
 * @throws TypeError
 */
export function checkOptions(value: unknown): asserts value is object {
  if (!isRecord(value)) throw new TypeError('options must be an object')
}

/**
 * Refuses options that there are none of: one that is misspelt would be left out.
 *
 * @param known - an object with their names
 * @param hint - what else is to be said
 * @throws TypeError naming the option
 */
export function checkKnown(options: object, known: object, hint = ''): void {
  for (const [name, value] of Object.entries(options)) {
    // What is undefined was not given.
    if (value !== undefined && !Object.hasOwn(known, name)) {
      throw new TypeError(`unknown option ${name}${hint}`)
    }
  }
}

/** Refuses what is neither `true` nor `false`. */
export const checkBoolean: Check = (name, value) => {
  if (value !== undefined && typeof value !== 'boolean') {
    throw new TypeError(`option ${name} must be a boolean`)
  }
}

/** Refuses what is no text. */
export const checkString: Check = (name, value) => {
  if (value !== undefined && typeof value !== 'string') {
    throw new TypeError(`option ${name} must be a string`)
  }
}

/** Refuses what cannot be called. */
export const checkFunction: Check = (name, value) => {
  if (value !== undefined && typeof value !== 'function') {
    throw new TypeError(`option ${name} must be a function`)
  }
}

/** Refuses what is no whole number between two others; `Infinity` is one where there is no other bound. */
export function checkCount(name: string, value: unknown, least = 0, most?: number): void {
  if (value === undefined) return
  if (typeof value !== 'number') throw new TypeError(`option ${name} must be a number`)
  const whole = Number.isInteger(value) || value === Infinity
  if (!whole || value < least || (most !== undefined && value > most)) {
    const range = most === undefined ? `from ${least} on` : `from ${least} to ${most}`
    throw new RangeError(`option ${name} must be a whole number ${range}`)
  }
}

/** A {@link Check} by {@link checkCount}. */
export function counts(least: number): Check {
  return (name, value) => {
    checkCount(name, value, least)
  }
}

/** Refuses what is no duration in milliseconds that a timer can wait. */
export const checkTimer: Check = (name, value) => {
  if (value === undefined) return
  if (typeof value !== 'number') throw new TypeError(`option ${name} must be milliseconds`)
  if (!(value >= 0 && value <= longestTimer)) {
    throw new RangeError(`option ${name} must be from 0 to ${longestTimer} milliseconds`)
  }
}

/** Refuses what is none of some values. */
export function oneOf(...allowed: readonly (string | boolean)[]): Check {
  const names = allowed.map((one) => (typeof one === 'string' ? `"${one}"` : String(one)))
  return (name, value) => {
    if (value === undefined || allowed.some((one) => one === value)) return
    throw new TypeError(`option ${name} must be ${names.join(', ')}`)
  }
}

/** Refuses what cannot be, or says nothing as, the value of a field. */
export const checkText: Check = (name, value) => {
  if (value === undefined) return
  if (typeof value !== 'string' || !isFieldValue(value)) {
    throw new TypeError(`option ${name} must be a string that can stand in a field`)
  }
}

/** Refuses what is no array of strings. */
export const checkStrings: Check = (name, value) => {
  if (value === undefined) return
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw new TypeError(`option ${name} must be an array of strings`)
  }
}

/** Refuses what is no path, relative ones included. */
export const checkPath: Check = (name, value) => {
  if (value === undefined) return
  if (typeof value !== 'string') throw new TypeError(`option ${name} must be a string`)
  if (value === '' || value.includes('\0')) throw new RangeError(`option ${name} must be a path`)
}

/**
 * Makes a path or a `file:` URL absolute.
 *
 * @returns `undefined` for `undefined`
 * @throws TypeError or RangeError naming the option
 */
export function toPath(name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined
  const path = value instanceof URL ? pathOfUrl(name, value) : value
  if (typeof path !== 'string') {
    throw new TypeError(`option ${name} must be a string or a file URL`)
  }
  checkPath(name, path)
  return resolve(path)
}

/** Leaves out what is not set, so that the defaults of whatever it is for stay. */
export function defined<T extends object>(
  values: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined)
  // The filter has taken out what the type says is not there.
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

/** Whether a value's own properties say what it is, and not its elements or, of a URL, those of its class. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  return !(Symbol.iterator in value || value instanceof URL)
}

/** Whether a text can be the value of a field, and is not blank. */
export function isFieldValue(value: string): boolean {
  return value.trim() !== '' && isFieldText(value)
}

// --- Internal ---

function pathOfUrl(name: string, url: URL): string {
  try {
    return fileURLToPath(url)
  } catch (error) {
    throw new TypeError(`option ${name} must be a path or a file URL: ${reasonOf(error)}`, {
      cause: error,
    })
  }
}
