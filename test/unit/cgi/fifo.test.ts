import { execFileSync } from 'node:child_process'
import { afterAll, expect, it } from '@jest/globals'
import { closeQuietly, FifoPool, unlinkQuietly } from '../../../lib/cgi/fifo.ts'
import { removeScratch } from '../../../lib/cgi/scratch.ts'

afterAll(removeScratch)

it('gives what is in stock while no more can be made, and then says why', async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => {
    unhandled.push(reason)
  }
  process.on('unhandledRejection', note)
  let batches = 0
  const pool = new FifoPool((paths) => {
    if (++batches > 1) return Promise.reject(new Error('no space'))
    execFileSync('mkfifo', paths)
    return Promise.resolve()
  })
  const take = async (): Promise<void> => {
    const { path, readEnd, writeEnd } = await pool.take()
    closeQuietly(readEnd, writeEnd)
    unlinkQuietly(path)
  }
  for (let i = 0; i < 64; i++) await take()
  await expect(take()).rejects.toThrow('no space')
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
  expect(batches).toBeGreaterThan(2)
})
