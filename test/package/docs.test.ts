import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { additions } from '../differential/additions.ts'
import { deviations } from '../differential/deviations.ts'

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
