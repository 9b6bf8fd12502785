// Classes of octets, one bit each; `octets[byte] & TOKEN` is the whole test. Nothing here decodes text: a field is
// judged as bytes before any of it becomes a string (RFC 9112 section 2.2).

/** A character of a token: method or field name (RFC 9110 section 5.6.2). */
export const TOKEN = 1
/** A byte of a field value: visible, space, tab or obs-text (RFC 9110 section 5.5). */
export const VALUE = 2
/** A byte of a request target: visible or obs-text, but NEL and NBSP, which http.server reads as blanks. */
export const TARGET = 4
/** A hexadecimal digit. */
export const HEX = 8
/** A byte of a quoted string that stands for itself (RFC 9110 section 5.6.4). */
export const QUOTED = 16

export const HTAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SP = 0x20
export const COLON = 0x3a

/** The classes of each octet. */
export const octets: Uint8Array = classify()

// --- Internal ---

function classify(): Uint8Array {
  const table = new Uint8Array(256)
  for (let octet = 0; octet < 256; octet++) {
    const visible = (octet > SP && octet < 0x7f) || octet > 0x7f
    if (visible || octet === SP || octet === HTAB) {
      table[octet] = VALUE
      if (octet !== 0x22 && octet !== 0x5c) mark(table, octet, QUOTED)
    }
    if (visible && octet !== 0x85 && octet !== 0xa0) mark(table, octet, TARGET)
  }
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  for (const character of `!#$%&'*+-.^_\`|~0123456789${letters}${letters.toUpperCase()}`) {
    mark(table, character.charCodeAt(0), TOKEN)
  }
  for (const character of '0123456789abcdefABCDEF') mark(table, character.charCodeAt(0), HEX)
  return table
}

function mark(table: Uint8Array, octet: number, bit: number): void {
  table[octet] = (table[octet] ?? 0) | bit
}
