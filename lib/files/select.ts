import type { IncomingHttpHeaders } from 'node:http'
import type { Selection } from '../../types/files.ts'
import { evaluatePreconditions, ifRangeHolds } from '../http/conditional.ts'
import type { ConditionalRequest, Validators } from '../http/conditional.ts'
import { parseEmailDate } from '../http/date.ts'
import { decideRange } from '../http/range.ts'
import { splitList } from '../http/token.ts'

const whole: Selection = { kind: 'whole' }
const notModified: Selection = { kind: 'notModified' }
const preconditionFailed: Selection = { kind: 'preconditionFailed' }
const rangeNotSatisfiable: Selection = { kind: 'rangeNotSatisfiable' }

/** What a selection depends on besides the request. */
export interface Representation extends Validators {
  /** Bytes in all. */
  readonly size: number
  /** Whether `Range` is followed. */
  readonly acceptRanges: boolean
  /** Whether a request with `Cache-Control: no-cache` never gets 304, as with the package `fresh` and so Express. */
  readonly reloads?: boolean
}

/**
 * Decides by RFC 9110 section 13.2.2 what of a file a GET or HEAD is answered with.
 *
 * @param method - the request's method
 * @param headers - the request's fields
 * @param representation - what would be sent
 */
export function select(
  method: string,
  headers: IncomingHttpHeaders,
  representation: Representation,
): Selection {
  switch (evaluatePreconditions(new Conditions(method, headers), representation)) {
    case 'not-modified':
      if (representation.reloads !== true || !isReload(headers)) return notModified
      break
    case 'precondition-failed':
      return preconditionFailed
    case 'proceed':
  }
  // Section 14.2: Range is defined for GET alone.
  const { range } = headers
  if (range === undefined || method !== 'GET' || !representation.acceptRanges) return whole
  if (!ifRangeHolds(headers['if-range']?.toString(), representation)) return whole
  const decision = decideRange(range, representation.size)
  switch (decision.kind) {
    case 'full':
      return whole
    case 'unsatisfiable':
      return rangeNotSatisfiable
    case 'single':
      return { kind: 'part', start: decision.start, end: decision.end }
    case 'multiple':
      return { kind: 'parts', ranges: decision.ranges }
  }
}

/**
 * Decides as CPython's http.server does: `If-Modified-Since` alone, and only without `If-None-Match`.
 *
 * @param ifModifiedSince - the first such field's value
 * @param ifNoneMatch - whether there is such a field
 * @param mtimeMs - the file's time
 */
export function selectAsPython(
  ifModifiedSince: string | undefined,
  ifNoneMatch: boolean,
  mtimeMs: number,
): Selection {
  if (ifModifiedSince === undefined || ifNoneMatch) return whole
  const date = parseEmailDate(ifModifiedSince)
  if (!date?.utc) return whole
  return Math.floor(mtimeMs / 1000) * 1000 <= date.time ? notModified : whole
}

// --- Internal ---

function isReload(headers: IncomingHttpHeaders): boolean {
  return splitList(headers['cache-control'] ?? '').some((one) => /^no-cache$/i.test(one))
}

class Conditions implements ConditionalRequest {
  readonly method: string
  readonly #headers: IncomingHttpHeaders

  constructor(method: string, headers: IncomingHttpHeaders) {
    this.method = method
    this.#headers = headers
  }

  header(name: string): string | undefined {
    const value = this.#headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }
}
