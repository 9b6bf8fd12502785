import { describe, expect, it } from '@jest/globals'
import { printf, printfNamed } from '../../../lib/http/printf.ts'

describe('printf()', () => {
  // Expected values from CPython 3.13's % operator.
  it.each<[string, unknown[], string]>([
    ['', [], ''],
    ['plain', [], 'plain'],
    ['"%s" %s %s', ['GET / HTTP/1.1', '200', '-'], '"GET / HTTP/1.1" 200 -'],
    ['code %d, message %s', [404, 'File not found'], 'code 404, message File not found'],
    ['100%%', [], '100%'],
    ['%%s %s', ['%d'], '%s %d'],
    ['%r %r', ["it's", 'a\n'], "\"it's\" 'a\\n'"],
    ['%a', ['é€😀'], "'\\xe9\\u20ac\\U0001f600'"],
    ['%c%c', [65, 'é'], 'Aé'],
    ['%5c|%-5c|%05c', ['x', 'y', 'z'], '    x|y    |    z'],
    ['%10s|%-10s|%.2s|%10.2s', ['abc', 'abc', 'abc', 'abc'], '       abc|abc       |ab|        ab'],
    ['%05s|%+s|%.0s|%.s', ['a', 'b', 'c', 'd'], '    a|b||'],
    ['%.3r', ['abcdef'], "'ab"],
    ['%d %i %u', [3.9, -3.9, 0], '3 -3 0'],
    [
      '%5d|%-5d|%05d|%-05d|%+d|% d|%+ d',
      [1, 2, -3, 4, 5, 6, 7],
      '    1|2    |-0003|4    |+5| 6|+7',
    ],
    ['%.3d|%+.3d|%08.3d', [5, 5, 5], '005|+005|00000005'],
    ['%d', [10n ** 25n], '10000000000000000000000000'],
    ['%d', [1e21], '1000000000000000000000'],
    ['%ld %hd', [1, 2], '1 2'],
    ['%i', [true], '1'],
    ['%x %X %o', [255, 255, 8], 'ff FF 10'],
    ['%#x %#X %#o', [255, 255, 8], '0xff 0XFF 0o10'],
    ['%x %010x %#010x', [-255, -255, 255], '-ff -0000000ff 0x000000ff'],
    ['%x', [2 ** 40], '10000000000'],
    ['%f %.2f %.0f', [1.5, 1.005, 1.4], '1.500000 1.00 1'],
    ['%08.3f|%+f|%#.0f', [-3.14159, 1, 1], '-003.142|+1.000000|1.'],
    ['%.1f', [1e22], '10000000000000000000000.0'],
    ['%f %F %05f', [NaN, Infinity, -Infinity], 'nan INF -0inf'],
    ['%e %E %.e', [12345.678, 0, 12345], '1.234568e+04 0.000000E+00 1e+04'],
    ['%e', [1e100], '1.000000e+100'],
    ['%g %g %g %G', [100000, 1e6, 0.00001234, 1e20], '100000 1e+06 1.234e-05 1E+20'],
    ['%#g %.3g %g', [1, 1234.5, 0.0001], '1.00000 1.23e+03 0.0001'],
    ['%f', [-0], '-0.000000'],
    ['%*d|%-*d|%*d', [5, 3, 5, 3, -5, 3], '    3|3    |3    '],
    ['%.*f', [2, 3.14159], '3.14'],
  ])('%j %j', (format, args, expected) => {
    expect(printf(format, ...args)).toBe(expected)
  })

  it('writes other values as JavaScript does', () => {
    expect(printf('%s %s %s %r', null, undefined, true, [1, 2])).toBe('null undefined true 1,2')
    expect(printf('%s', new Error('x'))).toBe('Error: x')
    expect(printf('%s', () => 'not called')).toBe("() => 'not called'")
  })

  it.each<[string, unknown[], string]>([
    ['%s', [], 'not enough arguments for format string'],
    ['%s %s', ['a'], 'not enough arguments for format string'],
    ['%*d', [5], 'not enough arguments for format string'],
    ['a', ['b'], 'not all arguments converted during string formatting'],
    ['100%', [], 'incomplete format'],
    ['%5', [1], 'incomplete format'],
    ['%y', [1], "unsupported format character 'y' at index 1"],
    ['ab%5%', [], "unsupported format character '%' at index 4"],
    ['%\n', [1], "unsupported format character '\\n' at index 1"],
    ['%d', ['x'], '%d format: a number is required, not string'],
    ['%d', [null], '%d format: a number is required, not null'],
    ['%d', [NaN], '%d format: cannot convert NaN to an integer'],
    ['%x', [1.5], '%x format: an integer is required'],
    ['%f', ['1'], '%f format: a number is required, not string'],
    ['%c', ['ab'], '%c requires int or char'],
    ['%c', [-1], '%c requires int or char'],
    ['%*d', ['5', 3], '* wants int'],
    ['%.101f', [1], 'precision too big'],
    ['%(a)s', ['x'], 'format requires a mapping'],
  ])('refuses %j %j', (format, args, message) => {
    expect(() => printf(format, ...args)).toThrow(new TypeError(message))
  })

  it('formats the same after many other formats', () => {
    for (let i = 0; i < 300; i++) expect(printf(`${i} %s`, 'a')).toBe(`${i} a`)
    expect(printf('%s!', 'b')).toBe('b!')
  })
})

describe('printfNamed()', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['%(code)d %(message)s %% %(explain)s', { code: 404, message: 'x', explain: 'y' }, '404 x % y'],
    ['%(a)5.1f|%(a)-5d|%(a)s', { a: 2 }, '  2.0|2    |2'],
    ['plain', { a: 1 }, 'plain'],
    ['%%(a)s', { a: 1 }, '%(a)s'],
    ['%(a(b))s %()s', { 'a(b)': 1, '': 2 }, '1 2'],
    ['%(a)s', { a: '%(b)s' }, '%(b)s'],
  ])('%j %j', (format, values, expected) => {
    expect(printfNamed(format, values)).toBe(expected)
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['%(a)s', {}, "format names an unknown value: 'a'"],
    ['%(toString)s', {}, "format names an unknown value: 'toString'"],
    ['%s', { a: 1 }, 'not enough arguments for format string'],
    ['%(a)*d', { a: 1 }, 'not enough arguments for format string'],
    ['%(a', { a: 1 }, 'incomplete format key'],
    ['%(a)', { a: 1 }, 'incomplete format'],
  ])('refuses %j %j', (format, values, message) => {
    expect(() => printfNamed(format, values)).toThrow(new TypeError(message))
  })
})
