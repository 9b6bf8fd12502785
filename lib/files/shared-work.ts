/** A result that several wait for. */
interface Waiting<T> {
  resolve: (result: T | PromiseLike<T>) => void
  reject: (reason: unknown) => void
}

/**
 * Work that several may ask for at the same time and whose result serves them all. All who ask under one key in one
 * turn of the event loop share one run, and so do all who ask while a run is under way: theirs begins when it ends. A
 * run begins after the last of them has asked, so no result is older than its question.
 */
export class SharedWork<T> {
  /** Those who have asked since the run under way began, if one is. */
  readonly #asking = new Map<string, Waiting<T>[]>()

  /**
   * Asks for a result.
   *
   * @param key - equal for those whom one result serves
   * @param work - makes it; of several who share a run, one's is called
   */
  ask(key: string, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiting = { resolve, reject }
      const others = this.#asking.get(key)
      if (others !== undefined) {
        others.push(waiting)
        return
      }
      this.#asking.set(key, [waiting])
      setImmediate(() => void this.#run(key, work))
    })
  }

  async #run(key: string, work: () => Promise<T>): Promise<void> {
    const asked = this.#asking.get(key) ?? []
    this.#asking.set(key, [])
    try {
      const result = await work()
      for (const { resolve } of asked) resolve(result)
    } catch (error) {
      for (const { reject } of asked) reject(error)
    }
    if (this.#asking.get(key)?.length === 0) this.#asking.delete(key)
    else void this.#run(key, work)
  }
}
