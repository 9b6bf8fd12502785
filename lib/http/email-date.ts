/** The numbers in a date, not yet judged: `month` counts from 0, `offset` is seconds east of UTC if a zone is known. */
export interface EmailDateFields {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly offset: number | undefined
}

const shortMonths = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const longMonths =
  'january february march april may june july august september october november december'.split(' ')
const days = new Set('mon tue wed thu fri sat sun'.split(' '))

/** Hours and minutes east of UTC, as in `-0500`. */
const zones = new Map(
  Object.entries({
    UT: 0,
    UTC: 0,
    GMT: 0,
    Z: 0,
    AST: -400,
    ADT: -300,
    EST: -500,
    EDT: -400,
    CST: -600,
    CDT: -500,
    MST: -700,
    MDT: -600,
    PST: -800,
    PDT: -700,
  }),
)

// What str.split() splits at, as far as latin-1 goes.
const blanks = /[\t-\r\x1c-\x20\x85\xa0]+/ // eslint-disable-line no-control-regex -- it is about control characters
const integer = /^[+-]?\d+(?:_\d+)*$/
// str.isdigit() takes the superscripts for digits, though int() does not.
const startsWithDigit = /^[\d\xb2\xb3\xb9]/

/**
 * Finds the fields of a date as Python's email package does; the words are day, month, year, time and zone, where
 * day and month, year and time, year and zone may have changed places.
 *
 * Python: `email.utils.parsedate_tz`
 */
export function emailDateFields(text: string): EmailDateFields | undefined {
  let [day = '', month = '', year = '', time = '', zone = ''] = splitWords(text)
  if (day === '' || month === '' || year === '') return undefined

  month = month.toLowerCase()
  if (monthNumber(month) === undefined) [day, month] = [month, day.toLowerCase()]
  const monthIndex = monthNumber(month)
  if (monthIndex === undefined) return undefined

  if (year.indexOf(':') > 0) [year, time] = [time, year]
  year = withoutComma(year)
  if (year === '') return undefined
  if (!startsWithDigit.test(year)) [year, zone] = [zone, year]

  const clock = splitTime(withoutComma(time))
  const numbers = clock && [year, withoutComma(day), ...clock].map(toInteger)
  if (!numbers?.every((number) => number !== undefined)) return undefined
  const [fullYear = 0, dayNumber = 0, hour = 0, minute = 0, second = 0] = numbers
  return {
    year: expandYear(fullYear),
    month: monthIndex,
    day: dayNumber,
    hour,
    minute,
    second,
    offset: zoneOffset(zone.toUpperCase()),
  }
}

// --- Internal ---

/** The words of the date without the name of the day; RFC 850's `06-Nov-94` and a zone glued to the time come apart. */
function splitWords(text: string): string[] {
  const words = text.split(blanks).filter((word) => word !== '')
  const first = words[0]
  if (first === undefined) return []
  if (first.endsWith(',') || days.has(first.toLowerCase())) words.shift()
  else words[0] = first.slice(first.lastIndexOf(',') + 1)

  if (words.length === 3) {
    const date = words[0]?.split('-') ?? []
    if (date.length === 3) words.splice(0, 1, ...date)
  }
  if (words.length === 4) {
    const last = words[3] ?? ''
    const sign = last.includes('+') ? last.indexOf('+') : last.indexOf('-')
    if (sign > 0) words.splice(3, 1, last.slice(0, sign), last.slice(sign))
    else words.push('')
  }
  return words.length < 5 ? [] : words
}

function monthNumber(name: string): number | undefined {
  const index = Math.max(shortMonths.indexOf(name), longMonths.indexOf(name))
  return index < 0 ? undefined : index
}

function withoutComma(word: string): string {
  return word.endsWith(',') ? word.slice(0, -1) : word
}

/** Hours, minutes and seconds; some mail programs write dots for the colons. */
function splitTime(time: string): string[] | undefined {
  const parts = time.split(time.includes(':') ? ':' : '.')
  if (parts.length === 2) return [...parts, '0']
  return parts.length === 3 ? parts : undefined
}

/** Python: `int(str)` */
function toInteger(text: string): number | undefined {
  return integer.test(text) ? Number(text.replaceAll('_', '')) : undefined
}

/** Years of two digits by the rule of POSIX: 69–99 are 1969–1999, 0–68 are 2000–2068. */
function expandYear(year: number): number {
  if (year >= 100) return year
  return year > 68 ? year + 1900 : year + 2000
}

function zoneOffset(zone: string): number | undefined {
  const value = zones.get(zone) ?? toInteger(zone)
  // -0000 says that the time is UTC and the zone is not known (RFC 5322 section 3.3).
  if (value === undefined || (value === 0 && zone.startsWith('-'))) return undefined
  const distance = Math.abs(value)
  const seconds = Math.floor(distance / 100) * 3600 + (distance % 100) * 60
  return value < 0 ? -seconds : seconds
}
