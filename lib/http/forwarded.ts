/** What one proxy says of the request it has passed on (RFC 7239 section 5). */
export interface ForwardedElement {
  /** Who has sent it to the proxy, as it is written. */
  readonly for?: string
  /** Which of the proxy's interfaces it came to. */
  readonly by?: string
  /** The `Host` it had. */
  readonly host?: string
  /** How it was sent: `http`, `https`. */
  readonly proto?: string
}

/**
 * Reads the field `Forwarded` (RFC 7239 section 4): the client's proxy first, the nearest last. Names of parameters are
 * compared without case; those that are not known are left out.
 *
 * @returns `undefined` if any of it is wrong, for then nothing of it can be relied on
 */
export function parseForwarded(value: string): ForwardedElement[] | undefined {
  const elements: ForwardedElement[] = []
  let current: Record<string, string> = {}
  for (let at = 0; at <= value.length;) {
    pair.lastIndex = at
    const match = pair.exec(value)
    if (match === null) return undefined
    const [all, name, token, quoted, end] = match
    if (name !== undefined) {
      const key = name.toLowerCase()
      // A parameter must not occur twice.
      if (Object.hasOwn(current, key)) return undefined
      current[key] = token ?? (quoted ?? '').replace(/\\(.)/g, '$1')
    }
    if (end !== ';') {
      elements.push(known(current))
      current = {}
    }
    at += all.length
    if (end === '') break
  }
  return elements.filter((element) => Object.keys(element).length > 0)
}

// --- Internal ---

// [ token "=" ( token / quoted-string ) ] and what follows it; blanks around separators are tolerated. Only a pair has
// blanks after it: two runs of them with nothing between would be tried in every division.
const pair =
  /[ \t]*(?:([!#$%&'*+.^_`|~\w-]+)=(?:([!#$%&'*+.^_`|~\w-]+)|"((?:[^"\\]|\\.)*)")[ \t]*)?([;,]|$)/y

function known({ for: from, by, host, proto }: Record<string, string>): ForwardedElement {
  return {
    ...(from === undefined ? {} : { for: from }),
    ...(by === undefined ? {} : { by }),
    ...(host === undefined ? {} : { host }),
    ...(proto === undefined ? {} : { proto }),
  }
}
