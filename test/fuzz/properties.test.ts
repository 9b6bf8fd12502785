import { normalize } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { HeadParser, type ScriptHead } from '../../lib/cgi/response.ts'
import { select } from '../../lib/files/select.ts'
import { translatePath } from '../../lib/files/translate-path.ts'
import { evaluatePreconditions, type Validators } from '../../lib/http/conditional.ts'
import { formatHttpDate, parseHttpDate } from '../../lib/http/date.ts'
import { HTTPMessage } from '../../lib/http/message.ts'
import { printf } from '../../lib/http/printf.ts'
import { scrub } from '../../lib/log/scrub.ts'
import { cut, everywhere } from '../helpers/heads.ts'

const anyText = fc.string({ unit: 'binary', maxLength: 60 })

describe('translatePath()', () => {
  const part = fc.oneof(
    fc.constantFrom(
      '/',
      '..',
      '.',
      '%2e',
      '%2F',
      '%5c',
      '\\',
      '%00',
      '%ff',
      '?',
      '#',
      'a',
      'é',
      '%',
    ),
    fc.string({ maxLength: 4 }),
  )
  it('never leads out of the directory', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 14 }), (parts) => {
        const path = translatePath(`/${parts.join('')}`, '/srv/site')
        expect(path === '/srv/site' || path.startsWith('/srv/site/')).toBe(true)
        expect(normalize(path)).toBe(path)
      }),
      { numRuns: 3000 },
    )
  })
})

describe('conditions and ranges', () => {
  const tag = fc.constantFrom('"a"', 'W/"a"', '"b"', 'W/"b"', '*', 'junk')
  const time = fc.constantFrom(1_700_000_000_000, 1_700_000_001_000, 1_700_000_002_000)
  const date = fc.oneof(time.map(formatHttpDate), fc.constant('no date'))
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
  const fields = fc.record({
    'if-match': optional(tag),
    'if-none-match': optional(tag),
    'if-modified-since': optional(date),
    'if-unmodified-since': optional(date),
  })
  const validators: fc.Arbitrary<Validators> = fc.record({
    etag: optional(fc.constantFrom('"a"', 'W/"a"')),
    lastModified: optional(time),
  })
  const method = fc.constantFrom('GET', 'HEAD', 'PUT', 'OPTIONS')
  type Fields = Record<string, string | undefined>
  const outcome = (verb: string, given: Fields, selected: Validators) =>
    evaluatePreconditions({ method: verb, header: (name) => given[name] }, selected)

  it('let If-None-Match and If-Match decide where dates are beside them', () => {
    fc.assert(
      fc.property(method, fields, validators, (verb, given, selected) => {
        const whole = outcome(verb, given, selected)
        if (given['if-none-match'] !== undefined) {
          expect(outcome(verb, { ...given, 'if-modified-since': undefined }, selected)).toBe(whole)
        }
        if (given['if-match'] !== undefined) {
          expect(outcome(verb, { ...given, 'if-unmodified-since': undefined }, selected)).toBe(
            whole,
          )
        }
      }),
    )
  })

  it('answer 304 to GET and HEAD alone, and nothing without a condition', () => {
    fc.assert(
      fc.property(method, fields, validators, (verb, given, selected) => {
        const whole = outcome(verb, given, selected)
        if (whole === 'not-modified') expect(['GET', 'HEAD']).toContain(verb)
        if (verb === 'OPTIONS') expect(whole).toBe('proceed')
        expect(outcome(verb, {}, selected)).toBe('proceed')
        if (verb !== 'GET') return
        // A client that has the very representation never gets it again.
        if (selected.etag !== undefined) {
          expect(outcome(verb, { 'if-none-match': selected.etag }, selected)).toBe('not-modified')
        }
      }),
    )
  })

  it('select at most what there is, and a part for GET alone', () => {
    const range = fc.array(fc.tuple(optional(fc.nat(30)), optional(fc.nat(30))), { maxLength: 4 })
    fc.assert(
      fc.property(method, fields, range, fc.nat(20), (verb, given, specs, size) => {
        const value = `bytes=${specs.map(([a, b]) => `${a ?? ''}-${b ?? ''}`).join(',')}`
        const defined = Object.fromEntries(
          Object.entries(given).filter(([, text]) => text !== undefined),
        )
        const selection = select(
          verb,
          { ...defined, range: value },
          { etag: '"a"', lastModified: 1_700_000_001_000, size, acceptRanges: true },
        )
        const parts =
          selection.kind === 'part'
            ? [selection]
            : selection.kind === 'parts'
              ? selection.ranges
              : []
        if (parts.length > 0) expect(verb).toBe('GET')
        for (const { start, end } of parts) {
          expect(start).toBeLessThanOrEqual(end)
          expect(end).toBeLessThan(size)
        }
        expect(parts.reduce((sum, { start, end }) => sum + end - start + 1, 0)).toBeLessThanOrEqual(
          size,
        )
      }),
      { numRuns: 2000 },
    )
  })
})

describe('what a script writes', () => {
  const piece = fc.constantFrom(
    'Status: 404 Not Here',
    'Status: 103',
    'Content-Type: text/plain',
    'Content-Length: 4',
    'Location: /a',
    'Location: http://a/',
    'X: y',
    '\n',
    '\r\n',
    '\n\n',
    ': ',
    '\0',
    'a',
  )
  const parse = (pieces: readonly Buffer[]) => {
    const parser = new HeadParser({ maxHeaderSize: 120, acceptStatusLine: false })
    const heads: ScriptHead[] = []
    const queue = [...pieces]
    for (let chunk = queue.shift(); chunk !== undefined; chunk = queue.shift()) {
      const progress = parser.push(chunk)
      if (progress.kind === 'malformed') return { heads, malformed: progress.cause }
      if (progress.kind === 'more') continue
      heads.push(progress.head)
      if (progress.head.kind !== 'hints') {
        return { heads, rest: Buffer.concat([progress.rest, ...queue]).toString('latin1') }
      }
      if (progress.rest.length > 0) queue.unshift(progress.rest)
    }
    return { heads, malformed: parser.end() }
  }

  it('is read the same however it arrives', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), fc.array(fc.nat(150)), (pieces, cuts) => {
        const bytes = Buffer.from(pieces.join(''), 'latin1')
        const whole = parse([bytes])
        expect(parse(cut(bytes, cuts))).toEqual(whole)
        expect(parse(cut(bytes, everywhere(bytes.length)))).toEqual(whole)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('texts', () => {
  it('keep no control character in a log, and lose nothing else', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const clean = scrub(text)
        expect(clean).not.toMatch(/\p{Cc}/u)
        const back = clean.replace(/\\(?:\\|x([\da-f]{2}))/g, (_, hex?: string) =>
          hex === undefined ? '\\' : String.fromCharCode(parseInt(hex, 16)),
        )
        expect(back).toBe(text)
      }),
    )
  })

  it('are formatted as wide as asked for, and never cut', () => {
    const number = fc.integer({ min: -(10 ** 9), max: 10 ** 9 })
    fc.assert(
      fc.property(anyText, number, fc.nat(20), (text, value, width) => {
        expect(printf('%s|%d', text, value)).toBe(`${text}|${value}`)
        expect(printf(`%${width + 1}d`, value)).toBe(String(value).padStart(width + 1))
        expect(printf(`%-${width + 1}d`, value)).toBe(String(value).padEnd(width + 1))
        expect(printf(text.replaceAll('%', '%%'))).toBe(text)
      }),
    )
  })

  it('that are dates come back as what was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
        expect(parseHttpDate(formatHttpDate(seconds * 1000))).toBe(seconds * 1000)
      }),
    )
  })
})

describe('HTTPMessage', () => {
  it('finds every field by its name in any case, the first one first', () => {
    const name = fc.constantFrom('a', 'A', 'b', 'Host', 'HOST', '__proto__', 'constructor')
    const list = fc.array(fc.tuple(name, fc.string({ maxLength: 4 })), { maxLength: 40 })
    fc.assert(
      fc.property(list, name, (pairs, wanted) => {
        const message = new HTTPMessage(pairs.flat())
        const all = pairs.filter(([key]) => key.toLowerCase() === wanted.toLowerCase())
        const values = all.map(([, value]) => value)
        for (const spelling of [wanted, wanted.toLowerCase(), wanted.toUpperCase()]) {
          expect(message.get(spelling)).toBe(values[0])
          expect(message.getAll(spelling, [])).toEqual(values)
          expect(message.has(spelling)).toBe(values.length > 0)
        }
        expect(message.items()).toEqual(pairs)
        expect(message).toHaveLength(pairs.length)
      }),
    )
  })
})
