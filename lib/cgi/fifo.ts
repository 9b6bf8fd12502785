import { closeSync, constants, openSync, unlinkSync } from 'node:fs'
import { removeScratch, scratchName } from './scratch.ts'

/**
 * A named pipe, open at both ends. Unlike the socket pair that Node makes for `stdio: 'pipe'`, a process that has it
 * as a standard stream can open it again as `/dev/stdout` or `/dev/stderr`.
 */
export interface Fifo {
  readonly path: string
  readonly readEnd: number
  readonly writeEnd: number
}

/** Makes named pipes at the given paths; all users may open them, where they can reach them. */
export type MakeFifos = (paths: readonly string[]) => Promise<void>

const batch = 64
const low = 16

/**
 * Named pipes in stock. Node cannot make them, a program has to, so they are made in batches and ahead of need; the
 * first batch takes some 5 ms, taking one 20 µs.
 */
export class FifoPool {
  readonly #make: MakeFifos
  #paths: string[] = []
  #refilling: Promise<void> | undefined

  constructor(make: MakeFifos) {
    this.#make = make
  }

  /**
   * Takes a pipe out and opens it.
   *
   * @throws the system's error if none can be made
   */
  async take(): Promise<Fifo> {
    for (let attempt = 0; ; attempt++) {
      if (this.#paths.length < low) this.#refillSoon()
      if (this.#paths.length === 0) await this.#refilling
      const path = this.#paths.pop()
      if (path === undefined) continue
      try {
        // The reader first: opening for writing waits for one, opening for reading without blocking does not.
        const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
        return { path, readEnd, writeEnd: openWriteEnd(path, readEnd) }
      } catch (error) {
        if (attempt > 0) throw error
        // Something has cleaned up the temporary directory: begin with a new one.
        this.#paths = []
        removeScratch()
      }
    }
  }

  #refillSoon(): void {
    if (this.#refilling !== undefined) return
    this.#refilling = this.#refill()
    // Whoever needs a new pipe is told of the failure; as long as nobody does, it is tried again with the next.
    this.#refilling.catch(() => undefined)
  }

  async #refill(): Promise<void> {
    try {
      const paths = Array.from({ length: batch }, scratchName)
      await this.#make(paths)
      this.#paths.push(...paths)
    } finally {
      this.#refilling = undefined
    }
  }
}

/** Removes a pipe's name; whoever has it open keeps it. */
export function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // It is gone already.
  }
}

/** Closes descriptors that may be closed already. */
export function closeQuietly(...descriptors: readonly (number | undefined)[]): void {
  for (const descriptor of descriptors) {
    if (descriptor === undefined) continue
    try {
      closeSync(descriptor)
    } catch {
      // It is closed.
    }
  }
}

// --- Internal ---

function openWriteEnd(path: string, readEnd: number): number {
  try {
    return openSync(path, constants.O_WRONLY)
  } catch (error) {
    closeQuietly(readEnd)
    throw error
  }
}
