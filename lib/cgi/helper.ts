import type { ChildProcess } from 'node:child_process'
import { startNode, type Exit } from './process.ts'
import { scratchDirectory } from './scratch.ts'
import { spawnHelper, type SpawnOrder, type SpawnReport } from './spawn-helper.ts'

/** A process that the helper has started. */
export interface HelpedProcess {
  readonly pid: number
  readonly exited: Promise<Exit>
}

/** Code of the error when the helper is gone; what it was ordered may be started otherwise. */
export const HELPER_LOST = 'ERR_CGI_HELPER_LOST'

interface Pending {
  readonly resolve: (started: HelpedProcess) => void
  readonly reject: (error: Error) => void
}

const unknownExit: Exit = { code: null, signal: null }

/** The server's end of the helper process; see {@link spawnHelper}. */
export class SpawnHelper {
  /** Whether the helper takes orders. */
  alive = true
  /** Whether it has begun to work; what it is ordered before takes as long as that. */
  ready = false
  readonly #child: ChildProcess
  readonly #pending = new Map<number, Pending>()
  readonly #running = new Map<number, (exit: Exit) => void>()
  #serial = 0

  constructor() {
    this.#child = startNode(`(${spawnHelper.toString()})()`, [scratchDirectory()])
    this.#child.on('message', (report: SpawnReport) => {
      this.#receive(report)
    })
    const lose = (): void => {
      this.#lose()
    }
    this.#child.on('error', lose).on('exit', lose).on('disconnect', lose)
    // An idle helper keeps no server from ending; it then ends by itself.
    this.#child.unref()
    this.#child.channel?.unref()
  }

  /** How many processes it has yet to start. */
  get backlog(): number {
    return this.#pending.size
  }

  /**
   * Has a process started. Rejects with the system's error, or with {@link HELPER_LOST}.
   */
  start(order: Omit<SpawnOrder, 'id'>): Promise<HelpedProcess> {
    const id = this.#serial++
    return new Promise((resolve, reject) => {
      if (!this.alive) {
        reject(lostError())
        return
      }
      this.#pending.set(id, { resolve, reject })
      this.#hold()
      this.#child.send({ id, ...order } satisfies SpawnOrder, (error) => {
        if (error !== null) this.#lose()
      })
    })
  }

  /** Ends the helper and every process it has started. */
  stop(): void {
    if (this.#child.connected) this.#child.disconnect()
  }

  #receive(report: SpawnReport): void {
    if (report.kind === 'ready') {
      this.ready = true
      return
    }
    const { id } = report
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    if (report.kind === 'started') {
      const exited = new Promise<Exit>((resolve) => this.#running.set(id, resolve))
      pending?.resolve({ pid: report.pid, exited })
    } else if (report.kind === 'failed') {
      pending?.reject(Object.assign(new Error(report.message), { code: report.code }))
    } else {
      this.#running.get(id)?.({ code: report.code, signal: report.signal })
      this.#running.delete(id)
    }
    this.#hold()
  }

  #lose(): void {
    this.alive = false
    for (const { reject } of this.#pending.values()) reject(lostError())
    for (const resolve of this.#running.values()) resolve(unknownExit)
    this.#pending.clear()
    this.#running.clear()
  }

  /** Keeps this process from ending while an answer is due. */
  #hold(): void {
    if (this.#pending.size + this.#running.size > 0) this.#child.channel?.ref()
    else this.#child.channel?.unref()
  }
}

function lostError(): Error {
  return Object.assign(new Error('The spawn helper has ended'), { code: HELPER_LOST })
}
