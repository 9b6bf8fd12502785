import { describe, expect, it, jest } from '@jest/globals'
import { LoggerSink, logEvent, logResponse } from '../../../lib/log/logger.ts'
import type { Logger, ResponseRecord } from '../../../types/logger.ts'

const record: ResponseRecord = {
  time: 0,
  client: '192.0.2.7',
  requestline: 'GET /\x1b HTTP/1.1',
  method: 'GET',
  target: '/\x1b',
  version: 'HTTP/1.1',
  status: 200,
  size: 1,
  duration: 1,
  aborted: false,
  host: undefined,
  referer: undefined,
  userAgent: undefined,
  error: undefined,
}
const event = { time: 0, level: 'error', client: '192.0.2.7', message: 'it\nfails' } as const

function pinoLike(): { calls: unknown[][]; logger: Logger } {
  const calls: unknown[][] = []
  return {
    calls,
    logger: {
      info: (...args) => calls.push(['info', ...args]),
      error: (...args) => calls.push(['error', ...args]),
    },
  }
}

describe('a logger with levels', () => {
  it('gets lines without their line feed', () => {
    const { calls, logger } = pinoLike()
    const sink = new LoggerSink(logger)
    logResponse(sink, 'python', record)
    logResponse(sink, 'common', record)
    logEvent(sink, 'python', event)
    expect(calls).toEqual([
      [
        'info',
        expect.stringMatching(/^192\.0\.2\.7 - - \[[^\]]+\] "GET \/\\x1b HTTP\/1\.1" 200 -$/),
      ],
      ['info', expect.stringMatching(/"GET \/\\x1b HTTP\/1\.1" 200 1$/)],
      ['error', expect.stringMatching(/\] it\\x0afails$/)],
    ])
  })

  it('gets objects and texts with json', () => {
    const { calls, logger } = pinoLike()
    const sink = new LoggerSink(logger)
    logResponse(sink, 'json', record)
    logEvent(sink, 'json', event)
    expect(calls).toEqual([
      ['info', expect.objectContaining({ status: 200, size: 1 }), String.raw`GET /\x1b 200`],
      ['error', { client: '192.0.2.7' }, String.raw`it\x0afails`],
    ])
  })
})

it.each(['python', 'common', 'json'] as const)(
  'a sink that throws loses its line: %s',
  (format) => {
    const sink = {
      write: () => {
        throw new Error('full')
      },
    }
    expect(() => {
      logResponse(sink, format, record)
      logEvent(sink, format, event)
    }).not.toThrow()
  },
)

describe('LoggerSink', () => {
  it('takes a logger with nothing but log()', () => {
    const log = jest.fn()
    new LoggerSink({ log }).write('a\n')
    expect(log).toHaveBeenCalledWith('a')
  })

  it('survives a logger that throws', () => {
    const sink = new LoggerSink({
      log: () => {
        throw new Error('full')
      },
    })
    expect(() => {
      sink.write('a\n')
    }).not.toThrow()
  })

  it.each([null, 'pino', {}, { info: () => 0 }, { log: 1 }])('refuses %p', (logger) => {
    // What only JavaScript can pass.
    expect(() => new LoggerSink(logger as unknown as Logger)).toThrow(/option logger/)
  })
})
