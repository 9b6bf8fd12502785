import { describe, expect, it } from '@jest/globals'
import { BodyPace } from '../../../lib/wire/pace.ts'

const limits = { bodyIdleTimeout: 20_000, minBodyRate: 240, bodyRateGrace: 5_000 }

describe('BodyPace', () => {
  it('watches nothing before it starts', () => {
    expect(new BodyPace(limits).check(1e9, 0)).toBe(Infinity)
  })

  it('falls behind when nothing comes', () => {
    const pace = new BodyPace({ ...limits, minBodyRate: 0 })
    pace.start(1000)
    expect(pace.check(1000, 0)).toBe(20_000)
    expect(pace.check(20_999, 0)).toBe(1)
    expect(pace.check(21_000, 0)).toBe(0)
  })

  it('is renewed by each read, but not from the rate', () => {
    const pace = new BodyPace(limits)
    pace.start(0)
    pace.note(4_999)
    expect(pace.check(4_999, 5)).toBe(2)
    // 1,199 bytes in a little more than five seconds are less than 240 a second.
    expect(pace.check(5_001, 1_199)).toBe(0)
    expect(pace.check(5_001, 1_201)).toBe(1_000)
  })

  it('does not count time in which nothing is read', () => {
    const pace = new BodyPace(limits)
    pace.start(0)
    pace.pause(1_000)
    expect(pace.check(1e6, 0)).toBe(Infinity)
    pace.start(1e6)
    pace.start(1e6 + 1)
    expect(pace.check(1e6 + 3_999, 1)).toBe(2)
    expect(pace.check(1e6 + 4_002, 1)).toBe(0)
    pace.pause(1e6 + 4_002)
    pace.pause(1e6 + 9_000)
    expect(pace.check(1e7, 0)).toBe(Infinity)
  })

  it('watches nothing when both limits are off', () => {
    const pace = new BodyPace({ bodyIdleTimeout: 0, minBodyRate: 0, bodyRateGrace: 0 })
    pace.start(0)
    expect(pace.check(1e9, 0)).toBe(Infinity)
  })
})
