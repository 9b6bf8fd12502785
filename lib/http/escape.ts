const markup = /[&<>]/g
const markupAndQuotes = /[&<>"']/g

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
}

function toEntity(character: string): string {
  return entities[character] ?? character
}

/**
 * Replaces `&`, `<` and `>` by HTML entities.
 *
 * @param text - The text.
 * @param quote - Also replace `"` and `'`, so that the text can stand in an attribute's value; `true` by default.
 *
 * Python: `html.escape`
 */
export function escapeHtml(text: string, quote = true): string {
  return text.replace(quote ? markupAndQuotes : markup, toEntity)
}
