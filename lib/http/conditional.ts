import { parseHttpDate } from './date.ts'
import { parseEntityTag, parseEntityTagList, strongCompare, weakCompare } from './etag.ts'
import type { EntityTag } from './etag.ts'
import { trimWhitespace } from './token.ts'

/** What the preconditions of a request are read from. */
export interface ConditionalRequest {
  readonly method: string
  /** The value of a field by its lower-case name; several lines joined with `, `. */
  header(name: string): string | undefined
}

/** The validators of the representation that would be sent. */
export interface Validators {
  /** The entity tag as it stands in `ETag`. */
  readonly etag?: string | undefined
  /** Another entity tag that stands for the same, for `If-None-Match`: it may have been sent before. */
  readonly otherEtag?: string | undefined
  /** The modification time in milliseconds since the epoch; fractions of a second do not count. */
  readonly lastModified?: number | undefined
}

/** Answer the request, or with 304, or with 412. */
export type PreconditionOutcome = 'proceed' | 'not-modified' | 'precondition-failed'

/** Whether a condition was set, and holds. */
type Check = 'none' | 'true' | 'false'

/** Methods without a selected representation: their preconditions are ignored (RFC 9110 section 13.2.1). */
const unconditional = new Set(['CONNECT', 'OPTIONS', 'TRACE'])

/**
 * Evaluates the preconditions of a request in the order of RFC 9110 section 13.2.2, for a representation that exists.
 * The last step, `If-Range`, is {@link ifRangeHolds}.
 *
 * @param request - The request's method and fields.
 * @param selected - The validators of the representation.
 */
export function evaluatePreconditions(
  request: ConditionalRequest,
  selected: Validators,
): PreconditionOutcome {
  if (unconditional.has(request.method)) return 'proceed'
  const isRead = request.method === 'GET' || request.method === 'HEAD'

  // Steps 1 and 2: If-Unmodified-Since counts only without If-Match.
  let held = checkIfMatch(request, selected)
  if (held === 'none') held = checkIfUnmodifiedSince(request, selected)
  if (held === 'false') return 'precondition-failed'

  // Steps 3 and 4: If-Modified-Since counts only without If-None-Match, and for GET and HEAD.
  held = checkIfNoneMatch(request, selected)
  if (held === 'none' && isRead) held = checkIfModifiedSince(request, selected)
  if (held === 'false') return isRead ? 'not-modified' : 'precondition-failed'
  return 'proceed'
}

/**
 * Whether the condition of `If-Range` holds, so that `Range` may be followed (RFC 9110 section 13.1.5): an entity tag
 * that is strongly the same, or a date that is exactly the representation's, in any form of an HTTP-date.
 *
 * A date counts only if it is a strong validator (section 8.8.2.2), taken to be so if the second of the modification
 * is over: until then the file may change again under the same date.
 *
 * @param value - The field's value; `undefined`, no field, is no condition and holds.
 * @param selected - The validators of the representation.
 * @param now - The time of the answer in milliseconds since the epoch; the current time by default.
 */
export function ifRangeHolds(
  value: string | undefined,
  selected: Validators,
  now: number = Date.now(),
): boolean {
  if (value === undefined) return true
  const tag = parseEntityTag(value)
  if (tag !== undefined) return matches([tag], selected, strongCompare)
  const date = parseHttpDate(trimWhitespace(value), now)
  const modified = modificationTime(selected)
  return date !== undefined && date === modified && modified + 1000 <= now
}

// --- Internal ---

/** Section 13.1.1. A value that cannot be read does not match: the client must not overwrite what it does not know. */
function checkIfMatch(request: ConditionalRequest, selected: Validators): Check {
  const value = request.header('if-match')
  if (value === undefined) return 'none'
  const tags = parseEntityTagList(value)
  if (tags === '*') return 'true'
  return toCheck(tags !== undefined && matches(tags, selected, strongCompare))
}

/** Section 13.1.4: ignored if it is no HTTP-date, or if there is no date to compare it with. */
function checkIfUnmodifiedSince(request: ConditionalRequest, selected: Validators): Check {
  const date = dateField(request, 'if-unmodified-since')
  const modified = modificationTime(selected)
  if (date === undefined || modified === undefined) return 'none'
  return toCheck(modified <= date)
}

/** Section 13.1.2. A value that cannot be read matches nothing, but is there: If-Modified-Since stays out of it. */
function checkIfNoneMatch(request: ConditionalRequest, selected: Validators): Check {
  const value = request.header('if-none-match')
  if (value === undefined) return 'none'
  const tags = parseEntityTagList(value)
  if (tags === '*') return 'false'
  const { etag, otherEtag } = selected
  const matched = [etag, otherEtag].some((one) => matches(tags ?? [], { etag: one }, weakCompare))
  return toCheck(!matched)
}

/** Section 13.1.3: ignored as If-Unmodified-Since is. */
function checkIfModifiedSince(request: ConditionalRequest, selected: Validators): Check {
  const date = dateField(request, 'if-modified-since')
  const modified = modificationTime(selected)
  if (date === undefined || modified === undefined) return 'none'
  return toCheck(modified > date)
}

function toCheck(holds: boolean): Check {
  return holds ? 'true' : 'false'
}

function matches(
  tags: readonly EntityTag[],
  selected: Validators,
  compare: (a: EntityTag, b: EntityTag) => boolean,
): boolean {
  const current = selected.etag === undefined ? undefined : parseEntityTag(selected.etag)
  return current !== undefined && tags.some((tag) => compare(tag, current))
}

function dateField(request: ConditionalRequest, name: string): number | undefined {
  const value = request.header(name)
  return value === undefined ? undefined : parseHttpDate(trimWhitespace(value))
}

/** To the second, as `Last-Modified` says it. */
function modificationTime({ lastModified }: Validators): number | undefined {
  return lastModified === undefined ? undefined : Math.floor(lastModified / 1000) * 1000
}
