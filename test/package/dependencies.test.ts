import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'

interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

const read = (name: string): string => readFileSync(join(__dirname, '../..', name), 'utf8')
const manifest = JSON.parse(read('package.json')) as Locked
const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }
const page = read('docs/dependencies.md')
const names = (group: object | undefined): string[] => Object.keys(group ?? {}).sort()

/** Where a package that another one needs lies, the nearest first. */
function locate(from: string, name: string): string {
  for (
    let folder = from;
    ;
    folder = folder.replace(/(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+$/, '')
  ) {
    const place = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    if (place in lock.packages) return place
    if (folder === '') throw new Error(`${name}, needed by ${from}, is not locked`)
  }
}

/** All packages that one brings, itself not counted. */
function brought(place: string, seen = new Set<string>()): Set<string> {
  for (const name of names(lock.packages[place]?.dependencies)) {
    const next = locate(place, name)
    if (!seen.has(next)) brought(next, seen.add(next))
  }
  return seen
}

describe('docs/dependencies.md', () => {
  it('has a row for each dependency, and for no other', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| `'))
    const told = rows.flatMap((row) => {
      const [first = ''] = row.split('|').slice(1)
      return [...first.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
    })
    const wanted = [...names(manifest.dependencies), ...names(manifest.devDependencies)]
    expect(told.sort()).toEqual(wanted.sort())
  })

  it.each(names(manifest.dependencies))('counts what %s brings', (name) => {
    const [, count] = new RegExp(`^\\| \`${name}\` +\\| +(\\d+) \\|`, 'm').exec(page) ?? []
    expect(Number(count)).toBe(brought(`node_modules/${name}`).size)
  })

  it('is right that nothing runs at installation', () => {
    const all = names(manifest.dependencies).map((name) => `node_modules/${name}`)
    const installed = new Set(all.flatMap((place) => [place, ...brought(place)]))
    const scripted = [...installed].filter(
      (place) => 'hasInstallScript' in (lock.packages[place] ?? {}),
    )
    expect(scripted).toEqual([])
  })
})
