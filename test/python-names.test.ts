import { readdirSync, readFileSync } from 'node:fs'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import * as api from '../lib/index.ts'

interface Row {
  readonly python: string
  /** Our name; `undefined` where there is none. */
  readonly ours: string | undefined
  readonly notes: string
}

const root = join(__dirname, '..')
// the file is written by test/differential/record.ts from CPython's own lists
const recorded = JSON.parse(
  readFileSync(join(root, 'test/fixtures/python-names.json'), 'utf8'),
) as Record<string, readonly string[]>
const tables = readTables(readFileSync(join(root, 'docs/python.md'), 'utf8'))
const source = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(root, 'lib', name), 'utf8'))
  .join('\n')

/** Names that the rule does not give, each explained in its row. */
const renamed: Readonly<Record<string, string>> = { test: 'serve' }

describe.each(Object.entries(recorded))('docs/python.md on %s', (section, names) => {
  const rows = tables.get(section === 'module' ? 'Module' : section) ?? []
  const exists = presence(section)

  it('lists the names that CPython has and no other', () => {
    expect(rows.map((row) => row.python).sort()).toEqual([...names].sort())
  })

  it('names ours by the rule', () => {
    const present = rows.filter((row) => row.ours !== undefined)
    expect(present.map((row) => row.ours)).toEqual(present.map((row) => byRule(row.python)))
  })

  it('names only what there is', () => {
    const ours = rows.flatMap((row) => row.ours ?? [])
    expect(ours.filter((name) => !exists(name))).toEqual([])
  })

  it('calls absent only what is absent, and says why', () => {
    const absent = rows.filter((row) => row.ours === undefined)
    expect(absent.filter((row) => row.notes === '').map((row) => row.python)).toEqual([])
    expect(absent.filter((row) => exists(byRule(row.python))).map((row) => row.python)).toEqual([])
  })

  it('can be searched for in the documentation of our members', () => {
    const present = rows.filter((row) => row.ours !== undefined && /^[a-z]/.test(row.python))
    const missing = present.filter((row) => !isMentioned(row.python))
    expect(missing.map((row) => row.python)).toEqual([])
  })
})

// --- Internal ---

function byRule(python: string): string {
  if (Object.hasOwn(renamed, python)) return renamed[python] ?? python
  if (python.startsWith('do_') || /^[A-Z]/.test(python)) return python
  return python.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** Whether a `Python: …` line of the source has the name in code marks. */
function isMentioned(python: string): boolean {
  return new RegExp(`Python: [^\\n]*\`(?:http\\.server\\.)?${python}\``).test(source)
}

/** Tells whether a class of ours, or the package, has a name. */
function presence(section: string): (name: string) => boolean {
  if (section === 'module') return (name) => Object.hasOwn(api, name)
  const instance = make(section)
  return (name) => name in instance
}

function make(section: string): object {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  switch (section) {
    case 'HTTPMessage':
      return new api.HTTPMessage([])
    case 'HTTPServer':
    case 'ThreadingHTTPServer':
      return new api[section](['127.0.0.1', 0], api.BaseHTTPRequestHandler)
    case 'BaseHTTPRequestHandler':
    case 'SimpleHTTPRequestHandler':
    case 'CGIHTTPRequestHandler':
      return new api[section](request, response)
    default:
      throw new Error(`nothing to look at for ${section}`)
  }
}

/** The tables of a document by their headings. */
function readTables(markdown: string): Map<string, Row[]> {
  const found = new Map<string, Row[]>()
  let rows: Row[] = []
  for (const line of markdown.split('\n')) {
    const heading = /^## (.+)$/.exec(line)?.[1]
    if (heading !== undefined) {
      rows = []
      found.set(heading, rows)
    }
    const cells = /^\| `(\w+)`\s*\| (?:`(\w+)`|absent)\s*\|\s*(.*?)\s*\|$/.exec(line)
    if (cells !== null) rows.push({ python: cells[1] ?? '', ours: cells[2], notes: cells[3] ?? '' })
  }
  return found
}
