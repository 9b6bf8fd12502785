import type { GrowingContent } from '../cgi/feed.ts'
import type { ComingInput, InputFailure } from '../cgi/relay.ts'
import type { Spooling } from '../cgi/spool.ts'

/** Milliseconds without more of it after which content is slow. */
const STALL = 500
/** Milliseconds after which it is slow in any case. */
const PATIENCE = 2000
const INTERVAL = 100

/** Watches how a request's content arrives. */
export class Growth implements GrowingContent, ComingInput {
  /** Empty as long as there is no file. */
  path = ''
  readonly #start = performance.now()
  #last = this.#start
  #size = 0
  #complete = false
  #failure: InputFailure | undefined
  #failureListeners: ((failure: InputFailure) => void)[] = []
  #waiting: (() => void)[] = []

  size(): number {
    return this.#size
  }

  complete(): boolean {
    return this.#complete
  }

  failed(): boolean {
    return this.#failure !== undefined
  }

  lastProgress(): number {
    // How long it may pause is for others to judge, and not held against the script.
    return this.#complete ? this.#last : performance.now()
  }

  onFailure(failed: (failure: InputFailure) => void): void {
    if (this.#failure === undefined) this.#failureListeners.push(failed)
    else failed(this.#failure)
  }

  change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Notes what has been written. */
  grow({ path, size }: Spooling): void {
    this.path = path
    this.#size = size
    this.#last = performance.now()
    this.#wake()
  }

  /** Notes that no more comes, and why if it is not all there. */
  finish(failure?: InputFailure): void {
    this.#complete = true
    this.#last = performance.now()
    this.#failure = failure
    if (failure !== undefined) for (const listener of this.#failureListeners) listener(failure)
    this.#failureListeners = []
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
        const slow = now - this.#last >= STALL || now - this.#start >= PATIENCE
        const result = slow && this.path !== '' && !this.#complete ? attempt() : undefined
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
