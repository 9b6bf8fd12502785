import { describe, expect, it } from '@jest/globals'
import { SharedWork } from '../../../lib/files/shared-work.ts'

/** Work that ends when it is told to. */
function makeWork() {
  const runs: { resolve: (result: number) => void; reject: (error: Error) => void }[] = []
  let begun: (() => void) | undefined
  return {
    runs,
    run: () =>
      new Promise<number>((resolve, reject) => {
        runs.push({ resolve, reject })
        begun?.()
      }),
    /** Resolves when so many runs have begun. */
    async toBegin(count: number): Promise<void> {
      while (runs.length < count) await new Promise<void>((resolve) => (begun = resolve))
    },
  }
}

describe('SharedWork', () => {
  it('runs once for all who ask in one turn', async () => {
    const shared = new SharedWork<number>()
    const work = makeWork()
    const asked = [shared.ask('a', work.run), shared.ask('a', work.run)]
    await work.toBegin(1)
    work.runs[0]?.resolve(1)
    expect(await Promise.all(asked)).toEqual([1, 1])
    expect(work.runs).toHaveLength(1)
  })

  it('gives no result that is older than its question', async () => {
    const shared = new SharedWork<number>()
    const work = makeWork()
    const first = shared.ask('a', work.run)
    await work.toBegin(1)
    const later = [shared.ask('a', work.run), shared.ask('a', work.run)]
    work.runs[0]?.resolve(1)
    await work.toBegin(2)
    work.runs[1]?.resolve(2)
    expect(await Promise.all([first, ...later])).toEqual([1, 2, 2])
    expect(work.runs).toHaveLength(2)
  })

  it('keeps keys apart', async () => {
    const shared = new SharedWork<number>()
    const work = makeWork()
    const asked = [shared.ask('a', work.run), shared.ask('b', work.run)]
    await work.toBegin(2)
    work.runs.forEach(({ resolve }, i) => {
      resolve(i)
    })
    expect(await Promise.all(asked)).toEqual([0, 1])
  })

  it('fails all who share a run, and none of the next', async () => {
    const shared = new SharedWork<number>()
    const work = makeWork()
    const first = [shared.ask('a', work.run), shared.ask('a', work.run)]
    await work.toBegin(1)
    const next = shared.ask('a', work.run)
    work.runs[0]?.reject(new Error('broken'))
    await expect(first[0]).rejects.toThrow('broken')
    await expect(first[1]).rejects.toThrow('broken')
    await work.toBegin(2)
    work.runs[1]?.resolve(2)
    expect(await next).toBe(2)
  })
})
