import { describe, expect, it, jest } from '@jest/globals'
import type { BigIntStats } from 'node:fs'
import fs, { utimesSync, writeFileSync } from 'node:fs'
import { sharedStat } from '../../../lib/files/shared-stat.ts'
import { makeTree } from '../../helpers/tree.ts'

const ask = (path: string): Promise<BigIntStats | undefined> =>
  new Promise((resolve) => {
    sharedStat(path, resolve)
  })

/** Until the immediates of this turn have run. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('sharedStat()', () => {
  it('gives one answer to all who ask in one turn', async () => {
    await using tree = await makeTree([{ path: 'file', content: 'abc' }])
    const [one, two] = await Promise.all([
      ask(`${tree.directory}/file`),
      ask(`${tree.directory}/file`),
    ])
    expect(one?.size).toBe(3n)
    expect(two).toBe(one)
  })

  it('asks again for those who ask while a call is under way', async () => {
    await using tree = await makeTree([{ path: 'file', content: 'abc' }])
    const path = `${tree.directory}/file`
    const calls = jest.spyOn(fs, 'stat')
    const first = ask(path)
    // What is written after a call has begun must be seen by who asks after it.
    while (calls.mock.calls.length === 0) await turn()
    utimesSync(path, 1, 1)
    writeFileSync(path, 'abcdef')
    const later = await ask(path)
    expect(later?.size).toBe(6n)
    expect(later).not.toBe(await first)
    expect(calls).toHaveBeenCalledTimes(2)
    calls.mockRestore()
  })

  it('gives one more turn to others where several have asked before', async () => {
    await using tree = await makeTree([{ path: 'file', content: 'abc' }])
    const path = `${tree.directory}/file`
    await Promise.all([ask(path), ask(path)])
    const calls = jest.spyOn(fs, 'stat')
    const first = ask(path)
    await turn()
    const second = ask(path)
    expect(await first).toBe(await second)
    expect(calls).toHaveBeenCalledTimes(1)
    // Alone again: nobody is waited for.
    await ask(path)
    const alone = ask(path)
    await turn()
    expect(calls).toHaveBeenCalledTimes(3)
    await alone
    calls.mockRestore()
  })

  it('tells of what cannot be asked', async () => {
    await using tree = await makeTree([])
    expect(await ask(`${tree.directory}/none`)).toBeUndefined()
    expect(await ask(`${tree.directory}/none`)).toBeUndefined()
  })

  it('tells everybody, whatever one of them throws', async () => {
    await using tree = await makeTree([{ path: 'file', content: 'abc' }])
    const path = `${tree.directory}/file`
    const thrown: unknown[] = []
    const immediately = setImmediate
    const spy = jest.spyOn(globalThis, 'setImmediate').mockImplementation((call: () => void) =>
      immediately(() => {
        try {
          call()
        } catch (error) {
          thrown.push(error)
        }
      }),
    )
    try {
      const failure = new Error('of its own')
      sharedStat(path, () => {
        throw failure
      })
      expect((await ask(path))?.size).toBe(3n)
      await new Promise((resolve) => immediately(resolve))
      expect(thrown).toEqual([failure])
    } finally {
      spy.mockRestore()
    }
  })
})
