import type { Address } from '../../types/handler.ts'
import type { LogOption } from '../../types/logger.ts'
import { reasonOf } from '../http/error.ts'
import { LogFile } from '../log/file-sink.ts'
import { BackOff } from './back-off.ts'
import { lifecycleOf, type HTTPServer } from './http-server.ts'
import { relayLines } from './line-relay.ts'
import { warn, type RunOptions, type Runnable } from './foreground.ts'
import type { WorkerStart } from './worker-messages.ts'
import type { WorkerProcess } from './worker-process.ts'

/** What a {@link WorkerPool} is made of. */
export interface PoolSettings {
  readonly count: number
  /** A server such as the workers make; it never listens. */
  readonly template: HTTPServer
  /** What every worker is told. */
  readonly shared: WorkerStart
  readonly fork: () => WorkerProcess
  /** The server's, which this process has open, too. */
  readonly log: LogOption | undefined
}

/** A place for a worker. */
interface Slot {
  readonly backOff: BackOff
  worker: WorkerProcess | undefined
  timer: NodeJS.Timeout | undefined
}

// What a worker may take, in milliseconds, for what comes behind its shutdown.
const grace = 2000

/** Workers in the foreground: one that fails is replaced, and all of them, one by one, at a reload. */
export class WorkerPool implements Runnable {
  readonly scheme: 'http' | 'https'
  readonly ended: Promise<void> = new Promise<void>(() => undefined)
  readonly #settings: PoolSettings
  readonly #options: RunOptions
  readonly #slots: readonly Slot[]
  /** All that live, in a slot or on their way out. */
  readonly #workers = new Set<WorkerProcess>()
  #address: Address | undefined
  /** Whether the workers listen on the port that the system has chosen once, by its number. */
  #byNumber = false
  #stopping = false

  constructor(settings: PoolSettings, options: RunOptions) {
    this.#settings = settings
    this.#options = options
    this.scheme = settings.template.scheme
    this.#slots = Array.from({ length: settings.count }, () => ({
      backOff: new BackOff(),
      worker: undefined,
      timer: undefined,
    }))
  }

  async start(): Promise<Address> {
    const starting = this.#slots.map((slot) => (slot.worker = this.#fork()))
    const [address] = await Promise.all(starting.map((worker) => worker.listening))
    // There is at least one.
    this.#address = address ?? ['', 0]
    for (const slot of this.#slots) this.#watch(slot)
    return this.#address
  }

  readonly reload = async (): Promise<void> => {
    this.#reopenOwn()
    for (const slot of this.#slots) {
      if (this.#stopping) return
      const worker = this.#fork()
      // If it cannot serve, the old one goes on: this throws.
      await this.#served(worker)
      const old = slot.worker
      clearTimeout(slot.timer)
      slot.worker = worker
      this.#watch(slot)
      void old?.stop('retire', this.#longest)
    }
  }

  reopen(): void {
    this.#reopenOwn()
    for (const worker of this.#workers) worker.tell({ basehttp: 'reopen' })
  }

  async stop(): Promise<void> {
    this.#stopping = true
    for (const slot of this.#slots) clearTimeout(slot.timer)
    await Promise.all([...this.#workers].map((worker) => worker.stop('drain', this.#longest)))
  }

  force(): void {
    this.#stopping = true
    for (const worker of this.#workers) worker.force()
  }

  get #longest(): number {
    return lifecycleOf(this.#settings.template).longestShutdown + grace
  }

  #reopenOwn(): void {
    const { log } = this.#settings
    if (log instanceof LogFile) log.reopen()
  }

  #fork(): WorkerProcess {
    const worker = this.#settings.fork()
    this.#workers.add(worker)
    void worker.ended.then(() => this.#workers.delete(worker))
    worker.onHello = () => ({ basehttp: 'start', settings: this.#startSettings() })
    if (worker.stderr !== null) {
      relayLines(worker.stderr, (lines) => this.#options.stderr.write(lines))
    }
    return worker
  }

  #startSettings(): WorkerStart {
    const { shared } = this.#settings
    const [, port = 0] = this.#address ?? []
    // The socket is closed with the last worker that accepts: only its number finds the port again.
    if (port > 0 && ![...this.#workers].some((worker) => worker.accepts)) this.#byNumber = true
    return this.#byNumber ? { ...shared, port } : shared
  }

  /** Resolves when a worker serves where the others do. */
  async #served(worker: WorkerProcess): Promise<void> {
    const [, port] = await worker.listening
    if (port === this.#address?.[1]) return
    // The last of the others has ended between the two messages.
    worker.kill()
    throw new Error('the port was lost')
  }

  /** Replaces the worker of a slot when it ends. */
  #watch(slot: Slot): void {
    const { worker } = slot
    void worker?.ended.then((how) => {
      if (this.#stopping || slot.worker !== worker) return
      const wait = slot.backOff.after(worker.lifetime)
      warn(
        this.#options,
        `worker ${worker.pid} ended with ${how}; the next one starts in ${wait / 1000} s`,
      )
      slot.worker = undefined
      slot.timer = setTimeout(() => {
        const next = (slot.worker = this.#fork())
        this.#watch(slot)
        this.#served(next).catch((error: unknown) => {
          if (this.#stopping) return
          warn(this.#options, reasonOf(error))
        })
      }, wait)
    })
  }
}
