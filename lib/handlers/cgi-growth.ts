import type { GrowingContent } from '../cgi/feed.ts'
import type { Spooling } from '../cgi/spool.ts'

/** Milliseconds without more of it after which content is slow. */
const STALL = 500
/** Milliseconds after which it is slow in any case. */
const PATIENCE = 2000
const INTERVAL = 100

/** Watches how a request's content arrives. */
export class Growth implements GrowingContent {
  path = ''
  /** When more came last, by `performance.now()`. */
  last: number = performance.now()
  readonly #start = this.last
  #size = 0
  #complete = false
  #waiting: (() => void)[] = []

  size(): number {
    return this.#size
  }

  complete(): boolean {
    return this.#complete
  }

  change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Notes what has been written. */
  grow({ path, size }: Spooling): void {
    this.path = path
    this.#size = size
    this.last = performance.now()
    this.#wake()
  }

  /** Notes that no more comes. */
  finish(): void {
    this.#complete = true
    this.#wake()
  }

  /**
   * Resolves with what `attempt` gives once the content is slow, or with `undefined` when no more comes.
   *
   * @param attempt - tried again and again as long as it gives nothing
   */
  whenSlow<T>(attempt: () => T | undefined): Promise<T | undefined> {
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        const now = performance.now()
        const slow = now - this.last >= STALL || now - this.#start >= PATIENCE
        const result = slow && !this.#complete ? attempt() : undefined
        if (result === undefined && !this.#complete) return
        clearInterval(timer)
        resolve(result)
      }, INTERVAL)
      const wait = (): void => {
        if (!this.#complete) {
          void this.change().then(wait)
          return
        }
        clearInterval(timer)
        resolve(undefined)
      }
      wait()
    })
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
