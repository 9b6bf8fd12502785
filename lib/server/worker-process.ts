import type { Worker } from 'node:cluster'
import type { Readable } from 'node:stream'
import type { Address } from '../../types/handler.ts'
import { isOurs, unpackError, type FromWorker, type ToWorker } from './worker-messages.ts'

/** One worker, as the first process sees it. */
export class WorkerProcess {
  /** Resolves with what it listens on; rejects if it cannot, or ends before. */
  readonly listening: Promise<Address>
  /** Resolves, when it has ended, with how, such as `exit code 1`. */
  readonly ended: Promise<string>
  /** Called when it is about to serve; returns what it is told. */
  onHello: (() => ToWorker) | undefined
  readonly #worker: Worker
  readonly #started = performance.now()
  #address: Address | undefined
  #closed = false
  #gone = false

  constructor(worker: Worker) {
    this.#worker = worker
    this.ended = new Promise((resolve) => {
      worker.once('exit', (code: number | null, signal: string | null) => {
        this.#gone = true
        resolve(signal === null ? `exit code ${String(code)}` : `signal ${signal}`)
      })
    })
    this.listening = new Promise((resolve, reject) => {
      worker.on('message', (message: unknown) => {
        if (!isOurs(message)) return
        // Only workers send these.
        this.#receive(message as FromWorker, resolve, reject)
      })
      void this.ended.then((how) => {
        reject(new Error(`a worker ended with ${how} before it served`))
      })
    })
    // Whoever waits for it hears of it.
    this.listening.catch(() => undefined)
    worker.on('error', () => {
      // A message that could not be sent: its exit follows.
    })
  }

  get pid(): number {
    return this.#worker.process.pid ?? 0
  }

  get stderr(): Readable | null {
    return this.#worker.process.stderr
  }

  /** Milliseconds since its start. */
  get lifetime(): number {
    return performance.now() - this.#started
  }

  /** Whether it accepts connections. */
  get accepts(): boolean {
    return this.#address !== undefined && !this.#closed && !this.#gone
  }

  tell(order: ToWorker): void {
    if (this.#gone || !this.#worker.isConnected()) return
    this.#worker.send(order, () => undefined)
  }

  /** Tells it to stop, and kills it if it has not after so many milliseconds. */
  async stop(order: 'drain' | 'retire', timeout: number): Promise<void> {
    this.tell({ basehttp: order })
    await this.#endWithin(timeout)
  }

  /** Has it cut off what is under way; kills it if that takes long. */
  force(): void {
    this.tell({ basehttp: 'force' })
    void this.#endWithin(1000)
  }

  kill(): void {
    if (!this.#gone) this.#worker.process.kill('SIGKILL')
  }

  async #endWithin(timeout: number): Promise<void> {
    const timer = setTimeout(() => {
      this.kill()
    }, timeout)
    await this.ended
    clearTimeout(timer)
  }

  #receive(
    message: FromWorker,
    resolve: (address: Address) => void,
    reject: (error: Error) => void,
  ): void {
    if (message.basehttp === 'hello') {
      if (this.onHello !== undefined) this.tell(this.onHello())
    } else if (message.basehttp === 'listening') {
      this.#address = message.address
      resolve(message.address)
    } else if (message.basehttp === 'failed') {
      reject(unpackError(message.error))
      this.kill()
    } else {
      this.#closed = true
      // Messages keep their order: what was on its way to it is there before this.
      this.tell({ basehttp: 'handed' })
    }
  }
}
