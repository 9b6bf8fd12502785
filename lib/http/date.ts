import { emailDateFields } from './email-date.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const earliest = Date.UTC(-1, 11, 31) + 86_400_000 // 0000-01-01
const latest = Date.UTC(9999, 11, 31, 23, 59, 59)

// One entry for each of the last seconds asked for, found by the second's low bits: the current second and the
// modification times of the files in use stay there together.
const cacheSize = 64
const cachedSeconds: number[] = new Array<number>(cacheSize).fill(NaN)
const cachedDates: string[] = new Array<string>(cacheSize).fill('')

/**
 * Formats a time as an IMF-fixdate (RFC 9110 section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
 *
 * @param ms - Milliseconds since the epoch; fractions of a second are dropped. A time that four digits of a year
 * cannot hold becomes the nearest one that they can.
 * @throws RangeError if `ms` is not a number.
 *
 * Python: `email.utils.formatdate(usegmt=True)`
 */
export function formatHttpDate(ms: number): string {
  const second = Math.floor(ms / 1000)
  const slot = second & (cacheSize - 1)
  const cached = cachedDates[slot]
  if (cachedSeconds[slot] === second && cached !== undefined) return cached
  if (Number.isNaN(ms)) throw new RangeError('Date must be a number')
  const date = new Date(Math.min(Math.max(second * 1000, earliest), latest)).toUTCString()
  cachedSeconds[slot] = second
  cachedDates[slot] = date
  return date
}

let logSecond = NaN
let logDate = ''

/**
 * Formats a time in the local zone as log lines have it: `06/Nov/1994 08:49:37`.
 *
 * @param ms - Milliseconds since the epoch.
 *
 * Python: `BaseHTTPRequestHandler.log_date_time_string`
 */
export function formatLogDate(ms: number): string {
  const second = Math.floor(ms / 1000)
  if (second === logSecond) return logDate
  const date = new Date(ms)
  const day = twoDigits(date.getDate())
  const month = months[date.getMonth()] ?? '???'
  const year = String(date.getFullYear()).padStart(4, '0')
  const time = `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}:${twoDigits(date.getSeconds())}`
  logSecond = second
  logDate = `${day}/${month}/${year} ${time}`
  return logDate
}

/** The local zone's distance from UTC at a time (in milliseconds since the epoch), as `+HHMM` or `-HHMM`. */
export function formatLogOffset(ms: number): string {
  const minutes = -new Date(ms).getTimezoneOffset()
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${twoDigits(Math.floor(size / 60))}${twoDigits(size % 60)}`
}

const clock = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`
const month = `(?<month>${months.join('|')})`
const shortDay = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
const longDay = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day'

const httpDateForms: readonly RegExp[] = [
  new RegExp(String.raw`^${shortDay}, (?<day>\d\d) ${month} (?<year>\d{4}) ${clock} GMT$`),
  new RegExp(String.raw`^${longDay}, (?<day>\d\d)-${month}-(?<year>\d\d) ${clock} GMT$`),
  new RegExp(String.raw`^${shortDay} ${month} (?<day>\d\d| \d) ${clock} (?<year>\d{4})$`),
]

/**
 * Reads an HTTP-date in any of its three forms (RFC 9110 section 5.6.7): IMF-fixdate, RFC 850 and asctime. The match
 * is exact and case-sensitive; the name of the day need not agree with the date; a leap second counts as the next
 * second. A year of two digits is the latest year of these digits that is at most 50 years ahead.
 *
 * @param text - The field's value.
 * @param now - What the two-digit years are counted from; the current time by default.
 * @returns Milliseconds since the epoch, or `undefined` if the text is not an HTTP-date.
 */
export function parseHttpDate(text: string, now: number = Date.now()): number | undefined {
  for (const form of httpDateForms) {
    const fields = form.exec(text)?.groups
    if (fields === undefined) continue
    const { year = '', month = '', day = '', hour = '', minute = '', second = '' } = fields
    const at = (fullYear: number): number | undefined =>
      toTime(fullYear, months.indexOf(month), +day, +hour, +minute, +second)
    return year.length === 4 ? at(+year) : nearestCentury(+year, now, at)
  }
  return undefined
}

/** A date as mail and old browsers write it. */
export interface EmailDate {
  /** Milliseconds since the epoch. */
  readonly time: number
  /** The zone is UTC, or absent or unknown, which `http.server` takes for UTC. */
  readonly utc: boolean
}

/**
 * Reads a date as leniently as Python does: words in several orders, month names in full or short, any case, years of
 * two digits, times without seconds or with dots, numeric and American zones.
 *
 * @returns `undefined` where Python raises an error.
 *
 * Python: `email.utils.parsedate_to_datetime`
 */
export function parseEmailDate(text: string): EmailDate | undefined {
  const fields = emailDateFields(text)
  if (fields === undefined) return undefined
  const { year, month, day, hour, minute, second, offset } = fields
  if (year < 1 || year > 9999 || second > 59) return undefined
  const time = toTime(year, month, day, hour, minute, second)
  if (time === undefined) return undefined
  if (offset === undefined) return { time, utc: true }
  // Not a number where the digits of the zone were too many.
  if (!(Math.abs(offset) < 86_400)) return undefined
  return { time: time - offset * 1000, utc: offset === 0 }
}

// --- Internal ---

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}

function nearestCentury(
  year: number,
  now: number,
  at: (fullYear: number) => number | undefined,
): number | undefined {
  const limit = new Date(now)
  limit.setUTCFullYear(limit.getUTCFullYear() + 50)
  const century = Math.floor(limit.getUTCFullYear() / 100) * 100
  const time = at(century + year)
  // `time` is also absent for 29 February of a year that has none: RFC 9110 asks for the year first, the date after.
  if (time === undefined)
    return century + year > limit.getUTCFullYear() ? at(century - 100 + year) : undefined
  return time > limit.getTime() ? at(century - 100 + year) : time
}

/** Milliseconds since the epoch, or `undefined` if there is no such day or time; `month` counts from 0. */
function toTime(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
    return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  // A day that the month does not have has rolled over.
  if (date.getUTCMonth() !== month || date.getUTCDate() !== day) return undefined
  return date.setUTCHours(hour, minute, second)
}
