import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { findPython } from '../helpers/python.ts'
import { bytesTree, corpusTree, makeTree, type Tree } from '../helpers/tree.ts'
import { corpus } from './corpus.ts'
import { deviations } from './deviations.ts'
import type { CorpusEntry, Expectation } from './entry.ts'
import { readRecords } from './records.ts'
import { runOurs, runPython, type Answers } from './reference.ts'
import { fold, separable, type Transcript } from './run.ts'

const byteNames = process.platform === 'linux'
const records = readRecords()
const python = findPython()
const entries = corpus.filter((entry) => byteNames || entry.needs === undefined)
const agreeing = entries.filter((entry) => entry.deviation === undefined)
const deviating = entries.filter((entry) => entry.deviation !== undefined)
const liveEntries = entries.filter((entry) => entry.python === undefined && isKnownTo(entry))

let tree: Tree
let ours: Answers
let live: Answers | undefined
let comparedLive = 0
let comparedRecorded = 0
let comparedDeviations = 0

beforeAll(async () => {
  tree = await makeTree(byteNames ? [...corpusTree, ...bytesTree] : corpusTree)
  ours = await runOurs(entries, tree.directory)
  if (python !== undefined) live = await runPython(python, liveEntries, tree.directory, true)
}, 120_000)

afterAll(async () => {
  await tree.remove()
  const reference = python === undefined ? 'no Python found' : `Python ${python.version}`
  process.stdout.write(
    `differential: ${comparedLive} requests compared live (${reference}), ` +
      `${comparedRecorded} with records of CPython ${records.python}, ` +
      `${comparedDeviations} deliberate deviations checked\n`,
  )
})

describe('strict answers and logs like CPython', () => {
  it.each(named(agreeing))('%s', (_name, entry) => {
    const transcript = seen(ours, entry)
    const record = records.transcripts[entry.name]
    expect(untyped(entry, transcript)).toEqual(untyped(entry, record))
    comparedRecorded++
    const reference = live?.transcripts.get(entry.name)
    expect(transcript).toEqual(reference === undefined ? transcript : shown(reference))
    if (reference !== undefined) comparedLive++
  })
})

describe('strict deviates from CPython only as written down', () => {
  it.each(named(deviating))('%s', (_name, entry) => {
    const transcript = seen(ours, entry)
    expect(transcript).toEqual(shown(expected(entry.expected)))
    expect(transcript).not.toEqual(records.transcripts[entry.name])
    comparedDeviations++
  })

  it('has an entry for each deviation', () => {
    const shownBy = new Set(corpus.map((entry) => entry.deviation))
    expect(Object.keys(deviations).filter((id) => !(shownBy as Set<unknown>).has(id))).toEqual([])
  })
})

describe('the corpus', () => {
  it('has names of its own for at least 300 requests', () => {
    expect(new Set(corpus.map((entry) => entry.name)).size).toBe(corpus.length)
    expect(corpus.length).toBeGreaterThanOrEqual(300)
  })

  it('has a record of every request that CPython answers', () => {
    const recorded = corpus.filter((entry) => entry.python === undefined)
    expect(Object.keys(records.transcripts).sort()).toEqual(
      recorded.map((entry) => entry.name).sort(),
    )
  })

  it('never lets our server log anything but log lines', () => {
    expect(ours.other).toEqual([])
  })

  it('has records that the live CPython agrees with', () => {
    const names = live === undefined ? [] : liveEntries
    const differing = names.filter((entry) => {
      const now = untyped(entry, live?.transcripts.get(entry.name))
      return JSON.stringify(now) !== JSON.stringify(untyped(entry, records.transcripts[entry.name]))
    })
    expect(differing.map((entry) => entry.name)).toEqual([])
  })
})

// --- Internal ---

function named(list: readonly CorpusEntry[]): [string, CorpusEntry][] {
  return list.map((entry) => [entry.name, entry])
}

/** Whether this machine's Python answers like 3.13. */
function isKnownTo(entry: CorpusEntry): boolean {
  if (python === undefined || entry.since === undefined) return true
  return Number(python.version.split('.')[1]) >= Number(entry.since.split('.')[1])
}

/** What can be compared: where log lines cannot be told apart by address, the response alone. */
function shown(transcript: Transcript): Partial<Transcript> {
  return separable ? transcript : { response: transcript.response }
}

function seen(answers: Answers, entry: CorpusEntry): Partial<Transcript> {
  const transcript = answers.transcripts.get(entry.name)
  if (transcript === undefined) throw new Error(`no transcript of ${entry.name}`)
  return shown(transcript)
}

const systemHasTypes = [
  '/etc/mime.types',
  '/etc/apache2/mime.types',
  '/etc/httpd/conf/mime.types',
  '/usr/local/etc/mime.types',
].some((file) => existsSync(file))

/** Records know CPython's own types only; where the system adds others, the type is left to the live comparison. */
function untyped(
  entry: CorpusEntry,
  transcript: Partial<Transcript> | undefined,
): Partial<Transcript> | undefined {
  if (transcript === undefined) return undefined
  const { response = '', log = [] } = transcript
  const typed = entry.systemTypes !== true || !systemHasTypes
  return {
    response: typed ? response : response.replace(/^Content-type: .*\r$/m, 'Content-type: …\r'),
    ...(separable ? { log } : {}),
  }
}

/** The transcript a deviating entry has to have. */
function expected(expectation: Expectation | undefined): Transcript {
  if (expectation === undefined) throw new Error('a deviation without an expectation')
  const parts = expectation.response.map((part) => {
    if (typeof part === 'string') return part
    const record = records.transcripts[part.like]
    if (record === undefined) throw new Error(`no record of ${part.like}`)
    return record.response
  })
  return { response: fold(parts.join('')), log: expectation.log.map(fold) }
}
