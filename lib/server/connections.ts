import type { Socket } from 'node:net'

/** A connection as its server sees it, whatever is spoken on it. */
export interface Served {
  /** Takes at most one request more. */
  retire(): void
  /** Takes no further request: closes at once when none is under way, else after it. */
  close(): void
  /** Drops the connection, whatever is under way. */
  destroy(): void
}

// A request may be on its way on a connection that looks idle: its answer is worth this many milliseconds.
const grace = 200

/** The connections of a server. */
export class ConnectionSet {
  readonly #served = new Map<Socket, Served>()
  #phase: 'serving' | 'retiring' | 'closing' = 'serving'
  #emptied: (() => void) | undefined
  /** One listener for all sockets: ten thousand idle ones need no closures. */
  readonly #onClose: (this: Socket) => void

  constructor() {
    const leave = (socket: Socket): void => {
      this.#leave(socket)
    }
    this.#onClose = function () {
      leave(this)
    }
  }

  /** How many there are. */
  get size(): number {
    return this.#served.size
  }

  /** Adds a socket just accepted; it leaves when it closes. */
  add(socket: Socket, served: Served): void {
    this.#served.set(socket, served)
    socket.on('close', this.#onClose)
    this.#tell(served)
  }

  /** Says what is spoken on a socket from now on: HTTP, after TLS's handshake. */
  replace(socket: Socket, served: Served): void {
    if (!this.#served.has(socket)) return
    this.#served.set(socket, served)
    this.#tell(served)
  }

  /**
   * Lets each connection finish the request under way, and closes the idle ones.
   *
   * @param timeout - milliseconds after which what is left is cut off
   */
  async drain(timeout: number): Promise<void> {
    this.#tellAll('retiring')
    if (this.#served.size === 0) return
    await new Promise<void>((resolve) => {
      const close = setTimeout(
        () => {
          this.#tellAll('closing')
        },
        Math.min(grace, timeout),
      )
      const deadline = setTimeout(() => {
        this.destroy()
      }, timeout)
      this.#emptied = () => {
        clearTimeout(close)
        clearTimeout(deadline)
        resolve()
      }
    })
  }

  /** Drops them all. */
  destroy(): void {
    for (const served of this.#served.values()) served.destroy()
  }

  #leave(socket: Socket): void {
    this.#served.delete(socket)
    if (this.#served.size === 0) this.#emptied?.()
  }

  #tellAll(phase: 'retiring' | 'closing'): void {
    this.#phase = phase
    for (const served of this.#served.values()) this.#tell(served)
  }

  #tell(served: Served): void {
    if (this.#phase === 'retiring') served.retire()
    else if (this.#phase === 'closing') served.close()
  }
}

/** A connection on which nothing was said yet. */
export class Silent implements Served {
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
  }

  retire(): void {
    // Its handshake may be under way: it may go on.
  }

  close(): void {
    this.#socket.destroy()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
