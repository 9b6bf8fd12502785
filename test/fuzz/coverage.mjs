// Which blocks of the library a run has reached, by V8's own counters: coverage guidance without a native module.
import { Session } from 'node:inspector'

/** What of the library was never reached. */
export class Coverage {
  #session = new Session()
  /** By function: spans of its source that no run has reached, as start and end in turn. */
  #unreached = new Map()

  constructor() {
    this.#session.connect()
    this.#post('Profiler.enable')
    this.#post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** How many functions were reached, and how many characters of them were not. */
  get summary() {
    let left = 0
    for (const spans of this.#unreached.values()) left += lengthOf(spans)
    return `${this.#unreached.size} functions but for ${left} characters`
  }

  /** What was reached since the last look, by function; given to {@link isNew} and {@link add}. */
  look() {
    const seen = []
    for (const { url, functions } of this.#post('Profiler.takePreciseCoverage').result) {
      if (!url.includes('/dist/lib/')) continue
      for (const { ranges } of functions) {
        const [whole, ...inner] = ranges
        if (whole.count === 0) continue
        const spans = inner
          .filter(({ count }) => count === 0)
          .flatMap(({ startOffset, endOffset }) => [startOffset, endOffset])
        seen.push([`${url}:${whole.startOffset}:${whole.endOffset}`, spans])
      }
    }
    return seen
  }

  /** Whether some of it was never reached before. */
  isNew(seen) {
    return seen.some(([name, spans]) => {
      const before = this.#unreached.get(name)
      return before === undefined || lengthOf(common(before, spans)) < lengthOf(before)
    })
  }

  add(seen) {
    for (const [name, spans] of seen) {
      const before = this.#unreached.get(name)
      this.#unreached.set(name, before === undefined ? spans : common(before, spans))
    }
  }

  stop() {
    this.#session.disconnect()
  }

  #post(method, params) {
    // The inspector answers calls of its own thread before post() returns.
    let answer
    this.#session.post(method, params, (error, result) => {
      if (error !== null) throw error
      answer = result
    })
    return answer
  }
}

// --- Internal ---

function lengthOf(spans) {
  let length = 0
  for (let i = 0; i < spans.length; i += 2) length += spans[i + 1] - spans[i]
  return length
}

/** What two lists of spans have in common. */
function common(a, b) {
  const both = []
  for (let i = 0; i < a.length; i += 2) {
    for (let j = 0; j < b.length; j += 2) {
      const start = Math.max(a[i], b[j])
      const end = Math.min(a[i + 1], b[j + 1])
      if (start < end) both.push(start, end)
    }
  }
  return both
}
