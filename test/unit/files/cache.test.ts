import { statSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { HotCache, type CacheEntry } from '../../../lib/files/cache.ts'

const stats = statSync('.')

function entry(weight: number): CacheEntry {
  const version = { size: 0n, mtimeNs: 0n, ctimeNs: 0n, ino: 0n, dev: 0n }
  return { file: { path: '/file', version, stats, bytes: Buffer.alloc(0) }, weight, used: false }
}

describe('HotCache', () => {
  it('admits what is asked for a second time', () => {
    const cache = new HotCache({})
    expect(['/a', '/b', '/a', '/a', '/a'].map((key) => cache.admits(key, 1))).toEqual([
      false,
      false,
      true,
      false,
      true,
    ])
  })

  it('forgets what was asked for once when that takes much memory, or is too many', () => {
    const key = (n: number): string => `/${n}`.padEnd(1000, 'x')
    const byBytes = new HotCache({ maxBytes: 160_000 })
    for (let n = 0; n < 10; n++) byBytes.admits(key(n), 1)
    expect(byBytes.admits(key(0), 1)).toBe(false)
    expect(byBytes.admits(key(0), 1)).toBe(true)
    const byNumber = new HotCache({ maxEntries: 2 })
    for (const name of ['/a', '/b', '/c']) byNumber.admits(name, 1)
    expect(byNumber.admits('/a', 1)).toBe(false)
    expect(byNumber.admits('/c', 1)).toBe(true)
  })

  it('keeps to its bounds and spares what is used', () => {
    const cache = new HotCache({ maxEntries: 2 })
    cache.set('/used', entry(1))
    cache.set('/idle', entry(1))
    cache.get('/used')
    cache.set('/new', entry(1))
    expect(cache.get('/used')).toBeDefined()
    expect(cache.get('/idle')).toBeUndefined()
    const small = new HotCache({ maxBytes: 5000 })
    for (let n = 0; n < 10; n++) small.set(`/${n}`, entry(1500))
    expect(small.size).toBe(1)
    expect(small.bytes).toBeLessThanOrEqual(5000)
  })

  it('counts no bytes for what is gone', () => {
    const cache = new HotCache({})
    cache.set('/a', entry(10))
    cache.set('/a', entry(20))
    cache.set('/b', entry(30))
    cache.delete('/a')
    cache.clear()
    expect([cache.size, cache.bytes]).toEqual([0, 0])
    cache.set('/c', entry(10))
    const one = cache.bytes
    cache.set('/d', entry(10))
    cache.delete('/c')
    expect(cache.bytes).toBe(one)
  })
})
