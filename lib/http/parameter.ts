/**
 * The value of a parameter, as `charset` in `text/html; charset=utf-8` (RFC 9110 section 5.6.6): the first of this
 * name, without quotes and backslashes, `''` if nothing follows the name. The form `name*=charset'language'value`
 * (RFC 8187) is understood, too. Takes time in proportion to the field's length, whatever it holds.
 *
 * @param field - The whole value of the field.
 * @param name - The parameter's name, in lower case.
 */
export function parameterOf(field: string, name: string): string | undefined {
  for (let start = endOfPart(field, 0); start < field.length;) {
    const end = endOfPart(field, start + 1)
    const part = field.slice(start + 1, end)
    const sign = part.indexOf('=')
    const key = (sign < 0 ? part : part.slice(0, sign)).trim().toLowerCase()
    const value = sign < 0 ? '' : part.slice(sign + 1).trim()
    if (key === name) return unquoted(value)
    if (key === `${name}*`) return extendedValue(unquoted(value))
    start = end
  }
  return undefined
}

// --- Internal ---

/** Where the next semicolon outside of quotes is, or the end. */
function endOfPart(field: string, start: number): number {
  let quoted = false
  for (let i = start; i < field.length; i++) {
    const character = field[i]
    if (character === '"') quoted = !quoted
    else if (quoted && character === '\\') i++
    else if (!quoted && character === ';') return i
  }
  return field.length
}

function unquoted(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value
  return value.slice(1, -1).replace(/\\(["\\])/g, '$1')
}

function extendedValue(value: string): string {
  const parts = value.split("'")
  const encoded = parts.length < 3 ? value : parts.slice(2).join("'")
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded
  }
}
