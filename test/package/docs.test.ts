import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { additions } from '../differential/additions.ts'
import { deviations } from '../differential/deviations.ts'
import { runCli } from '../helpers/cli.ts'

const docs = join(__dirname, '../../docs')

describe('docs/compatibility.md', () => {
  const rows = readFileSync(join(docs, 'compatibility.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )

  it('has a row for each deviation that the differential tests know', () => {
    const expected = Object.entries(deviations).map(([id, { python, ours, reason, rule }]) => [
      id,
      python,
      ours,
      reason,
      rule,
    ])
    expect(rows.filter(([id = '']) => id in deviations)).toEqual(expected)
  })

  it('has a row for each addition that is tested, and for CGI, which has tests of its own', () => {
    const start = rows.findIndex(([first]) => first === 'addition')
    const table = rows.slice(start + 2, start + 2 + additions.length + 1)
    const expected = additions.map(({ addition, off }) => [addition, off])
    expect(table.slice(0, -1)).toEqual(expected)
    expect(table.at(-1)?.[0]).toMatch(/^CGI /)
  })
})

describe('docs/deploy.md', () => {
  const deploy = join(__dirname, '../../examples/deploy')
  const page = readFileSync(join(docs, 'deploy.md'), 'utf8')
  const files = readdirSync(deploy)

  it.each(files)('shows %s', (name) => {
    expect(page).toContain(`(../examples/deploy/${name})`)
  })

  it('and its configurations know the flags of the command', async () => {
    const { stdout } = await runCli(['--help'])
    const texts = [page, ...files.map((name) => readFileSync(join(deploy, name), 'utf8'))]
    // In configurations: a flag of the command's own line, not of npm's or Docker's.
    const lines = texts
      .flatMap((text) => text.split('\n'))
      .filter((line) => !/npm|docker|^COPY/.test(line))
    const flags = lines.flatMap((line) => line.match(/(?<![\w-])--[a-z][a-z-]+/g) ?? [])
    expect(flags.length).toBeGreaterThan(10)
    for (const flag of new Set(flags)) expect(stdout).toContain(flag)
  })
})
