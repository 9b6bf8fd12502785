import { describe, expect, it } from '@jest/globals'
import { dotfileStatus, hasDotfile, isDotfile } from '../../../lib/files/dotfiles.ts'
import { isWindowsAlias } from '../../../lib/files/windows-names.ts'

describe('isWindowsAlias()', () => {
  it.each([
    'con',
    'CON',
    'nul',
    'NUL.txt',
    'aux.h',
    'prn',
    'com1',
    'COM9.log',
    'lpt1',
    'LPT\u00b2',
    'com\u00b9.txt',
    'conin$',
    'CONOUT$',
    'con .txt',
    'nul:',
    'c:',
    'X:',
    'a:b',
    'file.txt::$DATA',
    'dir::$INDEX_ALLOCATION',
    'dir:$I30:$INDEX_ALLOCATION',
    'secret.txt.',
    'secret.txt ',
    'secret.txt. .',
    '.. ',
    '.. .',
    '...',
    'PROGRA~1',
    'SECRET~1.TXT',
    'a~12.h',
    '..\\secret',
    '\\\\server\\share',
    'a?b',
    'a*b',
    'a<b',
    'a>b',
    'a|b',
    'a"b',
    'a\x01b',
    'a\0b',
  ])('refuses %j', (name) => {
    expect(isWindowsAlias(name)).toBe(true)
  })

  it.each([
    'console',
    'confetti.txt',
    'nullable.ts',
    'com10',
    'com',
    'lpt',
    'aux1',
    'a~b',
    '~1',
    'archive~1backup.txt',
    'file.tar.gz',
    '.hidden',
    '..a',
    ' leading',
    "it's",
    'caf\u00e9',
    'a b',
  ])('takes %j for itself', (name) => {
    expect(isWindowsAlias(name)).toBe(false)
  })
})

describe('dotfiles', () => {
  it.each([
    [['.env'], true],
    [['.git', 'config'], true],
    [['a', '.env'], true],
    [['.well-known', 'security.txt'], false],
    [['a', '.well-known'], true],
    [['.well-known', '.env'], true],
    [['.Well-Known'], true],
    [['a.b'], false],
    [[], false],
  ])('%j has one: %j', (segments, has) => {
    expect(hasDotfile(segments)).toBe(has)
  })

  it('does not take a dot for one', () => {
    expect(isDotfile('.', true)).toBe(false)
    expect(isDotfile('..', true)).toBe(true)
  })

  it.each([
    ['allow', undefined],
    ['deny', 403],
    ['ignore', 404],
  ] as const)('under %s answers %j', (policy, status) => {
    expect(dotfileStatus(policy, ['.env'])).toBe(status)
    expect(dotfileStatus(policy, ['env'])).toBeUndefined()
  })
})
