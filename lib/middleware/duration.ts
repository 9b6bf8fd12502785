const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const units: readonly (readonly [pattern: RegExp, milliseconds: number])[] = [
  [/^(?:|ms|msecs?|milliseconds?)$/, 1],
  [/^(?:s|secs?|seconds?)$/, second],
  [/^(?:m|mins?|minutes?)$/, minute],
  [/^(?:h|hrs?|hours?)$/, hour],
  [/^(?:d|days?)$/, day],
  [/^(?:w|weeks?)$/, 7 * day],
  [/^(?:mo|months?)$/, 365.25 * (day / 12)],
  [/^(?:y|yrs?|years?)$/, 365.25 * day],
]

/**
 * Reads a duration as the package `ms` does, which `serve-static` takes `maxAge` to: `'1h'`, `'2.5 days'`, `'100'`.
 *
 * @returns milliseconds, or `undefined` if it is none
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(-?(?:\d+(?:\.\d*)?|\.\d+)) *([a-z]*)$/i.exec(text)
  const unit = match?.[2]?.toLowerCase()
  if (unit === undefined) return undefined
  const factor = units.find(([pattern]) => pattern.test(unit))?.[1]
  return factor === undefined ? undefined : Number(match?.[1]) * factor
}
