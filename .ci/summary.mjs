// Prints what failed, what passed at its second run only and what was left out, by name; then the counts: of the first
// run's tests, and the failures of all runs. A run is the name of its report without `.json`; `.again.json` is the
// report of its second try.
import { basename } from 'node:path'
import { hasFailed, readReport } from './reports.mjs'

const [main, ...others] = process.argv.slice(2)
const counts = new Map()

for (const run of [...others, main]) {
  const label = run === main ? '' : ` on Node ${basename(run)}`
  counts.set(run, count(run, label))
  const { passed, failed } = counts.get(run)
  if (run !== main) console.log(`Node ${basename(run)}: ${passed} passed, ${failed} failed`)
}
const { passed, skipped } = counts.get(main)
const failed = [...counts.values()].reduce((sum, each) => sum + each.failed, 0)
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = failed > 0 ? 1 : 0

// --- Internal ---

function count(run, label) {
  const total = { passed: 0, failed: 0, skipped: 0 }
  const report = readReport(`${run}.json`)
  if (report === undefined) {
    console.log(`failed${label}: the tests did not come to their end`)
    return { ...total, failed: 1 }
  }
  const again = new Map(
    readReport(`${run}.again.json`)?.testResults.map((file) => [file.name, file]),
  )
  for (const first of report.testResults) {
    const file = (hasFailed(first) && again.get(first.name)) || first
    const firstly = new Map(first.assertionResults.map((test) => [test.fullName, test.status]))
    // A file that fails to load has no test to count.
    if (file.assertionResults.length === 0 && hasFailed(file)) {
      total.failed++
      console.log(`failed${label}: ${basename(file.name)} ${file.message.split('\n')[0]}`)
    }
    for (const { status, fullName } of file.assertionResults) {
      const name = `${label}: ${basename(file.name)}: ${fullName}`
      if (status === 'passed') {
        total.passed++
        if (firstly.get(fullName) === 'failed') console.log(`passed at the second run${name}`)
      } else if (status === 'failed') {
        total.failed++
        console.log(`failed${name}`)
      } else {
        total.skipped++
        console.log(`skipped${name}`)
      }
    }
  }
  return total
}
