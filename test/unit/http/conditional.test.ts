import { describe, expect, it } from '@jest/globals'
import { evaluatePreconditions, ifRangeHolds } from '../../../lib/http/conditional.ts'
import type { PreconditionOutcome, Validators } from '../../../lib/http/conditional.ts'

const modified = Date.UTC(1994, 10, 6, 8, 49, 37)
const before = 'Sun, 06 Nov 1994 08:49:36 GMT'
const same = 'Sun, 06 Nov 1994 08:49:37 GMT'
const after = 'Sun, 06 Nov 1994 08:49:38 GMT'
const strong: Validators = { etag: '"a"', lastModified: modified + 999 }
const weak: Validators = { etag: 'W/"a"', lastModified: modified }

type Fields = Partial<
  Record<
    'if-match' | 'if-none-match' | 'if-modified-since' | 'if-unmodified-since' | 'if-range',
    string
  >
>

function evaluate(method: string, fields: Fields, selected: Validators): PreconditionOutcome {
  const header = (name: string): string | undefined => fields[name as keyof Fields]
  return evaluatePreconditions({ method, header }, selected)
}

describe('If-Match (RFC 9110 section 13.1.1)', () => {
  it.each<[string, Validators, PreconditionOutcome]>([
    ['"a"', strong, 'proceed'],
    ['"b", "a"', strong, 'proceed'],
    ['"b"', strong, 'precondition-failed'],
    ['*', strong, 'proceed'],
    ['*', {}, 'proceed'],
    ['"a"', {}, 'precondition-failed'],
    // Strong comparison
    ['W/"a"', strong, 'precondition-failed'],
    ['"a"', weak, 'precondition-failed'],
    ['W/"a"', weak, 'precondition-failed'],
    // Malformed: does not match
    ['a', strong, 'precondition-failed'],
    ['"a", b', strong, 'precondition-failed'],
    ['', strong, 'precondition-failed'],
  ])('%j with %j: %s', (value, selected, expected) => {
    for (const method of ['GET', 'HEAD', 'PUT']) {
      expect(evaluate(method, { 'if-match': value }, selected)).toBe(expected)
    }
  })
})

describe('If-None-Match (RFC 9110 section 13.1.2)', () => {
  it.each<[string, Validators, 'same' | 'different']>([
    ['"a"', strong, 'same'],
    ['"b", "a"', strong, 'same'],
    ['"b"', strong, 'different'],
    ['*', strong, 'same'],
    ['*', {}, 'same'],
    ['"a"', {}, 'different'],
    // Two tags for the same
    ['"a"', { etag: 'W/"b"', otherEtag: 'W/"a"' }, 'same'],
    ['"c"', { etag: 'W/"b"', otherEtag: 'W/"a"' }, 'different'],
    // Weak comparison
    ['W/"a"', strong, 'same'],
    ['"a"', weak, 'same'],
    ['W/"a"', weak, 'same'],
    // Malformed: matches nothing
    ['a', strong, 'different'],
    ['"a", b', strong, 'different'],
    ['', strong, 'different'],
  ])('%j with %j: %s', (value, selected, expected) => {
    const fields = { 'if-none-match': value }
    const isSame = expected === 'same'
    expect(evaluate('GET', fields, selected)).toBe(isSame ? 'not-modified' : 'proceed')
    expect(evaluate('HEAD', fields, selected)).toBe(isSame ? 'not-modified' : 'proceed')
    expect(evaluate('POST', fields, selected)).toBe(isSame ? 'precondition-failed' : 'proceed')
  })
})

describe('If-Modified-Since (RFC 9110 section 13.1.3)', () => {
  it.each<[string, Validators, PreconditionOutcome]>([
    [before, strong, 'proceed'],
    [same, strong, 'not-modified'],
    [after, strong, 'not-modified'],
    [` ${same} `, strong, 'not-modified'],
    ['Sunday, 06-Nov-94 08:49:37 GMT', strong, 'not-modified'],
    ['Sun Nov  6 08:49:37 1994', strong, 'not-modified'],
    [same, { etag: '"a"' }, 'proceed'],
    // Malformed: ignored
    ['Sun, 06 Nov 1994 08:49:37 UTC', strong, 'proceed'],
    [`${same}, ${same}`, strong, 'proceed'],
    ['1994', strong, 'proceed'],
    ['', strong, 'proceed'],
  ])('%j with %j: %s', (value, selected, expected) => {
    expect(evaluate('GET', { 'if-modified-since': value }, selected)).toBe(expected)
    expect(evaluate('HEAD', { 'if-modified-since': value }, selected)).toBe(expected)
    // Ignored with any other method
    expect(evaluate('POST', { 'if-modified-since': value }, selected)).toBe('proceed')
  })
})

describe('If-Unmodified-Since (RFC 9110 section 13.1.4)', () => {
  it.each<[string, Validators, PreconditionOutcome]>([
    [before, strong, 'precondition-failed'],
    [same, strong, 'proceed'],
    [after, strong, 'proceed'],
    // No date to compare with, or malformed: ignored
    [before, { etag: '"a"' }, 'proceed'],
    ['yesterday', strong, 'proceed'],
  ])('%j with %j: %s', (value, selected, expected) => {
    for (const method of ['GET', 'HEAD', 'DELETE']) {
      expect(evaluate(method, { 'if-unmodified-since': value }, selected)).toBe(expected)
    }
  })
})

describe('precedence (RFC 9110 section 13.2.2)', () => {
  it.each<[string, Fields, PreconditionOutcome]>([
    ['no condition', {}, 'proceed'],
    ['If-Range is none', { 'if-range': '"b"' }, 'proceed'],
    [
      'If-Match over If-Unmodified-Since',
      { 'if-match': '"a"', 'if-unmodified-since': before },
      'proceed',
    ],
    [
      '… also if it fails',
      { 'if-match': '"b"', 'if-unmodified-since': after },
      'precondition-failed',
    ],
    [
      'If-None-Match over If-Modified-Since',
      { 'if-none-match': '"b"', 'if-modified-since': after },
      'proceed',
    ],
    ['… also if malformed', { 'if-none-match': 'b', 'if-modified-since': after }, 'proceed'],
    ['… also if it fails', { 'if-none-match': '"a"', 'if-modified-since': before }, 'not-modified'],
    ['412 over 304', { 'if-match': '"b"', 'if-none-match': '"a"' }, 'precondition-failed'],
    ['then 304', { 'if-match': '"a"', 'if-none-match': '"a"' }, 'not-modified'],
    [
      'dates: 412 over 304',
      { 'if-unmodified-since': before, 'if-modified-since': after },
      'precondition-failed',
    ],
    [
      'dates: then 304',
      { 'if-unmodified-since': after, 'if-modified-since': after },
      'not-modified',
    ],
    [
      'If-Unmodified-Since, then tags',
      { 'if-unmodified-since': after, 'if-none-match': '"a"' },
      'not-modified',
    ],
  ])('%s', (_, fields, expected) => {
    expect(evaluate('GET', fields, strong)).toBe(expected)
  })

  it.each(['OPTIONS', 'TRACE', 'CONNECT'])('ignores all with %s (section 13.2.1)', (method) => {
    expect(evaluate(method, { 'if-match': '"b"', 'if-none-match': '*' }, strong)).toBe('proceed')
  })
})

describe('ifRangeHolds() (RFC 9110 section 13.1.5)', () => {
  it.each<[string | undefined, Validators, boolean]>([
    [undefined, strong, true],
    ['"a"', strong, true],
    [' "a" ', strong, true],
    ['"b"', strong, false],
    ['"a"', {}, false],
    // Strong comparison
    ['W/"a"', strong, false],
    ['"a"', weak, false],
    ['W/"a"', weak, false],
    // One tag, no list, no `*`
    ['"b", "a"', strong, false],
    ['*', strong, false],
    ['a', strong, false],
    ['', strong, false],
    // Exactly the date
    [same, strong, true],
    [same, weak, true],
    ['Sunday, 06-Nov-94 08:49:37 GMT', strong, true],
    ['Sun Nov  6 08:49:37 1994', strong, true],
    [before, strong, false],
    [after, strong, false],
    [same, { etag: '"a"' }, false],
    ['Sun, 06 Nov 1994 08:49:37', strong, false],
  ])('%j with %j: %s', (value, selected, expected) => {
    expect(ifRangeHolds(value, selected)).toBe(expected)
  })

  it('takes a date only when its second is over (section 8.8.2.2)', () => {
    expect(ifRangeHolds(same, weak, modified + 999)).toBe(false)
    expect(ifRangeHolds(same, weak, modified + 1000)).toBe(true)
    expect(ifRangeHolds('"a"', strong, modified)).toBe(true)
  })
})
