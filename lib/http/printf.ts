import { sprintf } from 'sprintf-js'
import { repr } from './repr.ts'

/** One `%` conversion of a format. */
interface Conversion {
  readonly key: string | undefined
  readonly flags: string
  readonly width: string
  readonly precision: string | undefined
  readonly type: string
}

/** Literal texts and the conversions between them, in order. */
type Piece = string | Conversion

/** Hands out the argument for a conversion, or for one of its `*`. */
type Source = (key: string | undefined) => unknown

// sprintf-js aligns, pads and cuts; what stands behind each letter differs between C, Python and sprintf-js and is
// decided here. It keeps every format it has seen, so it only gets single conversions: a caller that puts a client's
// text into a format must not make the process grow.
const conversion =
  /%(?:\((?<key>(?:[^()]|\([^()]*\))*)\))?(?<flags>[#0\- +]*)(?<width>\*|\d*)(?:\.(?<precision>\*|\d*))?[hlL]?(?<type>[^]?)/gu
const supported = 'sradiuoxXeEfFgGc%'

const parsed = new Map<string, readonly Piece[]>()
const maxParsed = 100
const maxParsedLength = 1000

/**
 * Formats a text as Python's `%` operator does: `%s %r %a %c`, `%d %i %u %o %x %X`, `%e %f %g` and their capitals,
 * `%%`; with the flags `-+ 0#`, width and precision, each also as `*`. Values that are not numbers are written as
 * JavaScript writes them (`null`, `true`); exact halves round away from zero.
 *
 * @param format - The format.
 * @param args - A value for each conversion.
 * @throws TypeError if the format is wrong, or arguments are too few, too many or of the wrong type.
 *
 * Python: `format % args`
 */
export function printf(format: string, ...args: unknown[]): string {
  let used = 0
  const text = render(format, (key) => {
    if (key !== undefined) throw new TypeError('format requires a mapping')
    if (used === args.length) throw new TypeError('not enough arguments for format string')
    return args[used++]
  })
  if (used < args.length) {
    throw new TypeError('not all arguments converted during string formatting')
  }
  return text
}

/**
 * Formats a text with named values, `%(name)s`; all else is as in {@link printf}.
 *
 * @param format - The format.
 * @param values - The values by name; more than the format names are no error.
 * @throws TypeError if the format is wrong, names what `values` lacks, or has a conversion without a name.
 *
 * Python: `format % mapping`
 */
export function printfNamed(format: string, values: Readonly<Record<string, unknown>>): string {
  return render(format, (key) => {
    if (key === undefined) throw new TypeError('not enough arguments for format string')
    if (!Object.hasOwn(values, key))
      throw new TypeError(`format names an unknown value: ${repr(key)}`)
    return values[key]
  })
}

// --- Internal ---

function render(format: string, next: Source): string {
  let text = ''
  for (const piece of parse(format))
    text += typeof piece === 'string' ? piece : convert(piece, next)
  return text
}

function parse(format: string): readonly Piece[] {
  const known = parsed.get(format)
  if (known !== undefined) return known
  const pieces: Piece[] = []
  let end = 0
  for (const match of format.matchAll(conversion)) {
    if (match.index > end) pieces.push(format.slice(end, match.index))
    end = match.index + match[0].length
    pieces.push(match[0] === '%%' ? '%' : checked(match))
  }
  if (end < format.length) pieces.push(format.slice(end))
  if (parsed.size < maxParsed && format.length <= maxParsedLength) parsed.set(format, pieces)
  return pieces
}

function checked(match: RegExpExecArray): Conversion {
  const { key, flags = '', width = '', precision, type = '' } = match.groups ?? {}
  if (type === '') throw new TypeError('incomplete format')
  if (type === '(' && key === undefined) throw new TypeError('incomplete format key')
  if (!supported.includes(type) || type === '%') {
    const index = match.index + match[0].length - type.length
    throw new TypeError(`unsupported format character ${repr(type)} at index ${index}`)
  }
  return { key, flags, width, precision, type }
}

function convert({ key, flags, width, precision, type }: Conversion, next: Source): string {
  let left = flags.includes('-')
  let columns = width === '*' ? starArgument(next(undefined)) : +width
  if (columns < 0) {
    left = true
    columns = -columns
  }
  const digits =
    precision === '*' ? Math.max(starArgument(next(undefined)), 0) : precision && +precision
  const value = next(key)
  // A precision that is left out after the dot is 0.
  const limit = digits === '' ? 0 : digits
  if ('srac'.includes(type))
    return layOut(toText(type, value), left, columns, type === 'c' ? undefined : limit)
  const number = toNumber(type, value, limit, flags)
  const zeros =
    flags.includes('0') && !left ? columns - number.sign.length - number.digits.length : 0
  return layOut(
    number.sign + '0'.repeat(Math.max(zeros, 0)) + number.digits,
    left,
    columns,
    undefined,
  )
}

function layOut(text: string, left: boolean, columns: number, limit: number | undefined): string {
  if (columns === 0 && limit === undefined) return text
  const cut = limit === undefined ? '' : `.${limit}`
  return sprintf(`%${left ? '-' : ''}${columns === 0 ? '' : columns}${cut}s`, text)
}

function starArgument(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new TypeError('* wants int')
  return value as number // isSafeInteger is no type guard
}

function toText(type: string, value: unknown): string {
  if (type === 's') return String(value)
  if (type === 'c') return toCharacter(value)
  const text = typeof value === 'string' ? repr(value) : String(value)
  return type === 'a' ? text.replace(/[^\0-\x7f]/gu, toAsciiEscape) : text
}

function toCharacter(value: unknown): string {
  if (typeof value === 'number' && value >= 0 && value <= 0x10ffff && Number.isInteger(value)) {
    return String.fromCodePoint(value)
  }
  if (typeof value === 'string' && Array.from(value).length === 1) return value
  throw new TypeError('%c requires int or char')
}

function toAsciiEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16)
  if (code < 0x100) return `\\x${hex}`
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

interface NumberText {
  /** Sign and, for `#`, the prefix of the base: what zeros go behind. */
  readonly sign: string
  readonly digits: string
}

function toNumber(
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
