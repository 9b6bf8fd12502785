// \p{Cc} is C0, DEL and C1: U+0000–001F and U+007F–009F.
const unsafe = /[\p{Cc}\\]/u
const unsafeCharacters = /[\p{Cc}\\]/gu

/**
 * Makes a text safe for a log: control characters (U+0000–001F and U+007F–009F) become `\xHH`, and a backslash is
 * doubled, so that no client can forge a line or speak to a terminal.
 *
 * Python: what `BaseHTTPRequestHandler.log_message` does to its message
 */
export function scrub(text: string): string {
  return unsafe.test(text) ? text.replace(unsafeCharacters, escapeCharacter) : text
}

function escapeCharacter(character: string): string {
  if (character === '\\') return '\\\\'
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
