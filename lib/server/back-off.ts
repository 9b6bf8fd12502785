// The wait after the first failure, and the longest one, in milliseconds.
const first = 100
const longest = 30_000
// Whoever has served this long has started well: the next failure is a first one.
const settled = 10_000

/** How long to wait before a worker that has failed is replaced: twice as long each time, unless it had served well. */
export class BackOff {
  #next = first

  /**
   * @param lifetime - milliseconds that the worker has served
   * @returns milliseconds to wait
   */
  after(lifetime: number): number {
    if (lifetime >= settled) this.#next = first
    const wait = this.#next
    this.#next = Math.min(longest, 2 * wait)
    return wait
  }
}
