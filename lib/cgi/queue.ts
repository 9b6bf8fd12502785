/** Gives a place back; further calls do nothing. */
export type Release = () => void

interface Waiter {
  readonly admit: (release: Release | undefined) => void
  readonly timer: NodeJS.Timeout | undefined
}

/** Limits of a {@link RunQueue}. */
export interface QueueOptions {
  /** Most that run at a time. */
  readonly maxConcurrent: number
  /** Most that wait for a place. */
  readonly maxQueue: number
  /** Longest wait in milliseconds; 0 is no limit. */
  readonly timeout: number
}

/** Lets only so many run at a time; others wait in the order they came. */
export class RunQueue {
  readonly #options: QueueOptions
  #running = 0
  readonly #waiting = new Set<Waiter>()

  constructor(options: QueueOptions) {
    this.#options = options
  }

  /** Whether there is neither a place nor one to wait for it. */
  get full(): boolean {
    const { maxConcurrent, maxQueue } = this.#options
    return this.#running >= maxConcurrent && this.#waiting.size >= maxQueue
  }

  /** Takes a place for what may need it for long: at most half of them, and never the last; `undefined` if not. */
  enterEarly(): Release | undefined {
    const { maxConcurrent } = this.#options
    const most = Math.min(Math.ceil(maxConcurrent / 2), maxConcurrent - 1)
    return this.#running < most ? this.#admit() : undefined
  }

  /**
   * Asks for a place.
   *
   * @param onGone - registers what to call when the place is not wanted any more
   * @returns how to give it back; `undefined` when there is none: too many wait, or the wait took too long, or nobody
   * wants it any more
   */
  enter(onGone: (gone: () => void) => void): Promise<Release | undefined> {
    const { maxConcurrent, maxQueue, timeout } = this.#options
    if (this.#running < maxConcurrent) return Promise.resolve(this.#admit())
    if (this.#waiting.size >= maxQueue) return Promise.resolve(undefined)
    return new Promise((admit) => {
      const leave = (): void => {
        clearTimeout(waiter.timer)
        if (this.#waiting.delete(waiter)) admit(undefined)
      }
      const waiter: Waiter = {
        admit,
        timer: timeout > 0 ? setTimeout(leave, timeout) : undefined,
      }
      this.#waiting.add(waiter)
      onGone(leave)
    })
  }

  #admit(): Release {
    this.#running++
    let released = false
    return () => {
      if (released) return
      released = true
      this.#running--
      this.#next()
    }
  }

  #next(): void {
    const [waiter] = this.#waiting
    if (waiter === undefined) return
    this.#waiting.delete(waiter)
    clearTimeout(waiter.timer)
    waiter.admit(this.#admit())
  }
}
