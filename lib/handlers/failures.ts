/**
 * A promise that knows whether anybody waits for it: whoever does gets its rejection, and may well deal with it.
 */
class Attended<T> extends Promise<T> {
  /** What comes of it are promises as any other. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  taken = false

  override then<R = T, E = never>(
    onFulfilled?: ((value: T) => R | PromiseLike<R>) | null,
    onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    this.taken = true
    return super.then(onFulfilled, onRejected)
  }

  /** Tells of its rejection without waiting for it. */
  watch(rejected: (error: unknown) => void): Promise<void> {
    return super.then(ignore, rejected)
  }
}

/** Something that went wrong; `of` is the promise that told, if one did. */
interface Failure {
  readonly error: unknown
  readonly of: Attended<unknown> | undefined
}

/**
 * What goes wrong of a handler where nobody waits for it: in a promise that a caller has dropped, or in what a script
 * calls back. It fails the request as if `handle()` had thrown it.
 */
export class Failures {
  /** Whether what methods promise is waited for even if their caller does not: in a class of the user's. */
  attends = false
  #pending: Set<Promise<void>> | undefined
  #failures: Failure[] | undefined
  #late: ((error: unknown) => void) | undefined

  /** Adds an error; it is reported at once if the request is over. */
  add(error: unknown): void {
    this.#add({ error, of: undefined })
  }

  /**
   * Looks after a promise that its caller may drop.
   *
   * @param waits - whether the response does not end before
   * @returns a promise for the caller, who takes over by waiting for it
   */
  attend<T>(promise: PromiseLike<T>, waits: boolean): Promise<T> {
    const attended = new Attended<T>((resolve) => {
      resolve(promise)
    })
    const settled = attended.watch((error) => {
      this.#add({ error, of: attended })
    })
    if (waits) this.#await(settled)
    return attended
  }

  /** Looks after what a method of this package promises, which a subclass that calls it may forget to wait for. */
  ofOwn<T>(promise: Promise<T>): Promise<T> {
    return this.attends ? this.attend(promise, true) : promise
  }

  /** Whether there is anything to wait for, or to fail by. */
  get any(): boolean {
    return this.#isPending() || this.#failures !== undefined
  }

  /** Waits for what is under way. @throws the first error that nobody has taken */
  async settle(): Promise<void> {
    // What is waited for may go on to something else.
    while (this.#isPending()) await Promise.all([...(this.#pending ?? [])])
    const failure = this.#failures?.find(isOpen)
    this.#failures = undefined
    if (failure !== undefined) throw failure.error
  }

  /**
   * The request is over.
   *
   * @param late - told of what goes wrong from now on
   * @param reported - what has been told already
   */
  close(late: (error: unknown) => void, reported: unknown): void {
    const rest = this.#failures?.filter(isOpen)
    this.#failures = undefined
    this.#late = late
    for (const { error } of rest ?? []) if (error !== reported) late(error)
  }

  #isPending(): boolean {
    return this.#pending !== undefined && this.#pending.size > 0
  }

  #await(settled: Promise<void>): void {
    const pending = (this.#pending ??= new Set())
    // Not kept for longer: a handler that streams may call methods without end.
    const over: Promise<void> = settled.finally(() => {
      pending.delete(over)
    })
    pending.add(over)
  }

  #add(failure: Failure): void {
    if (!isOpen(failure)) return
    if (this.#late === undefined) (this.#failures ??= []).push(failure)
    else this.#late(failure.error)
  }
}

// --- Internal ---

function isOpen({ of }: Failure): boolean {
  return of?.taken !== true
}

function ignore(): void {
  // Only rejections are of interest.
}
