import { formatLogDate } from '../http/date.ts'
import { scrub } from './scrub.ts'

/**
 * Makes a line of `http.server`'s log: `ADDRESS - - [DD/Mon/YYYY HH:MM:SS] MESSAGE` and a line feed, in local time.
 *
 * @param address - The client's address.
 * @param ms - When it happened, in milliseconds since the epoch.
 * @param message - What happened; made safe by {@link scrub}.
 *
 * Python: `BaseHTTPRequestHandler.log_message`
 */
export function formatLine(address: string, ms: number, message: string): string {
  return `${address} - - [${formatLogDate(ms)}] ${scrub(message)}\n`
}
