import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { deviations } from '../differential/deviations.ts'

const docs = join(__dirname, '../../docs')

describe('docs/compatibility.md', () => {
  const rows = readFileSync(join(docs, 'compatibility.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| [a-z-]+ +\|/.test(line))
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
})
