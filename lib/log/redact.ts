// Between '//' and '@' of an authority (RFC 3986 section 3.2.1); some clients take '\' for '/'.
const userinfo = /([/\\]{2})[^/\\?#\s]*@/g

/**
 * Takes user names and passwords out of the URLs in a text: `https://user:secret@host/` becomes `https://host/`.
 */
export function withoutUserinfo(text: string): string {
  return text.includes('@') ? text.replace(userinfo, '$1') : text
}

/** The same for a request target: only where it begins with a scheme it has an authority. */
export function withoutTargetUserinfo(target: string): string {
  return /^[a-z][a-z\d+.-]*:\/\//i.test(target) ? withoutUserinfo(target) : target
}
