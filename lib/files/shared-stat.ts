import fs from 'node:fs'
import type { BigIntStats } from 'node:fs'
import { inLane } from './lanes.ts'

/** Called with what a path is; `undefined` if it cannot be asked. */
export type StatCallback = (stats: BigIntStats | undefined) => void

/** Those who have asked for a path since the call under way began, if one is. */
const asking = new Map<string, StatCallback[]>()
/** Paths whose calls begin next. */
let due: string[] = []
/** Whether the last call served several: then their next questions come together, too. */
let crowded = false
/** Whether the paths that are due have had their turn more. */
let hasWaited = false

/**
 * Asks what a path is. All who ask for the same path in one turn of the event loop share one call, and so do all who
 * ask while a call is under way: theirs begins when it ends. Where many ask, they have another turn to do so, for to
 * begin a call wakes a thread and costs more than the call. A call begins after the last of them has asked, so no answer
 * is older than its question.
 *
 * @param path - a path that `node:fs` takes as it is
 * @param callback - called once, in a later turn
 */
export function sharedStat(path: string, callback: StatCallback): void {
  const others = asking.get(path)
  if (others !== undefined) {
    others.push(callback)
    return
  }
  asking.set(path, [callback])
  beginSoon(path)
}

// --- Internal ---

/** One that throws keeps nobody else from the answer; what it throws is its own fault, in a turn of its own. */
function tell(callback: StatCallback, stats: BigIntStats | undefined): void {
  try {
    callback(stats)
  } catch (error) {
    setImmediate(() => {
      throw error
    })
  }
}

const exactly = { bigint: true } as const

function beginSoon(path: string): void {
  if (due.push(path) === 1) setImmediate(beginAll)
}

function beginAll(): void {
  if (crowded && !hasWaited) {
    hasWaited = true
    setImmediate(beginAll)
    return
  }
  hasWaited = false
  const paths = due
  due = []
  for (const path of paths) begin(path)
}

function begin(path: string): void {
  const callbacks = asking.get(path) ?? []
  asking.set(path, [])
  crowded = callbacks.length > 1
  inLane('stat', path, (done) => {
    fs.stat(path, exactly, (error, stats) => {
      done()
      // Those who have asked meanwhile may be told nothing that is older than their question.
      if (asking.get(path)?.length === 0) asking.delete(path)
      else beginSoon(path)
      const found = error === null ? stats : undefined
      for (const callback of callbacks) tell(callback, found)
    })
  })
}
