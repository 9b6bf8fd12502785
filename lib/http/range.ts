import { splitList } from './token.ts'

/** Offsets into a file; both ends belong to the range. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** What to answer to a `Range` field: 200 with everything, 416, 206 with a part, or 206 with several. */
export type RangeDecision =
  | { readonly kind: 'full' }
  | { readonly kind: 'unsatisfiable' }
  | ({ readonly kind: 'single' } & ByteRange)
  | { readonly kind: 'multiple'; readonly ranges: readonly ByteRange[] }

/** From where on a `Range` field asks for too much, and is ignored. */
export interface RangeLimits {
  /** Most ranges in a field; 16 by default. */
  readonly maxRanges?: number | undefined
  /** Most times that a range may begin within another one; 2 by default. */
  readonly maxOverlaps?: number | undefined
}

const full: RangeDecision = Object.freeze({ kind: 'full' })
const unsatisfiable: RangeDecision = Object.freeze({ kind: 'unsatisfiable' })

const bytesUnit = /^bytes=/i
const rangeSpec = /^(\d*)-(\d*)$/

/**
 * Decides which part of a file a `Range` field asks for (RFC 9110 section 14). The caller has checked that the method
 * is GET and that `If-Range` holds.
 *
 * - No field, an unknown unit, or one that is not of the grammar: `full`. Blanks around commas and empty members are
 *   of the grammar.
 * - `5-2`, whose end is before its start: `unsatisfiable`, alone and in a list. Section 14.2 lets a server ignore or
 *   refuse it; `send` refuses it.
 * - An end or a suffix beyond the file is cut to the file; `-0` and a start beyond the file ask for nothing. If no
 *   range asks for anything: `unsatisfiable`. A suffix of an empty file is satisfiable (section 14.1.2), but no
 *   `Content-Range` could say so: `full`.
 * - More ranges than {@link RangeLimits}, or more bytes in all than the file has: `full` (section 17.15).
 * - Ranges that overlap or touch are joined, in the place of the first of them (section 15.3.7.2); one that is left
 *   is `single`.
 *
 * @param header - The field's value.
 * @param size - Bytes in the file.
 * @param limits - What is too much.
 */
export function decideRange(
  header: string | undefined,
  size: number,
  limits?: RangeLimits,
): RangeDecision {
  if (header === undefined || !bytesUnit.test(header)) return full
  const specs = splitList(header.slice('bytes='.length))
  if (specs.length === 0 || specs.length > (limits?.maxRanges ?? 16)) return full

  const ranges: ByteRange[] = []
  let backward = false
  for (const spec of specs) {
    const range = parseSpec(spec, size)
    if (range === 'malformed') return full
    if (range === 'backward') backward = true
    else if (range !== 'nothing') ranges.push(range)
  }
  if (backward) return unsatisfiable
  if (ranges.length === 0) return unsatisfiable
  return choose(ranges, size, limits?.maxOverlaps ?? 2)
}

// --- Internal ---

function choose(ranges: readonly ByteRange[], size: number, maxOverlaps: number): RangeDecision {
  if (size === 0) return full
  const [first] = ranges
  if (first !== undefined && ranges.length === 1) return { kind: 'single', ...first }
  const total = ranges.reduce((sum, { start, end }) => sum + end - start + 1, 0)
  if (total > size) return full
  const joined = join(ranges, maxOverlaps)
  if (joined === undefined) return full
  const [only] = joined
  if (only !== undefined && joined.length === 1) return { kind: 'single', ...only }
  return { kind: 'multiple', ranges: joined }
}

/** Numbers too large to be exact are beyond any file, and stay so. */
function parseSpec(spec: string, size: number): ByteRange | 'malformed' | 'backward' | 'nothing' {
  const [, first = '', last = ''] = rangeSpec.exec(spec) ?? []
  if (first === '') {
    if (last === '') return 'malformed'
    const suffix = Number(last)
    return suffix === 0 ? 'nothing' : { start: Math.max(size - suffix, 0), end: size - 1 }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return 'backward'
  if (start >= size) return 'nothing'
  return { start, end: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
}

/** Joins what overlaps or touches; `undefined` if there is too much of it. */
function join(ranges: readonly ByteRange[], maxOverlaps: number): ByteRange[] | undefined {
  const byStart = ranges
    .map(({ start, end }, position) => ({ start, end, position }))
    .sort((a, b) => a.start - b.start)
  const joined: { start: number; end: number; position: number }[] = []
  let overlaps = 0
  for (const range of byStart) {
    const last = joined.at(-1)
    if (last === undefined || range.start > last.end + 1) {
      joined.push(range)
      continue
    }
    if (range.start <= last.end) overlaps++
    last.end = Math.max(last.end, range.end)
    last.position = Math.min(last.position, range.position)
  }
  if (overlaps > maxOverlaps) return undefined
  return joined.sort((a, b) => a.position - b.position).map(({ start, end }) => ({ start, end }))
}
