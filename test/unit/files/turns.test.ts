import { describe, expect, it } from '@jest/globals'
import { sortInTurns } from '../../../lib/files/turns.ts'

interface Item {
  readonly key: number
  readonly at: number
}

/** Numbers in no order, the same each time, with many that are equal. */
function make(count: number): Item[] {
  let state = 1
  return Array.from({ length: count }, (_, at) => {
    state = (state * 48_271) % 2_147_483_647
    return { key: state % 1000, at }
  })
}

const compare = (one: Item, other: Item): number => one.key - other.key

describe('sortInTurns()', () => {
  it.each([0, 1, 2, 511, 512, 513, 1025, 10_000])(
    'sorts %i items as sort() does, equal ones in their order',
    async (count) => {
      const items = make(count)
      const expected = [...items].sort(compare)
      await sortInTurns(items, compare)
      expect(items).toEqual(expected)
    },
  )

  it('lets others have their turn', async () => {
    const items = make(20_000)
    let turns = 0
    let over = false
    const take = (): void => {
      turns++
      if (!over) setImmediate(take)
    }
    setImmediate(take)
    await sortInTurns(items, compare)
    over = true
    expect(turns).toBeGreaterThan(10)
  })
})
