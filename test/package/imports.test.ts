import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import ts from 'typescript'

const root = join(__dirname, '../..')

/** The modules of the project that one imports, loads later by `require()`, or takes types from. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true)
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => join(dirname(file), fileName).replace(/(?:\.ts)?$/, '.ts'))
}

/** A way from a module back to itself for each group of modules that has one. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (file: string, way: readonly string[]): void => {
    const at = way.indexOf(file)
    if (at >= 0) found.push([...way.slice(at), file].join(' -> '))
    if (at >= 0 || done.has(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...way, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return found
}

describe('the modules', () => {
  const files = ['lib', 'types'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  )
  const graph = new Map(files.map((file) => [file, importsOf(file)]))

  it('are all found', () => {
    expect(files.length).toBeGreaterThan(100)
    expect([...graph.values()].flat().filter((file) => !graph.has(file))).toEqual([])
  })

  it('import each other in no circle, for types neither', () => {
    expect(circles(graph)).toEqual([])
  })
})

describe('circles', () => {
  it('are seen, however long and wherever they begin', () => {
    const graph = { a: ['b', 'c'], b: ['d'], c: ['d'], d: ['e'], e: ['c'], f: ['f'] }
    expect(circles(new Map(Object.entries(graph)))).toEqual(['d -> e -> c -> d', 'f -> f'])
  })
})
