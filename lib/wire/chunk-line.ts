import { CR, HEX, HTAB, LF, octets, QUOTED, SP, TOKEN, VALUE } from './octets.ts'

const SEMICOLON = 0x3b
const EQUALS = 0x3d
const QUOTE = 0x22
const BACKSLASH = 0x5c

// Where in `chunk-size *( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] ) CRLF` the reader is.
const SIZE = 0
const AFTER_SIZE = 1
const BEFORE_NAME = 2
const NAME = 3
const AFTER_NAME = 4
const BEFORE_VALUE = 5
const TOKEN_VALUE = 6
const QUOTED_VALUE = 7
const ESCAPE = 8
const QUOTE_END = 9
const AFTER_VALUE = 10
const END = 11
const BAD = 12
const DONE = 13

/**
 * Reads one chunk-size line, byte by byte; extensions are checked and ignored (RFC 9112 section 7.1.1).
 *
 * What a laxer reader could take for the line's end or for another size is refused: blanks behind the size or an
 * extension, LF alone, line ends within quotes.
 */
export class ChunkLine {
  /** The size, once {@link state} is `done`. */
  size = 0
  /** Bytes of the line so far, its end included. */
  length = 0
  /** Bytes of it that are extensions. */
  extensions = 0
  #at = SIZE
  #digits = 0

  reset(): void {
    this.size = 0
    this.length = 0
    this.extensions = 0
    this.#at = SIZE
    this.#digits = 0
  }

  /** Takes the next byte: the line goes on, is complete, or is none. */
  take(octet: number): 'more' | 'done' | 'bad' {
    this.length++
    if (this.#at === SIZE && this.#isDigit(octet)) {
      this.size = this.size * 16 + digitValue(octet)
      if (++this.#digits > 16 || !Number.isSafeInteger(this.size)) this.#at = BAD
    } else {
      this.#at = this.#after(octet)
      if (octet !== CR && octet !== LF) this.extensions++
    }
    return this.#at === DONE ? 'done' : this.#at === BAD ? 'bad' : 'more'
  }

  #isDigit(octet: number): boolean {
    return ((octets[octet] ?? 0) & HEX) !== 0
  }

  /** The next state, once the digits are over. */
  #after(octet: number): number {
    const blank = octet === SP || octet === HTAB
    const token = ((octets[octet] ?? 0) & TOKEN) !== 0
    switch (this.#at) {
      case SIZE:
        return this.#digits === 0 ? BAD : blank ? AFTER_SIZE : boundary(octet)
      case AFTER_SIZE:
      case AFTER_VALUE:
        // Blanks are good only in front of another extension; here one was seen already.
        return blank ? this.#at : octet === SEMICOLON ? BEFORE_NAME : BAD
      case BEFORE_NAME:
        return blank ? BEFORE_NAME : token ? NAME : BAD
      case NAME:
        if (token) return NAME
        return blank ? AFTER_NAME : octet === EQUALS ? BEFORE_VALUE : boundary(octet)
      case AFTER_NAME:
        if (blank) return AFTER_NAME
        return octet === EQUALS ? BEFORE_VALUE : octet === SEMICOLON ? BEFORE_NAME : BAD
      case BEFORE_VALUE:
        if (blank) return BEFORE_VALUE
        return octet === QUOTE ? QUOTED_VALUE : token ? TOKEN_VALUE : BAD
      case TOKEN_VALUE:
        return token ? TOKEN_VALUE : blank ? AFTER_VALUE : boundary(octet)
      case QUOTED_VALUE:
        if (octet === QUOTE) return QUOTE_END
        if (octet === BACKSLASH) return ESCAPE
        return ((octets[octet] ?? 0) & QUOTED) !== 0 ? QUOTED_VALUE : BAD
      case ESCAPE:
        return ((octets[octet] ?? 0) & VALUE) !== 0 ? QUOTED_VALUE : BAD
      case QUOTE_END:
        return blank ? AFTER_VALUE : boundary(octet)
      case END:
        return octet === LF ? DONE : BAD
      default:
        return BAD
    }
  }
}

// --- Internal ---

function boundary(octet: number): number {
  return octet === CR ? END : octet === SEMICOLON ? BEFORE_NAME : BAD
}

function digitValue(octet: number): number {
  return octet <= 0x39 ? octet - 0x30 : (octet | 0x20) - 0x57
}
