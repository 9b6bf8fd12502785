import type { ListenAddress } from '../../types/server.ts'
import { ConnectionSet } from './connections.ts'
import type { Listener } from './listen.ts'

/** How long the end of a server may take, in milliseconds. */
export interface EndLimits {
  /** Before it stops accepting. */
  readonly drainDelay: number
  /** For the requests under way then. */
  readonly drainTimeout: number
}

/** From where a server listens to its end: whom it serves meanwhile, and what the end waits for. */
export class Lifecycle {
  /** Where it listens, or is to. */
  readonly address: ListenAddress
  /** Its connections, whatever is spoken on them. */
  readonly connections: ConnectionSet = new ConnectionSet()
  /** Resolves at its end. */
  readonly stopped: Promise<void>
  /** Resolves, once nothing more is accepted, when no connection is on its way here any more. */
  handover: () => Promise<void> = () => Promise.resolve()
  readonly #limits: EndLimits
  #stop: () => void = () => undefined
  #listening: Promise<void> | undefined
  #listener: Listener | undefined
  #ending: Promise<void> | undefined
  #hurry: (() => void) | undefined
  #draining = false
  #retired = false

  constructor(address: ListenAddress, limits: EndLimits) {
    this.address = address
    this.#limits = limits
    this.stopped = new Promise((resolve) => {
      this.#stop = resolve
    })
  }

  /** What it listens on, once it does. */
  get listener(): Listener | undefined {
    return this.#listener
  }

  /** Whether it is to stop. */
  get draining(): boolean {
    return this.#draining
  }

  /** Whether a load balancer is to look elsewhere. */
  get leaving(): boolean {
    return this.#draining && !this.#retired
  }

  /** Milliseconds that {@link Lifecycle.shutdown} takes at most. */
  get longestShutdown(): number {
    const { drainDelay, drainTimeout } = this.#limits
    return drainDelay + drainTimeout
  }

  /** Listens, at the first call; the later ones wait for that. */
  start(open: () => Promise<Listener>): Promise<void> {
    return (this.#listening ??= open().then((listener) => {
      this.#listener = listener
    }))
  }

  /** Lets load balancers notice, stops accepting, and lets the requests under way finish. */
  shutdown(): Promise<void> {
    return (this.#ending ??= this.#end({ drain: true, delay: this.#limits.drainDelay }))
  }

  /** As {@link Lifecycle.shutdown}, at once and in health: another process serves in its place. */
  retire(): Promise<void> {
    this.#retired = true
    return (this.#ending ??= this.#end({ drain: true, delay: 0 }))
  }

  /** Stops accepting and leaves the requests under way to themselves. */
  abandon(): Promise<void> {
    return this.#ending ?? this.#end({ drain: false, delay: 0 })
  }

  /** Cuts off every connection at once, and whatever the end waits for. */
  cutOff(): void {
    this.#hurry?.()
    this.connections.destroy()
  }

  async #end({ drain, delay }: { drain: boolean; delay: number }): Promise<void> {
    this.#draining = true
    // A start under way would otherwise outlive this.
    if (this.#listener === undefined) await this.#listening?.catch(() => undefined)
    else if (delay > 0) await this.#pause(delay)
    this.#listener?.close()
    await this.handover()
    if (drain) await this.connections.drain(this.#limits.drainTimeout)
    this.#stop()
  }

  /** Waits; {@link Lifecycle.cutOff} ends it. */
  async #pause(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      this.#hurry = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
