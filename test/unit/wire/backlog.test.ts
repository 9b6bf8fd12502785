import { describe, expect, it } from '@jest/globals'
import { Backlog } from '../../../lib/wire/backlog.ts'

function take(backlog: Backlog): string {
  let text = ''
  for (let piece = backlog.current; piece !== undefined; piece = backlog.current) {
    text += piece.toString('latin1', backlog.position, backlog.position + 1)
    backlog.position++
  }
  return text
}

describe('Backlog', () => {
  it('gives bytes back in order', () => {
    const backlog = new Backlog()
    for (const text of ['ab', 'c', 'def']) backlog.put(Buffer.from(text))
    expect(backlog.size).toBe(6)
    expect(take(backlog)).toBe('abcdef')
    expect(backlog.size).toBe(0)
    backlog.put(Buffer.from('g'))
    expect(take(backlog)).toBe('g')
  })

  it('counts what is taken', () => {
    const backlog = new Backlog()
    backlog.put(Buffer.from('abc'))
    backlog.put(Buffer.from('de'))
    backlog.position = 2
    expect(backlog.size).toBe(3)
    backlog.position = 3
    expect(backlog.size).toBe(2)
    expect(backlog.current?.toString()).toBe('de')
    expect(backlog.size).toBe(2)
  })

  it('joins many pieces', () => {
    const backlog = new Backlog()
    const text = 'x'.repeat(1000)
    for (const character of text) backlog.put(Buffer.from(character))
    expect(backlog.size).toBe(1000)
    expect(take(backlog)).toBe(text)
  })

  it('drops everything', () => {
    const backlog = new Backlog()
    backlog.put(Buffer.from('abc'))
    backlog.put(Buffer.from('d'))
    backlog.position = 1
    expect(backlog.clear()).toBe(3)
    expect(backlog.size).toBe(0)
    expect(backlog.current).toBeUndefined()
  })
})
