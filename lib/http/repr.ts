// What `str.isprintable()` denies: the categories Other and Separator, except the space itself.
const special = /[\\'\p{C}\p{Zl}\p{Zp}]|[^\P{Zs} ]/u
const escaped = /[\\\p{C}\p{Zl}\p{Zp}]|[^\P{Zs} ]/gu

const shortEscapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

function escapeCharacter(character: string): string {
  const short = shortEscapes[character]
  if (short !== undefined) return short
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16)
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`
  if (code < 0x10000) return `\\u${hex.padStart(4, '0')}`
  return `\\U${hex.padStart(8, '0')}`
}

/**
 * Writes a string as a Python string literal: in single quotes, or in double quotes when it holds a single but no
 * double quote; with `\\`, `\n`, `\r`, `\t`, and `\xNN`, `\uNNNN` or `\UNNNNNNNN` for what is not printable.
 *
 * Python: `repr(str)`
 */
export function repr(value: string): string {
  if (!special.test(value)) return `'${value}'`
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'"
  const text = value.replace(escaped, escapeCharacter)
  return quote + (quote === "'" ? text.replaceAll("'", "\\'") : text) + quote
}
