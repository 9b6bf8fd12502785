// Prints the suite's counts, and what it left out by name.
import { readFileSync } from 'node:fs'

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const left = report.testResults
  .flatMap((file) => file.assertionResults)
  .filter((test) => test.status === 'pending' || test.status === 'todo')
for (const test of left) console.log(`skipped: ${test.fullName}`)
// A file that fails to load has no test to count.
const failed = report.numFailedTests + report.numRuntimeErrorTestSuites
console.log(
  `${report.numPassedTests} passed, ${failed} failed${left.length > 0 ? `, ${left.length} skipped` : ''}`,
)
