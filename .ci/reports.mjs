import { existsSync, readFileSync } from 'node:fs'

/** Jest's report in a file; `undefined` if the run did not come to its end. */
export function readReport(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

/** Whether a file of tests has a failure, be it that it does not load. */
export function hasFailed({ status, assertionResults }) {
  return status === 'failed' || assertionResults.some((test) => test.status === 'failed')
}
