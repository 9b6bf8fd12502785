import { trimWhitespace } from './token.ts'

/** An entity tag taken apart (RFC 9110 section 8.8.3). */
export interface EntityTag {
  /** It was marked with `W/`: the representations are equivalent, not the same bytes. */
  readonly weak: boolean
  /** What stands between the quotes. */
  readonly opaque: string
}

/** How {@link formatEtag} makes a tag. */
export interface EtagOptions {
  /** Mark the tag as weak; `true` by default. */
  readonly weak?: boolean | undefined
  /**
   * Appended after another `-`; only what {@link isEtagText} allows. It tells the encodings of one file apart, which
   * must not share a tag (RFC 9110 section 8.8.3.3).
   */
  readonly suffix?: string | undefined
  /** Count microseconds in a weak tag, too; `false` by default. */
  readonly fine?: boolean | undefined
}

/**
 * Makes an entity tag of a file's size and modification time.
 *
 * The weak form is the one of the package `etag`, which `send` and Express use: `W/"<size>-<ms>"`, hexadecimal. The
 * strong form counts microseconds, and so does the weak one if `fine`. It is as strong as the file system's clock is fine: a
 * file written twice within one of its ticks, with equal size, keeps its tag.
 *
 * @param size - Bytes.
 * @param mtimeMs - Milliseconds since the epoch, as `fs.Stats.mtimeMs` has them, with fraction.
 * @param options - Weak or strong, and a suffix.
 */
export function formatEtag(size: number, mtimeMs: number, options?: EtagOptions): string {
  const weak = options?.weak ?? true
  // fs.Stats.mtime, which the package reads, is rounded, too.
  const time = Math.round(weak && options?.fine !== true ? mtimeMs : mtimeMs * 1000)
  // V8 writes a large number in hexadecimal five times as fast as a BigInt.
  const hexTime = BigInt(time).toString(16)
  const suffix = options?.suffix === undefined ? '' : `-${options.suffix}`
  return `${weak ? 'W/' : ''}"${size.toString(16)}-${hexTime}${suffix}"`
}

/** Whether a text can stand between the quotes of an entity tag. */
export function isEtagText(text: string): boolean {
  return scanOpaque(text, 0) === text.length
}

/** Reads one entity tag and nothing else; `undefined` if it is malformed. */
export function parseEntityTag(value: string): EntityTag | undefined {
  const text = trimWhitespace(value)
  const scanned = scanTag(text, 0)
  return scanned?.end === text.length ? scanned.tag : undefined
}

/**
 * Reads the value of `If-Match` or `If-None-Match`: `*` or a list of entity tags (RFC 9110 sections 8.8.3, 13.1.1 and
 * 13.1.2). Empty members are passed over (section 5.6.1.2). A value with any malformed member, or with no member, is
 * malformed as a whole: what it means cannot be known, and a condition that is not understood must not hold.
 *
 * @param value - The field's value; several lines joined with commas.
 * @returns `undefined` if it is malformed.
 */
export function parseEntityTagList(value: string): '*' | readonly EntityTag[] | undefined {
  if (trimWhitespace(value) === '*') return '*'
  const tags: EntityTag[] = []
  let at = skipBlanks(value, 0)
  while (at < value.length) {
    if (value[at] !== ',') {
      const scanned = scanTag(value, at)
      if (scanned === undefined) return undefined
      tags.push(scanned.tag)
      at = skipBlanks(value, scanned.end)
      if (at < value.length && value[at] !== ',') return undefined
    }
    at = skipBlanks(value, at + 1)
  }
  return tags.length === 0 ? undefined : tags
}

/** Whether two tags stand for the same bytes: equal, and neither of them weak (RFC 9110 section 8.8.3.2). */
export function strongCompare(a: EntityTag, b: EntityTag): boolean {
  return !a.weak && !b.weak && a.opaque === b.opaque
}

/** Whether two tags stand for equivalent representations, weak or not (RFC 9110 section 8.8.3.2). */
export function weakCompare(a: EntityTag, b: EntityTag): boolean {
  return a.opaque === b.opaque
}

// --- Internal ---

function skipBlanks(value: string, start: number): number {
  let at = start
  while (value[at] === ' ' || value[at] === '\t') at++
  return at
}

function scanTag(value: string, at: number): { tag: EntityTag; end: number } | undefined {
  const weak = value.startsWith('W/', at)
  const start = at + (weak ? 2 : 0)
  if (value[start] !== '"') return undefined
  const end = scanOpaque(value, start + 1)
  if (value[end] !== '"') return undefined
  return { tag: { weak, opaque: value.slice(start + 1, end) }, end: end + 1 }
}

/** Where a run of etagc ends: `!`, `#` to `~`, and 0x80 to 0xff. */
function scanOpaque(value: string, start: number): number {
  for (let at = start; at < value.length; at++) {
    const code = value.charCodeAt(at)
    if (code < 0x21 || code === 0x22 || code === 0x7f || code > 0xff) return at
  }
  return value.length
}
