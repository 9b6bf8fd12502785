const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Whether the text is a token, as methods and field names are (RFC 9110 section 5.6.2). */
export function isToken(text: string): boolean {
  return token.test(text)
}

// HTAB, printable ASCII and what latin-1 has beyond it.
const unsafe = /[^\t\x20-\x7e\x80-\xff]/
const allUnsafe = new RegExp(unsafe, 'gu')

/** Whether a text can be the value of a field, or a reason phrase, written as latin-1 (RFC 9110 section 5.5). */
export function isFieldText(text: string): boolean {
  return !unsafe.test(text)
}

/** A text with `?` for each character that {@link isFieldText} denies. */
export function toFieldText(text: string): string {
  return text.replace(allUnsafe, '?')
}

/** Splits a comma-separated list at its commas; members without content are left out (RFC 9110 section 5.6.1.2). */
export function splitList(value: string): string[] {
  return value
    .split(',')
    .map(trimWhitespace)
    .filter((member) => member !== '')
}

/** Removes spaces and tabs around a text: optional whitespace (RFC 9110 section 5.6.3), and no other. */
export function trimWhitespace(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

// --- Internal ---

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
