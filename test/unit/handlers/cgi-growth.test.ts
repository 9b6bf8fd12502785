import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { Growth } from '../../../lib/handlers/cgi-growth.ts'

/** Lets what waits for a promise run. */
async function turn(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

describe('Growth', () => {
  beforeEach(() => {
    jest.useFakeTimers()
  })
  afterEach(() => {
    jest.useRealTimers()
  })

  it('is slow after half a second without more', async () => {
    const growth = new Growth()
    growth.grow({ path: 'a', size: 1 })
    const attempt = jest.fn(() => 'place')
    const slow = growth.whenSlow(attempt)
    jest.advanceTimersByTime(400)
    growth.grow({ path: 'a', size: 2 })
    jest.advanceTimersByTime(400)
    expect(attempt).not.toHaveBeenCalled()
    jest.advanceTimersByTime(200)
    expect(await slow).toBe('place')
    expect(attempt).toHaveBeenCalledTimes(1)
    expect(jest.getTimerCount()).toBe(0)
  })

  it('is slow after two seconds in any case, and tried again as long as there is no place', async () => {
    const growth = new Growth()
    let place: string | undefined = undefined
    const attempt = jest.fn(() => place)
    const slow = growth.whenSlow(attempt)
    for (let size = 1; size < 20; size++) {
      growth.grow({ path: 'a', size })
      jest.advanceTimersByTime(100)
    }
    expect(attempt).not.toHaveBeenCalled()
    jest.advanceTimersByTime(200)
    expect(attempt).toHaveBeenCalled()
    place = 'place'
    jest.advanceTimersByTime(100)
    expect(await slow).toBe('place')
  })

  it('asks for no place before there is a file, nor once no more comes', async () => {
    const growth = new Growth()
    const attempt = jest.fn(() => 'place')
    const slow = growth.whenSlow(attempt)
    jest.advanceTimersByTime(5000)
    expect(attempt).not.toHaveBeenCalled()
    growth.finish()
    expect(await slow).toBeUndefined()
    jest.advanceTimersByTime(5000)
    expect(attempt).not.toHaveBeenCalled()
    expect(jest.getTimerCount()).toBe(0)
  })

  it('counts as progress as long as more is to come', () => {
    const growth = new Growth()
    growth.grow({ path: 'a', size: 1 })
    jest.advanceTimersByTime(700)
    expect(growth.lastProgress()).toBe(performance.now())
    growth.finish()
    const end = performance.now()
    jest.advanceTimersByTime(700)
    expect(growth.lastProgress()).toBe(end)
  })

  it('tells of its failure before it tells that no more comes, and whoever asks later at once', async () => {
    const growth = new Growth()
    const events: string[] = []
    growth.onFailure(({ kind }) => events.push(`failure ${kind}`))
    const change = growth.change().then(() => events.push('change'))
    expect([growth.complete(), growth.failed()]).toEqual([false, false])
    growth.finish({ kind: 'failed', status: 408 })
    expect(events).toEqual(['failure failed'])
    await change
    expect(events).toEqual(['failure failed', 'change'])
    expect([growth.complete(), growth.failed()]).toEqual([true, true])
    const late = jest.fn()
    growth.onFailure(late)
    expect(late).toHaveBeenCalledWith({ kind: 'failed', status: 408 })
  })

  it('has no failure when it is all there', async () => {
    const growth = new Growth()
    const failed = jest.fn()
    growth.onFailure(failed)
    growth.finish()
    await turn()
    expect(failed).not.toHaveBeenCalled()
    expect([growth.complete(), growth.failed()]).toEqual([true, false])
  })
})
