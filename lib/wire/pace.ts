import type { WireOptions } from '../../types/wire.ts'

/** The part of the options a {@link BodyPace} keeps to. */
export type PaceLimits = Pick<WireOptions, 'bodyIdleTimeout' | 'minBodyRate' | 'bodyRateGrace'>

// How often the rate is looked at once the grace is over.
const rateInterval = 1000

/**
 * Whether a client sends a request's content fast enough. An idle limit alone does not do: each byte would renew it.
 * Time in which we do not read, because the handler is behind, does not count against the client.
 */
export class BodyPace {
  readonly #limits: PaceLimits
  #running = false
  /** Time counted before the current run. */
  #elapsed = 0
  #since = 0
  #lastRead = 0

  constructor(limits: PaceLimits) {
    this.#limits = limits
  }

  /** Starts counting, or goes on. */
  start(now: number): void {
    if (this.#running) return
    this.#running = true
    this.#since = this.#lastRead = now
  }

  /** Stops counting. */
  pause(now: number): void {
    if (!this.#running) return
    this.#elapsed += now - this.#since
    this.#running = false
  }

  /** Content has come. */
  note(now: number): void {
    this.#lastRead = now
  }

  /**
   * Milliseconds until the next look; 0 when the client has fallen behind, Infinity when nothing is to be watched.
   *
   * @param received - bytes of content so far
   */
  check(now: number, received: number): number {
    if (!this.#running) return Infinity
    const { bodyIdleTimeout, minBodyRate, bodyRateGrace } = this.#limits
    let wait = Infinity
    if (bodyIdleTimeout > 0) {
      wait = this.#lastRead + bodyIdleTimeout - now
      if (wait <= 0) return 0
    }
    if (minBodyRate > 0) {
      const elapsed = this.#elapsed + now - this.#since
      if (elapsed > bodyRateGrace && received * 1000 < minBodyRate * elapsed) return 0
      const look = elapsed < bodyRateGrace ? bodyRateGrace - elapsed + 1 : rateInterval
      wait = Math.min(wait, look)
    }
    return wait
  }
}
