import fs from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { flushStderr, stderrSink, toSink } from '../../../lib/log/sink.ts'
import type { LogOption } from '../../../types/logger.ts'

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('stderrSink', () => {
  let written: string[]

  beforeEach(() => {
    flushStderr()
    written = []
    jest.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
      written.push(String(chunk))
      return true
    })
  })

  afterEach(() => {
    jest.restoreAllMocks()
  })

  it('writes the lines of a tick in one write', async () => {
    stderrSink.write('a\n')
    stderrSink.write('b\n')
    expect(written).toEqual([])
    await nextTurn()
    expect(written).toEqual(['a\nb\n'])
    stderrSink.write('c\n')
    await nextTurn()
    expect(written).toEqual(['a\nb\n', 'c\n'])
  })

  it('can be flushed, once', async () => {
    stderrSink.write('a\n')
    flushStderr()
    flushStderr()
    expect(written).toEqual(['a\n'])
    await nextTurn()
    expect(written).toEqual(['a\n'])
  })

  it('does not let a burst pile up', () => {
    stderrSink.write('x'.repeat(70_000))
    expect(written).toHaveLength(1)
  })

  it('survives a standard error that throws or fails', async () => {
    jest.spyOn(process.stderr, 'write').mockImplementation(() => {
      throw new Error('EPIPE')
    })
    stderrSink.write('a\n')
    expect(flushStderr).not.toThrow()
    await nextTurn()
    expect(process.stderr.listenerCount('error')).toBeGreaterThan(0)
    expect(() => process.stderr.emit('error', new Error('EPIPE'))).not.toThrow()
  })

  describe('when the process exits', () => {
    /** What the sink does at exit, without one. */
    function atExit(): void {
      const listener = process.listeners('exit').find(({ name }) => name === 'flushAtExit')
      expect(listener).toBeDefined()
      listener?.call(process, 0)
    }

    it('writes what is pending to the descriptor, however it takes it', async () => {
      const pieces: string[] = []
      let calls = 0
      jest.spyOn(fs, 'writeSync').mockImplementation((_fd, data) => {
        calls++
        if (calls === 1) throw Object.assign(new Error('again'), { code: 'EAGAIN' })
        const piece = Buffer.from(data as unknown as Uint8Array).subarray(0, 3) // it passes bytes, not a string
        pieces.push(piece.toString())
        return piece.length
      })
      stderrSink.write('abcde\n')
      atExit()
      expect(pieces).toEqual(['abc', 'de\n'])
      await nextTurn()
      expect(written).toEqual([])
    })

    it('gives up when nobody reads', () => {
      const writeSync = jest.spyOn(fs, 'writeSync').mockImplementation(() => {
        throw Object.assign(new Error('gone'), { code: 'EPIPE' })
      })
      stderrSink.write('a\n')
      expect(atExit).not.toThrow()
      expect(writeSync).toHaveBeenCalledTimes(1)
    })
  })
})

describe('toSink()', () => {
  it('knows the kinds of log', () => {
    expect(toSink(undefined)).toBeUndefined()
    expect(toSink(false)).toBeUndefined()
    expect(toSink(true)).toBe(stderrSink)
    const stream = { write: () => true }
    expect(toSink(stream)).toBe(stream)
  })

  it('wraps a function', () => {
    const lines: string[] = []
    toSink((line) => lines.push(line))?.write('a\n')
    expect(lines).toEqual(['a\n'])
  })

  it.each([null, 0, 'stderr', {}, { write: 1 }, Symbol('x')])('refuses %p', (option) => {
    // What only JavaScript can pass.
    expect(() => toSink(option as unknown as LogOption)).toThrow(TypeError)
    expect(() => toSink(option as unknown as LogOption)).toThrow(/\blog\b/)
  })
})
