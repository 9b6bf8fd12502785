import { COLON, HTAB, octets, SP, TOKEN, VALUE } from './octets.ts'

// Where the fields scanned last stand in their buffer: name start, name end, value start, value end. One list serves
// all connections, for scanning and taking the strings happen in one go.
const marks: number[] = []
let marked = 0

/**
 * Scans one field line (`name ":" OWS value OWS`, RFC 9112 section 5) and remembers where its parts are.
 *
 * @returns the index of the first byte behind it, which ought to be the CR of the line's end, or -1 when what stands
 *   between `start` and `end` cannot be a field line
 */
export function scanField(buffer: Uint8Array, start: number, end: number): number {
  let i = start
  while (i < end && (octetClass(buffer, i) & TOKEN) !== 0) i++
  if (i === start || i === end || buffer[i] !== COLON) return -1
  const nameEnd = i++
  while (i < end && isBlank(buffer[i])) i++
  const valueStart = i
  while (i < end && (octetClass(buffer, i) & VALUE) !== 0) i++
  let valueEnd = i
  while (valueEnd > valueStart && isBlank(buffer[valueEnd - 1])) valueEnd--
  marks[marked++] = start
  marks[marked++] = nameEnd
  marks[marked++] = valueStart
  marks[marked++] = valueEnd
  return i
}

/** How many fields were scanned and not taken yet. */
export function scannedFields(): number {
  return marked / 4
}

/** Forgets the field scanned last, which turned out to be none. */
export function dropField(): void {
  marked -= 4
}

/** Forgets all scanned fields. */
export function dropFields(): void {
  marked = 0
}

/**
 * Appends the fields scanned so far to `fields`, names and values in turn.
 *
 * @param text - the scanned bytes as latin-1
 * @param base - index of the text's first character in the buffer
 */
export function takeFields(text: string, base: number, fields: string[]): void {
  for (let i = 0; i < marked; i += 2) {
    fields.push(text.substring(mark(i) - base, mark(i + 1) - base))
  }
  marked = 0
}

// --- Internal ---

function mark(index: number): number {
  return marks[index] ?? 0
}

function octetClass(buffer: Uint8Array, index: number): number {
  return octets[buffer[index] ?? 0] ?? 0
}

function isBlank(octet: number | undefined): boolean {
  return octet === SP || octet === HTAB
}
