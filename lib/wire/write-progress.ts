import type { Socket } from 'node:net'

// What libuv knows of a socket's writes. Private, but `socket.setTimeout()` of Node itself goes by it: the public
// counters move only when a whole write is through, which may be megabytes later.
interface Handle {
  readonly bytesWritten?: number
  readonly writeQueueSize?: number
}

/** Whether the client takes what is written to it. */
export class WriteProgress {
  readonly #socket: Socket & { _handle?: Handle | null }
  #taken = 0
  #since = 0

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Begins to watch. */
  start(now: number): void {
    this.#taken = this.#measure()
    this.#since = now
  }

  /** Milliseconds since the system took the last byte of what is waiting. */
  stalledFor(now: number): number {
    const taken = this.#measure()
    if (taken !== this.#taken) {
      this.#taken = taken
      this.#since = now
    }
    return now - this.#since
  }

  #measure(): number {
    const { _handle: handle, bytesWritten, writableLength } = this.#socket
    if (handle?.bytesWritten !== undefined && handle.writeQueueSize !== undefined) {
      return handle.bytesWritten - handle.writeQueueSize
    }
    return bytesWritten - writableLength
  }
}
