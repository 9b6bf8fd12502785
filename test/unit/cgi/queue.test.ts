import { describe, expect, it } from '@jest/globals'
import { RunQueue } from '../../../lib/cgi/queue.ts'

const never = (): void => undefined

describe('RunQueue', () => {
  it('admits in the order of arrival', async () => {
    const queue = new RunQueue({ maxConcurrent: 1, maxQueue: 2, timeout: 0 })
    const order: number[] = []
    const first = await queue.enter(never)
    const later = [1, 2].map(async (number) => {
      const release = await queue.enter(never)
      order.push(number)
      release?.()
    })
    expect(queue.full).toBe(true)
    expect(await queue.enter(never)).toBeUndefined()
    first?.()
    await Promise.all(later)
    expect([order, queue.full]).toEqual([[1, 2], false])
  })

  it('gives half of its places early, and each back once', async () => {
    const queue = new RunQueue({ maxConcurrent: 3, maxQueue: 0, timeout: 0 })
    const early = [queue.enterEarly(), queue.enterEarly(), queue.enterEarly()]
    expect(early.map((release) => release !== undefined)).toEqual([true, true, false])
    expect(await queue.enter(never)).toBeDefined()
    expect(queue.full).toBe(true)
    early[0]?.()
    early[0]?.()
    expect(queue.full).toBe(false)
    expect(await queue.enter(never)).toBeDefined()
    expect(queue.full).toBe(true)
  })

  it('gives its only place to nobody early', () => {
    const queue = new RunQueue({ maxConcurrent: 1, maxQueue: 0, timeout: 0 })
    expect([queue.enterEarly(), queue.full]).toEqual([undefined, false])
  })

  it('lets nobody wait for too long, or who has gone', async () => {
    const queue = new RunQueue({ maxConcurrent: 1, maxQueue: 5, timeout: 20 })
    const release = await queue.enter(never)
    expect(await queue.enter(never)).toBeUndefined()
    expect(
      await queue.enter((gone) => {
        queueMicrotask(gone)
      }),
    ).toBeUndefined()
    release?.()
    expect(await queue.enter(never)).toBeDefined()
  })
})
