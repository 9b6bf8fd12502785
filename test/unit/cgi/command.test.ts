import { execFileSync } from 'node:child_process'
import { describe, expect, it } from '@jest/globals'
import { makeCommand } from '../../../lib/cgi/command.ts'

const program = { file: '/srv/cgi-bin/a.sh', interpreter: [], words: [], environment: {} }

describe('makeCommand()', () => {
  it('starts the script in its directory', () => {
    expect(
      makeCommand({ ...program, words: ['caf\xc3\xa9'], environment: { A: '\xe2\x82\xac' } }),
    ).toEqual({ file: '/srv/cgi-bin/a.sh', args: ['café'], env: { A: '€' }, cwd: '/srv/cgi-bin' })
  })

  it('puts an interpreter first', () => {
    expect(makeCommand({ ...program, interpreter: ['/usr/bin/perl', '-T'] })).toMatchObject({
      file: '/usr/bin/perl',
      args: ['-T', '/srv/cgi-bin/a.sh'],
    })
  })

  it('has no command for a NUL', () => {
    expect(makeCommand({ ...program, environment: { A: 'a\0b' } })).toBeUndefined()
    expect(makeCommand({ ...program, words: ['\0'] })).toBeUndefined()
  })

  it('passes every octet by way of the shell', () => {
    const octets = Array.from({ length: 255 }, (_, i) => String.fromCharCode(i + 1)).join('')
    const command = makeCommand({
      file: '/usr/bin/env',
      interpreter: [],
      words: ['sh', '-c', 'printf %s "$1$ALL"; printf " %s" "$PLAIN"; pwd', 'sh', `-n${octets}`],
      environment: { ALL: `${octets}\n\n`, PLAIN: 'plain', PATH: '/usr/bin:/bin' },
    })
    const output = execFileSync(command?.file ?? '', command?.args ?? [], {
      cwd: command?.cwd,
      env: command?.env,
    })
    expect(output.toString('latin1')).toBe(`-n${octets}${octets}\n\n plain/usr/bin\n`)
    expect(command?.env).toEqual({ PLAIN: 'plain', PATH: '/usr/bin:/bin' })
  })

  it('replaces such octets where there is no such shell', () => {
    expect(makeCommand({ ...program, environment: { A: '\xe9' } }, 'win32')?.env).toEqual({
      A: '\ufffd',
    })
  })
})
