import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Transcript } from './run.ts'

/** What CPython answered when the records were made. */
export interface Records {
  /** The version, like `3.13.0`. */
  readonly python: string
  readonly transcripts: Readonly<Record<string, Transcript>>
}

const file = join(__dirname, '../fixtures/cpython-3.13.json')

export function readRecords(): Records {
  // the file is written by writeRecords() and nothing else
  return JSON.parse(readFileSync(file, 'utf8')) as Records
}

/** Writes ASCII only: what is not is escaped, so that the bytes survive every editor. */
export function writeRecords(records: Records): void {
  const text = JSON.stringify(records, null, 1).replace(
    /[\x7f-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  writeFileSync(file, `${text}\n`)
}
