import { checkText, longestTimer } from '../handlers/check.ts'

// What argparse converts arguments with. It reports a converter that throws TypeError as `invalid NAME value`, NAME
// being the function's.

/** A TCP port. */
export function port(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : NaN
  if (!(value <= 65_535)) throw new TypeError(text)
  return value
}

/** A value that can stand in a field. */
export function field(text: string): string {
  checkText('field', text)
  return text
}

/** A duration in seconds, such as `2.5`, as milliseconds. */
export function seconds(text: string): number {
  const value = /^\d{1,7}(\.\d{1,3})?$/.test(text) ? Number(text) : NaN
  const milliseconds = Math.round(value * 1000)
  if (!(milliseconds <= longestTimer)) throw new TypeError(text)
  return milliseconds
}

const units: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

/** A size in bytes, such as `65536`, `64k`, `10M` or `1g`. */
export function size(text: string): number {
  const [, number, unit = ''] = /^(\d{1,15})([kmg]?)$/i.exec(text) ?? []
  const value = Number(number) * (units[unit.toLowerCase()] ?? NaN)
  if (!Number.isSafeInteger(value)) throw new TypeError(text)
  return value
}

/** A size that is not 0. */
export function positiveSize(text: string): number {
  return notZero(size(text), text)
}

/** A whole number. */
export function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new TypeError(text)
  return Number(text)
}

/** A whole number that is not 0. */
export function positive(text: string): number {
  return notZero(count(text), text)
}

/** Permissions, such as `660`. */
export function mode(text: string): number {
  if (!/^[0-7]{3,4}$/.test(text)) throw new TypeError(text)
  const value = Number.parseInt(text, 8)
  if (value > 0o777) throw new TypeError(text)
  return value
}

/** An absolute path, of a URL or on disk. */
export function path(text: string): string {
  if (!text.startsWith('/')) throw new TypeError(text)
  return text
}

/** The path of a file. */
export function file(text: string): string {
  if (text === '') throw new TypeError(text)
  return text
}

/** A path as requests have it. */
export function urlPath(text: string): string {
  if (!/^\/[!-~]*$/.test(text)) throw new TypeError(text)
  return text
}

// The error says what was expected, not which variety of it.
for (const [converter, name] of [
  [positiveSize, 'size'],
  [positive, 'count'],
  [file, 'path'],
  [urlPath, 'path'],
] as const) {
  Object.defineProperty(converter, 'name', { value: name })
}

function notZero(value: number, text: string): number {
  if (value === 0) throw new TypeError(text)
  return value
}
