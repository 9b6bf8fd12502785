/** Octets a second, on the whole, by which content earns more time. */
const minRate = 1000
/** Content that comes faster than this, in octets a second, never makes room for other content. */
const fastRate = 10_000
/** Milliseconds before content is judged by its rate. */
const trial = 10_000

/** Limits of {@link Uploads}. */
export interface UploadOptions {
  /** Most that are taken at a time. */
  readonly most: number
  /** Longest silence in milliseconds, and the time that all content has before it has to earn more; 0 is no limit. */
  readonly timeout: number
}

/** Content that is being taken. */
export interface Upload {
  /** Aborted when it is to be given up: it comes too slowly, or is the slowest where other content has no place. */
  readonly expelled: AbortSignal
  /** Notes how much there is. */
  grow(size: number): void
  /** Gives the place back. */
  leave(): void
}

/**
 * Bounds how many requests' content is taken at a time, and for how long. Scripts' own places are no concern of it, so
 * that requests without content find them however many clients send slowly.
 */
export class Uploads {
  readonly #options: UploadOptions
  readonly #running = new Set<RunningUpload>()

  constructor(options: UploadOptions) {
    this.#options = options
  }

  /** Takes a place; `undefined` if there is none, and nobody is so slow as to have to make room. */
  enter(): Upload | undefined {
    if (this.#running.size >= this.#options.most && !this.#makeRoom()) return undefined
    const upload: RunningUpload = new RunningUpload(this.#options.timeout, () => {
      this.#running.delete(upload)
    })
    this.#running.add(upload)
    return upload
  }

  #makeRoom(): boolean {
    const now = performance.now()
    let slowest: RunningUpload | undefined
    let least = fastRate
    for (const upload of this.#running) {
      const rate = upload.rate(now)
      if (rate >= least) continue
      slowest = upload
      least = rate
    }
    slowest?.expel()
    return slowest !== undefined
  }
}

// --- Internal ---

class RunningUpload implements Upload {
  readonly #controller = new AbortController()
  readonly #start = performance.now()
  readonly #timeout: number
  readonly #left: () => void
  #size = 0
  #last = this.#start
  #timer: NodeJS.Timeout | undefined

  constructor(timeout: number, left: () => void) {
    this.#timeout = timeout
    this.#left = left
    this.#watch()
  }

  get expelled(): AbortSignal {
    return this.#controller.signal
  }

  /** Octets a second; `Infinity` as long as it is too early to tell. */
  rate(now: number): number {
    const time = now - this.#start
    return time < trial ? Infinity : (this.#size * 1000) / time
  }

  grow(size: number): void {
    this.#size = size
    this.#last = performance.now()
  }

  expel(): void {
    this.leave()
    this.#controller.abort()
  }

  leave(): void {
    clearTimeout(this.#timer)
    this.#left()
  }

  #watch(): void {
    if (this.#timeout === 0) return
    const earned = (this.#size * 1000) / minRate
    const end = Math.min(this.#last + this.#timeout, this.#start + this.#timeout + earned)
    const rest = end - performance.now()
    if (rest <= 0) this.expel()
    else
      this.#timer = setTimeout(() => {
        this.#watch()
      }, Math.ceil(rest))
  }
}
