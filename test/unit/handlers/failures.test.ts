import { describe, expect, it } from '@jest/globals'
import { Failures } from '../../../lib/handlers/failures.ts'

describe('Failures', () => {
  it('keeps nothing of what has come to its end and was waited for', async () => {
    const failures = new Failures()
    await failures.attend(Promise.resolve(), true)
    await expect(failures.attend(Promise.reject(new Error('taken')), true)).rejects.toThrow('taken')
    await new Promise(setImmediate)
    expect(failures.any).toBe(false)
  })

  it('waits for what is under way, and for what comes of it', async () => {
    const failures = new Failures()
    const done: string[] = []
    const step = async (name: string): Promise<void> => {
      await new Promise(setImmediate)
      done.push(name)
      if (name === 'first') void failures.attend(step('second'), true)
    }
    void failures.attend(step('first'), true)
    expect(failures.any).toBe(true)
    await failures.settle()
    expect(done).toEqual(['first', 'second'])
    expect(failures.any).toBe(false)
  })

  it('throws what nobody has taken, even if somebody takes what else has failed', async () => {
    const failures = new Failures()
    const taken = failures.attend(Promise.reject(new Error('taken')), true)
    void failures.attend(Promise.reject(new Error('dropped')), true)
    await new Promise(setImmediate)
    await expect(taken).rejects.toThrow('taken')
    await expect(failures.settle()).rejects.toThrow('dropped')
  })
})
