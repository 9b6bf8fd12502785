// Prints what failed and what was left out, by name, and the counts: of the first report's tests, and the failures of all.
import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'

const [main, ...others] = process.argv.slice(2)
let failures = 0
let passed = 0
let skipped = 0

for (const file of [...others, main]) {
  const label = file === main ? '' : ` on Node ${basename(file, '.json')}`
  // A run that was stopped leaves no report.
  if (!existsSync(file)) {
    failures++
    console.log(`failed${label}: the tests did not come to their end`)
    continue
  }
  const report = JSON.parse(readFileSync(file, 'utf8'))
  for (const { name, message, assertionResults } of report.testResults) {
    // A file that fails to load has no test to count.
    if (assertionResults.length === 0)
      console.log(`failed${label}: ${basename(name)} ${message.split('\n')[0]}`)
    for (const { status, fullName } of assertionResults) {
      if (status === 'failed') console.log(`failed${label}: ${basename(name)}: ${fullName}`)
      else if (status !== 'passed') console.log(`skipped${label}: ${fullName}`)
    }
  }
  failures += report.numFailedTests + report.numRuntimeErrorTestSuites
  if (file === main) {
    passed = report.numPassedTests
    skipped = report.numPendingTests + report.numTodoTests
  } else
    console.log(
      `Node ${basename(file, '.json')}: ${report.numPassedTests} passed, ${report.numFailedTests} failed`,
    )
}
console.log(`${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = failures > 0 ? 1 : 0
