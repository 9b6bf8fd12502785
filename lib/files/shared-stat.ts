import fs from 'node:fs'
import type { BigIntStats } from 'node:fs'

/** Called with what a path is; `undefined` if it cannot be asked. */
export type StatCallback = (stats: BigIntStats | undefined) => void

const waiting = new Map<string, StatCallback | StatCallback[]>()
let scheduled = false

/**
 * Asks what a path is. All who ask for the same path in one turn of the event loop share one call, which begins after
 * the last of them has asked: no answer is older than its question.
 *
 * @param path - a path that `node:fs` takes as it is
 * @param callback - called once, in a later turn
 */
export function sharedStat(path: string, callback: StatCallback): void {
  const others = waiting.get(path)
  if (others === undefined) waiting.set(path, callback)
  else if (typeof others === 'function') waiting.set(path, [others, callback])
  else others.push(callback)
  if (scheduled) return
  scheduled = true
  setImmediate(begin)
}

// --- Internal ---

const exactly = { bigint: true } as const

function begin(): void {
  scheduled = false
  for (const [path, callbacks] of waiting) {
    fs.stat(path, exactly, (error, stats) => {
      const found = error === null ? stats : undefined
      if (typeof callbacks === 'function') callbacks(found)
      else for (const callback of callbacks) callback(found)
    })
  }
  waiting.clear()
}
