import { availableParallelism } from 'node:os'
import { SpawnHelper } from './helper.ts'

/** More would only wait for a processor. */
const most = Math.min(availableParallelism(), 4)

/**
 * Helpers in reserve. Each waits for one process to begin before it starts the next, so that another is taken on as
 * soon as all are waiting.
 */
export class HelperPool {
  #helpers: SpawnHelper[] = []

  /** Whether there are any. */
  get alive(): boolean {
    this.#helpers = this.#helpers.filter((helper) => helper.alive)
    return this.#helpers.length > 0
  }

  /** Takes on the first, if there is none. */
  prepare(): void {
    if (!this.alive) this.#helpers.push(new SpawnHelper())
  }

  /**
   * The helper with the least to do.
   *
   * @param options - `wait` gives one that has yet to begin its work if no other is there
   */
  choose(options: { readonly wait: boolean }): SpawnHelper | undefined {
    this.prepare()
    const ready = this.#helpers.filter((helper) => helper.ready)
    const [best = options.wait ? this.#helpers[0] : undefined] = ready.sort(
      (one, other) => one.backlog - other.backlog,
    )
    const busy = ready.length === this.#helpers.length && (best?.backlog ?? 0) > 0
    if (busy && this.#helpers.length < most) this.#helpers.push(new SpawnHelper())
    return best
  }

  /** Ends all of them. */
  stop(): void {
    for (const helper of this.#helpers) helper.stop()
    this.#helpers = []
  }
}
