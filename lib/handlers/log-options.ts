import type { LogFormat, LogOption, LogOptions } from '../../types/logger.ts'
import { LoggerSink } from '../log/logger.ts'
import { toSink } from '../log/sink.ts'
import type { Check } from './check.ts'

/** Refuses what is no {@link LogOption}. */
export const checkLog: Check = (name, value) => {
  // toSink() knows what a log may be.
  toSink(value as LogOption | undefined, name)
}

/** The formats of a log, http.server's first. */
export const LOG_FORMATS: readonly LogFormat[] = ['python', 'common', 'combined', 'json']

/**
 * Refuses what is no {@link LogFormat}.
 *
 * @throws TypeError naming the option
 */
export function checkLogFormat(value: LogFormat | undefined): void {
  if (value === undefined || LOG_FORMATS.includes(value)) return
  throw new TypeError(`option logFormat must be ${LOG_FORMATS.join(', ')}`)
}

/** Values of a handler's fields that say how it logs. */
export interface LogFields {
  readonly log: LogOption
  readonly logFormat?: LogFormat
}

/**
 * Checks the options of logging and makes values of a handler's fields of them.
 *
 * @param otherwise - where lines go if no option says
 * @throws TypeError naming a wrong option
 */
export function resolveLog(options: LogOptions, otherwise: LogOption): LogFields {
  const { log, logFormat, logger } = options
  checkLog('log', log)
  checkLogFormat(logFormat)
  if (logger !== undefined && log !== undefined) {
    throw new TypeError('option logger takes the place of option log: only one can be given')
  }
  return {
    log: logger === undefined ? (log ?? otherwise) : new LoggerSink(logger),
    ...(logFormat === undefined ? {} : { logFormat }),
  }
}
