import { inspect } from 'node:util'
import type { Address } from '../../types/handler.ts'
import type { LogFormat, LogSink } from '../../types/logger.ts'
import { logEvent, LoggerSink } from './logger.ts'
import { writeLine } from './sink.ts'

const rule = '-'.repeat(40)

/**
 * Logs what a request handler has thrown, with its stack, as socketserver does; with the format `json` as one object.
 *
 * Python: `socketserver.BaseServer.handle_error`
 */
export function logFailure(
  sink: LogSink,
  format: LogFormat,
  [host, port]: Address,
  error: unknown,
): void {
  const stack = inspect(error)
  if (format === 'json' || sink instanceof LoggerSink) {
    const message = `Exception occurred during processing of request: ${stack}`
    logEvent(sink, format, { time: Date.now(), level: 'error', client: host, message })
    return
  }
  const title = `Exception occurred during processing of request from ('${host}', ${port})`
  // An error's text may be a client's: nothing in it may pass for more than text.
  const shown = stack.replace(/[^\P{Cc}\n]/gu, escapeCharacter)
  writeLine(sink, `${rule}\n${title}\n${shown}\n${rule}\n`)
}

// --- Internal ---

function escapeCharacter(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
