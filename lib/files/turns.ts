import { setImmediate as immediately } from 'node:timers/promises'

/** Items that are worked on in one go: a millisecond or two. */
const TURN = 512

/** Whether, with so many items done, others are to get their turn. */
export function isTurnOver(done: number): boolean {
  return done % TURN === 0
}

/** Lets others have their turn. */
export function nextTurn(): Promise<void> {
  return immediately()
}

/**
 * Sorts in place, as `Array.prototype.sort()` does, with turns for others while it sorts many.
 *
 * @param compare - as that one's
 */
export async function sortInTurns<T>(
  items: T[],
  compare: (one: T, other: T) => number,
): Promise<void> {
  if (items.length <= TURN) {
    items.sort(compare)
    return
  }
  let runs: T[][] = []
  for (let i = 0; i < items.length; i += TURN) {
    await nextTurn()
    runs.push(items.slice(i, i + TURN).sort(compare))
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let i = 0; i < runs.length; i += 2) {
      merged.push(await merge(runs[i] ?? [], runs[i + 1] ?? [], compare))
    }
    runs = merged
  }
  const [sorted = []] = runs
  sorted.forEach((item, i) => (items[i] = item))
}

// --- Internal ---

/** Of two that are equal the one from `left` comes first. */
async function merge<T>(
  left: readonly T[],
  right: readonly T[],
  compare: (one: T, other: T) => number,
): Promise<T[]> {
  const merged: T[] = []
  let l = 0
  let r = 0
  while (l < left.length && r < right.length) {
    // Both are there.
    const one = left[l] as T
    const other = right[r] as T
    if (compare(one, other) <= 0) {
      merged.push(one)
      l++
    } else {
      merged.push(other)
      r++
    }
    if (isTurnOver(merged.length)) await nextTurn()
  }
  return merged.concat(left.slice(l), right.slice(r))
}
