import { describe, expect, it } from '@jest/globals'
import { HTTPMessage } from '../../../lib/http/message.ts'

const fields = ['Host', 'a', 'X-A', 'ét', 'x-a', '2', 'X-Fold', 'a\r\n b', '__proto__', 'p']

describe('HTTPMessage', () => {
  const message = new HTTPMessage(fields)

  it('finds the first value without regard to case', () => {
    expect(message.get('HOST')).toBe('a')
    expect(message.get('x-A')).toBe('ét')
    expect(message.get('none')).toBeUndefined()
    expect(message.get('none', null)).toBeNull()
    expect(message.get('Host', 'b')).toBe('a')
  })

  it('finds all values in order', () => {
    expect(message.getAll('X-a')).toEqual(['ét', '2'])
    expect(message.getAll('none')).toBeUndefined()
    expect(message.getAll('none', [])).toEqual([])
  })

  it('knows what it has', () => {
    expect(message.has('hOST')).toBe(true)
    expect(message.has('none')).toBe(false)
    expect(message.has('constructor')).toBe(false)
    expect(message.get('__PROTO__')).toBe('p')
    expect(message).toHaveLength(5)
  })

  it('keeps order, case and duplicates', () => {
    expect(message.keys()).toEqual(['Host', 'X-A', 'x-a', 'X-Fold', '__proto__'])
    expect(message.values()).toEqual(['a', 'ét', '2', 'a\r\n b', 'p'])
    expect([...message]).toEqual(message.keys())
    expect([...message.entries()]).toEqual(message.items())
    expect(message.items()).toEqual([
      ['Host', 'a'],
      ['X-A', 'ét'],
      ['x-a', '2'],
      ['X-Fold', 'a\r\n b'],
      ['__proto__', 'p'],
    ])
  })

  it('prints as email does', () => {
    expect(message.toString()).toBe('Host: a\nX-A: ét\nx-a: 2\nX-Fold: a\n b\n__proto__: p\n\n')
    expect(String(new HTTPMessage([]))).toBe('\n')
  })

  it('finds fields in a large head just the same', () => {
    const raw = Array.from({ length: 200 }, (_, i) => [`X-${i}`, String(i), 'x-dup', String(i)])
    const large = new HTTPMessage([...fields, ...raw.flat()])
    expect(large.get('HOST')).toBe('a')
    expect(large.get('x-199')).toBe('199')
    expect(large.get('X-200')).toBeUndefined()
    expect(large.has('__proto__')).toBe(true)
    expect(large.has('constructor')).toBe(false)
    expect(large.getAll('X-Dup')).toHaveLength(200)
  })
})

describe('HTTPMessage content type', () => {
  // Expected values from CPython 3.13's email.message.
  it.each([
    [undefined, 'text/plain', 'text', 'plain', undefined],
    ['', 'text/plain', 'text', 'plain', undefined],
    ['TEXT/html', 'text/html', 'text', 'html', undefined],
    [' text/HTML ; x', 'text/html', 'text', 'html', undefined],
    ['text', 'text/plain', 'text', 'plain', undefined],
    ['a/b/c', 'text/plain', 'text', 'plain', undefined],
    ['/', '/', '', '', undefined],
    ['text/', 'text/', 'text', '', undefined],
    ['text/html; charset=UTF-8', 'text/html', 'text', 'html', 'utf-8'],
    ['text/html;Charset="UTF-8"', 'text/html', 'text', 'html', 'utf-8'],
    ['text/html; CHARSET = Foo ', 'text/html', 'text', 'html', 'foo'],
    ['text/html; charset', 'text/html', 'text', 'html', ''],
    ['text/html; charset=é', 'text/html', 'text', 'html', undefined],
    ['text/html; x="a;charset=bad"; charset=ok', 'text/html', 'text', 'html', 'ok'],
  ])('%j', (value, type, main, sub, charset) => {
    const message = new HTTPMessage(value === undefined ? [] : ['content-TYPE', value])
    expect(message.getContentType()).toBe(type)
    expect(message.getContentMaintype()).toBe(main)
    expect(message.getContentSubtype()).toBe(sub)
    expect(message.getContentCharset()).toBe(charset)
  })
})
