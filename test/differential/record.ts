import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findPython } from '../helpers/python.ts'
import { bytesTree, corpusTree, makeTree } from '../helpers/tree.ts'
import { corpus } from './corpus.ts'
import { writeRecords } from './records.ts'
import { runPython } from './reference.ts'
import { failed } from './run.ts'

const fixtures = join(__dirname, '../fixtures')

/** Runs the corpus against CPython 3.13 and writes what it answered, and its public names, to the fixtures. */
export async function record(): Promise<void> {
  const python = findPython()
  if (python?.exact !== true) throw new Error('Records come from CPython 3.13, which was not found')
  const names = execFileSync(python.command, ['-W', 'ignore', join(fixtures, 'python/names.py')])
  writeFileSync(join(fixtures, 'python-names.json'), names)
  const entries = corpus.filter((entry) => entry.python === undefined)
  const tree = await makeTree([...corpusTree, ...bytesTree])
  try {
    const answers = await runPython(python, entries, tree.directory, false)
    for (const entry of entries) {
      const response = answers.transcripts.get(entry.name)?.response
      if (response === undefined || response.startsWith(failed)) {
        process.stderr.write(`${entry.name}: ${String(response)}\n`)
      }
      if (entry.deviation === undefined && answers.raised.has(entry.name)) {
        process.stderr.write(`traceback, but no deviation: ${entry.name}\n`)
      }
    }
    writeRecords({ python: python.version, transcripts: Object.fromEntries(answers.transcripts) })
    process.stdout.write(`${entries.length} of ${corpus.length} recorded from ${python.version}\n`)
  } finally {
    await tree.remove()
  }
}
