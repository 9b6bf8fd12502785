import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { CliExit, parseArguments } from '../../lib/cli/args.ts'
import { limits } from '../../lib/cli/server-arguments.ts'
import { defaultWireOptions } from '../../lib/wire/limits.ts'

function read(name: string): string {
  return readFileSync(join(__dirname, '../../docs', name), 'utf8')
}

function help(): string {
  try {
    parseArguments(['--help'])
  } catch (error) {
    if (error instanceof CliExit) return error.message
  }
  throw new Error('no help')
}

describe('docs/cli.md', () => {
  it('has a row for each flag, and no other', () => {
    const flags = (text: string): string[] => [...new Set(text.match(/--[a-z][a-z\d-]+/g))].sort()
    const rows = read('cli.md')
      .split('\n')
      .filter((line) => line.startsWith('| `-'))
    const documented = flags(rows.map((row) => row.split('|')[1] ?? '').join(' '))
    const defined = flags(
      help()
        .split('\n')
        .filter((line) => line.startsWith('  -'))
        .join(' '),
    )
    expect(documented).toEqual(defined.filter((flag) => flag !== '--help'))
  })
})

describe('README.md', () => {
  it('names no flag that there is not', () => {
    const text = read('../README.md')
    const named = [...new Set(text.match(/(?<=`|\n| )--[a-z][a-z\d-]+/g))]
    expect(named.length).toBeGreaterThan(15)
    const shown = help()
    expect(
      named.filter((flag) => !shown.includes(`${flag} `) && !shown.includes(`${flag}\n`)),
    ).toEqual([])
  })
})

describe('docs/server.md', () => {
  it('has each limit with its default', () => {
    const text = read('server.md')
    for (const { option } of limits) {
      if (option === 'maxConnections' || option === 'bodyRateGrace') continue
      const [, shown = ''] =
        new RegExp(`^\\| \`${option}\` *\\| *\`([^\`]+)\``, 'm').exec(text) ?? []
      expect([option, Number(shown.replaceAll('_', ''))]).toEqual([
        option,
        defaultWireOptions[option],
      ])
    }
  })
})
