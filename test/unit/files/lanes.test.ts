import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { callInLane, inLane } from '../../../lib/files/lanes.ts'

let now = 0
jest.spyOn(performance, 'now').mockImplementation(() => now)

const ends: (() => void)[] = []
const begun: string[] = []

function call(path: string): void {
  inLane('stat', path, (done) => {
    begun.push(path)
    ends.push(done)
  })
}

/** So many fast calls in a row that a folder counts as slow no more. */
function clear(folder: string): void {
  for (let i = 0; i < 2; i++) {
    call(`${folder}/clear`)
    end(1)
  }
}

/** Ends the first call under way, so many milliseconds from now. */
function end(after: number): void {
  now += after
  ends.shift()?.()
}

afterEach(() => {
  while (ends.length > 0) end(0)
  begun.length = 0
})

describe('inLane()', () => {
  it('begins a call at once, and not too many at a time', () => {
    for (let i = 0; i < 20; i++) call(`/fast/${i}`)
    expect(begun).toHaveLength(8)
    end(1)
    expect(begun).toHaveLength(9)
    while (ends.length > 0) end(0)
    expect(begun).toHaveLength(20)
  })

  it('leaves room beside a slow folder', () => {
    call('/slow/1')
    end(200)
    for (let i = 0; i < 20; i++) call(`/slow/${i}`)
    expect(begun).toHaveLength(4)
    call('/fast/1')
    expect(begun.at(-1)).toBe('/fast/1')
    while (ends.length > 0) end(60)
    expect(begun).toHaveLength(22)
    // A call that only waited counts as slow, too; the next ones set that right.
    clear('/fast')
    clear('/slow')
  })

  it('moves what waits when a folder turns out to be slow', () => {
    for (let i = 0; i < 20; i++) call(`/late/${i}`)
    call('/other/1')
    expect(begun).toHaveLength(8)
    end(200)
    expect(begun).toContain('/other/1')
    while (ends.length > 0) end(60)
    expect(begun).toHaveLength(21)
    clear('/late')
    clear('/other')
  })

  it('gives slow folders their turns', () => {
    for (const path of ['/a/1', '/b/1']) {
      call(path)
      end(200)
    }
    begun.length = 0
    for (let i = 0; i < 9; i++) call(`/a/${i}`)
    call('/b/x')
    end(100)
    end(100)
    expect(begun).toContain('/b/x')
    while (ends.length > 0) end(60)
    clear('/a')
    clear('/b')
  })

  it('forgets that a folder was slow once calls are fast', () => {
    call('/once/1')
    end(200)
    clear('/once')
    begun.length = 0
    for (let i = 0; i < 8; i++) call(`/once/${i}`)
    expect(begun).toHaveLength(8)
  })
})

describe('callInLane()', () => {
  it('hands on what a call comes to', async () => {
    expect(await callInLane('open', '/fast/1', () => Promise.resolve(1))).toBe(1)
    await expect(
      callInLane('open', '/fast/1', () => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no')
  })
})
