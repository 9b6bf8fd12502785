/** A number as text, in the two parts that padding with zeros goes between. */
export interface NumberText {
  /** Sign and, for `#`, the prefix of the base: what zeros go behind. */
  readonly sign: string
  readonly digits: string
}

/**
 * Formats a number for one of `d i u o x X e E f F g G`.
 *
 * @param type - The letter.
 * @param value - A number, a bigint or a boolean.
 * @param limit - The precision, if one was given.
 * @param flags - Those of `+`, space and `#` count.
 * @throws TypeError if the value is not such a number.
 */
export function formatNumber(
  type: string,
  value: unknown,
  limit: number | undefined,
  flags: string,
): NumberText {
  const number = typeof value === 'boolean' ? Number(value) : value
  if (typeof number !== 'number' && typeof number !== 'bigint') {
    throw new TypeError(
      `%${type} format: a number is required, not ${value === null ? 'null' : typeof value}`,
    )
  }
  const isNegative = number < 0 || Object.is(number, -0)
  const plus = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  const alternate = flags.includes('#')
  if ('diuoxX'.includes(type)) {
    const whole = toInteger(type, number)
    const { prefix, digits } = integerDigits(type, whole < 0n ? -whole : whole, alternate)
    const sign = whole < 0n ? '-' : plus
    return { sign: sign + prefix, digits: digits.padStart(limit ?? 0, '0') }
  }
  const digits = floatDigits(type.toLowerCase(), Math.abs(Number(number)), limit ?? 6, alternate)
  return { sign: isNegative ? '-' : plus, digits: type < 'a' ? digits.toUpperCase() : digits }
}

// --- Internal ---

function toInteger(type: string, value: number | bigint): bigint {
  if (typeof value === 'bigint') return value
  if (!Number.isFinite(value))
    throw new TypeError(`%${type} format: cannot convert ${value} to an integer`)
  const decimal = 'diu'.includes(type)
  if (!decimal && !Number.isInteger(value)) {
    throw new TypeError(`%${type} format: an integer is required`)
  }
  return BigInt(Math.trunc(value))
}

function integerDigits(
  type: string,
  whole: bigint,
  alternate: boolean,
): { prefix: string; digits: string } {
  switch (type) {
    case 'o':
      return { prefix: alternate ? '0o' : '', digits: whole.toString(8) }
    case 'x':
      return { prefix: alternate ? '0x' : '', digits: whole.toString(16) }
    case 'X':
      return { prefix: alternate ? '0X' : '', digits: whole.toString(16).toUpperCase() }
    default:
      return { prefix: '', digits: whole.toString() }
  }
}

const maxFloatDigits = 100

function floatDigits(type: string, value: number, precision: number, alternate: boolean): string {
  if (Number.isNaN(value)) return 'nan'
  if (value === Infinity) return 'inf'
  if (precision > maxFloatDigits) throw new TypeError('precision too big')
  if (type === 'f') return withPoint(fixed(value, precision), alternate)
  if (type === 'e') return withPoint(exponential(value, precision), alternate)
  // %g: as %e if the exponent is below -4 or not below the precision, else as %f, both without trailing zeros.
  const significant = precision || 1
  const exponent = Number(value.toExponential(significant - 1).split('e')[1])
  const text =
    exponent < -4 || exponent >= significant
      ? exponential(value, significant - 1)
      : fixed(value, significant - 1 - exponent)
  if (alternate) return withPoint(text, true)
  return text.replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, '')
}

function fixed(value: number, precision: number): string {
  // toFixed() itself changes to an exponent here; such a number is whole.
  if (value >= 1e21)
    return BigInt(value).toString() + (precision > 0 ? `.${'0'.repeat(precision)}` : '')
  return value.toFixed(Math.min(precision, maxFloatDigits))
}

function exponential(value: number, precision: number): string {
  return value.toExponential(precision).replace(/e([+-])(\d)$/, 'e$10$2')
}

function withPoint(text: string, alternate: boolean): string {
  return alternate && !text.includes('.') ? text.replace(/(?=e|$)/, '.') : text
}
