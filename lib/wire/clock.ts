/** What a {@link Clock} calls. */
export interface Alarm {
  /** The deadline set last has passed. */
  onDeadline(now: number): void
  /** A moment to look after what is being written; returns whether to look again. */
  onWriteWatch(now: number): boolean
}

/** Milliseconds on a clock that never goes back. */
export function monotonic(): number {
  return performance.now()
}

/**
 * The timers of one connection in one timer of the runtime. Setting a deadline later than the timer's costs two
 * stores: the timer finds out when it fires. It never keeps the process alive.
 */
export class Clock {
  readonly #alarm: Alarm
  #deadline = Infinity
  #watch = Infinity
  #interval = 0
  #timer: NodeJS.Timeout | undefined
  #firing = Infinity

  constructor(alarm: Alarm) {
    this.#alarm = alarm
  }

  /** Sets the deadline to `duration` milliseconds from now, in place of any other; 0 sets none. */
  set(duration: number): void {
    this.#deadline = duration > 0 ? monotonic() + duration : Infinity
    if (this.#deadline < this.#firing) this.#arm(this.#deadline)
  }

  /** Takes the deadline away. */
  clear(): void {
    this.#deadline = Infinity
  }

  /** Whether {@link watchWrites} is in force. */
  get watching(): boolean {
    return this.#watch !== Infinity
  }

  /** Has {@link Alarm.onWriteWatch} called every `interval` milliseconds until it returns false. */
  watchWrites(interval: number): void {
    this.#interval = interval
    this.#watch = monotonic() + interval
    if (this.#watch < this.#firing) this.#arm(this.#watch)
  }

  /** Stops everything. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#deadline = this.#watch = this.#firing = Infinity
  }

  #arm(at: number): void {
    clearTimeout(this.#timer)
    this.#firing = at
    // At most a day: longer delays overflow the runtime's timers, and an early firing only looks and goes on.
    const delay = Math.min(86_400_000, Math.max(1, Math.ceil(at - monotonic())))
    this.#timer = setTimeout(fire, delay, this)
    this.#timer.unref()
  }

  /** @internal */
  fire(): void {
    this.#firing = Infinity
    // The runtime's clock counts whole milliseconds and may be ahead of ours by one.
    const now = monotonic() + 1
    if (now >= this.#watch) {
      this.#watch = this.#alarm.onWriteWatch(now) ? now + this.#interval : Infinity
    }
    if (now >= this.#deadline) {
      this.#deadline = Infinity
      this.#alarm.onDeadline(now)
    }
    const next = Math.min(this.#watch, this.#deadline)
    if (next < this.#firing) this.#arm(next)
  }
}

// --- Internal ---

function fire(clock: Clock): void {
  clock.fire()
}
