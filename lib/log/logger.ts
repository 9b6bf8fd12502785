import type { EventRecord, LogFormat, Logger, LogSink, ResponseRecord } from '../../types/logger.ts'
import { formatCombined, formatCommon } from './format-common.ts'
import { eventFields, formatJson, responseFields } from './format-json.ts'
import { formatLine } from './format.ts'
import { isThenable } from '../http/thenable.ts'
import { scrub } from './scrub.ts'
import { writeLine } from './sink.ts'

/**
 * Logs an answered request in a format other than http.server's own.
 *
 * @param sink - where to
 * @param format - `python` gives its line, too
 */
export function logResponse(sink: LogSink, format: LogFormat, record: ResponseRecord): void {
  if (format === 'json') {
    const fields = responseFields(record)
    if (sink instanceof LoggerSink) sink.log('info', fields, summary(record))
    else writeLine(sink, formatJson(record.time, 'info', fields))
  } else if (format === 'python') {
    const message = `"${record.requestline}" ${record.status} -`
    writeLine(sink, formatLine(record.client, record.time, message))
  } else {
    writeLine(sink, format === 'common' ? formatCommon(record) : formatCombined(record))
  }
}

/** Logs anything else: http.server's line, or an object with a `message`. */
export function logEvent(sink: LogSink, format: LogFormat, record: EventRecord): void {
  const { time, level, client, message } = record
  if (format !== 'json') {
    const line = formatLine(client, time, message)
    if (sink instanceof LoggerSink) sink.log(level, line.slice(0, -1))
    else writeLine(sink, line)
  } else if (sink instanceof LoggerSink) {
    sink.log(level, eventFields(record), scrub(message))
  } else {
    writeLine(sink, formatJson(time, level, { ...eventFields(record), message }))
  }
}

/**
 * A logger such as pino or console as a place for lines: each becomes one call, without its line feed.
 */
export class LoggerSink implements LogSink {
  readonly #logger: Logger

  /** @throws TypeError if the logger has neither `info` and `error` nor `log` */
  constructor(logger: Logger) {
    if (!isLogger(logger)) {
      throw new TypeError('option logger must have methods info and error, or log')
    }
    this.#logger = logger
  }

  write(line: string): void {
    this.log('info', line.endsWith('\n') ? line.slice(0, -1) : line)
  }

  /** Calls the logger. What it throws, or rejects with, is no reason to fail the request that is logged. */
  log(level: 'info' | 'error', ...args: unknown[]): void {
    const logger = this.#logger
    try {
      const written = 'info' in logger ? logger[level](...args) : logger.log(...args)
      if (isThenable(written)) written.then(undefined, ignore)
    } catch {
      // As with a standard error that is closed: the line is lost.
    }
  }
}

// --- Internal ---

function ignore(): void {
  // The line is lost.
}

function isLogger(value: unknown): value is Logger {
  // Some loggers can be called themselves.
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  const logger = value as { info?: unknown; error?: unknown; log?: unknown }
  const leveled = typeof logger.info === 'function' && typeof logger.error === 'function'
  return leveled || typeof logger.log === 'function'
}

function summary({ method, target, requestline, status }: ResponseRecord): string {
  const request = method === '' ? requestline : `${method} ${target}`
  return `${scrub(request)} ${status}`
}
