import { sprintf } from 'sprintf-js'
import { formatNumber } from './printf-number.ts'
import { repr } from './repr.ts'

/** One `%` conversion of a format. */
interface Conversion {
  readonly key: string | undefined
  readonly flags: string
  readonly width: string | undefined
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
  /%(?:\((?<key>(?:[^()]|\([^()]*\))*)\))?(?<flags>[#0\- +]*)(?<width>\*|\d+)?(?:\.(?<precision>\*|\d*))?[hlL]?(?<type>[^]?)/gu
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
  const { key, flags = '', width, precision, type = '' } = match.groups ?? {}
  if (type === '') throw new TypeError('incomplete format')
  if (type === '(' && key === undefined) throw new TypeError('incomplete format key')
  if (!supported.includes(type) || type === '%') {
    const index = match.index + match[0].length - type.length
    throw new TypeError(`unsupported format character ${repr(type)} at index ${index}`)
  }
  return { key, flags, width, precision, type }
}

function convert(conversion: Conversion, next: Source): string {
  const { key, flags, type } = conversion
  const width = lengthOf(conversion.width, next) ?? 0
  const precision = lengthOf(conversion.precision, next)
  const left = flags.includes('-') || width < 0
  const columns = Math.abs(width)
  const limit = precision === undefined ? undefined : Math.max(precision, 0)
  const value = next(key)
  if (type === 'c') return layOut(toCharacter(value), left, columns, undefined)
  if ('sra'.includes(type)) return layOut(toText(type, value), left, columns, limit)
  const { sign, digits } = formatNumber(type, value, limit, flags)
  const zeros = flags.includes('0') && !left ? columns - sign.length : 0
  return layOut(sign + digits.padStart(zeros, '0'), left, columns, undefined)
}

/** A width or precision: digits, none after a dot meaning 0, or `*` for an argument. */
function lengthOf(text: string | undefined, next: Source): number | undefined {
  if (text !== '*') return text === undefined ? undefined : Number(text)
  const value = next(undefined)
  if (!Number.isSafeInteger(value)) throw new TypeError('* wants int')
  return value as number // isSafeInteger is no type guard
}

function layOut(text: string, left: boolean, columns: number, limit: number | undefined): string {
  if (columns === 0 && limit === undefined) return text
  const cut = limit === undefined ? '' : `.${limit}`
  return sprintf(`%${left ? '-' : ''}${columns === 0 ? '' : columns}${cut}s`, text)
}

function toText(type: string, value: unknown): string {
  if (type === 's') return String(value)
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
