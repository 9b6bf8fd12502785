import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { Uploads, type Upload } from '../../../lib/cgi/uploads.ts'

function taken(upload: Upload | undefined): Upload {
  if (upload === undefined) throw new Error('there is no place')
  return upload
}

describe('Uploads', () => {
  beforeEach(() => {
    jest.useFakeTimers()
  })
  afterEach(() => {
    jest.useRealTimers()
  })

  it('takes so many at a time, and others when one has left', () => {
    const uploads = new Uploads({ most: 2, timeout: 0 })
    const first = taken(uploads.enter())
    uploads.enter()
    expect(uploads.enter()).toBeUndefined()
    first.leave()
    first.leave()
    expect([uploads.enter() === undefined, uploads.enter()]).toEqual([false, undefined])
    expect(first.expelled.aborted).toBe(false)
  })

  it('has the slowest make room, but none that is fast or has only begun', () => {
    const uploads = new Uploads({ most: 3, timeout: 0 })
    const all = [0, 1, 2].map(() => taken(uploads.enter()))
    expect(uploads.enter()).toBeUndefined()
    jest.advanceTimersByTime(10_000)
    for (const [index, size] of [50_000, 20_000, 1_000_000].entries()) all[index]?.grow(size)
    const expelled = (): boolean[] => all.map((upload) => upload.expelled.aborted)
    expect(uploads.enter()).toBeDefined()
    expect(expelled()).toEqual([false, true, false])
    expect(uploads.enter()).toBeDefined()
    expect(expelled()).toEqual([true, true, false])
    expect(uploads.enter()).toBeUndefined()
    expect(expelled()).toEqual([true, true, false])
  })

  it('gives up what is silent for too long', () => {
    const upload = taken(new Uploads({ most: 1, timeout: 1000 }).enter())
    jest.advanceTimersByTime(900)
    upload.grow(1_000_000)
    jest.advanceTimersByTime(999)
    expect(upload.expelled.aborted).toBe(false)
    jest.advanceTimersByTime(1)
    expect(upload.expelled.aborted).toBe(true)
  })

  it('gives up what is never silent, but slow on the whole', () => {
    const uploads = new Uploads({ most: 1, timeout: 1000 })
    const upload = taken(uploads.enter())
    for (let time = 0; time < 1000; time += 100) {
      upload.grow(time / 10)
      jest.advanceTimersByTime(100)
    }
    expect(upload.expelled.aborted).toBe(false)
    jest.advanceTimersByTime(100)
    expect(upload.expelled.aborted).toBe(true)
    expect(uploads.enter()).toBeDefined()
  })

  it('does not watch what has left', () => {
    const upload = taken(new Uploads({ most: 1, timeout: 1000 }).enter())
    upload.leave()
    expect(jest.getTimerCount()).toBe(0)
    jest.advanceTimersByTime(2000)
    expect(upload.expelled.aborted).toBe(false)
  })
})
