// Prints the files of a report that have failures, one a line.
import { hasFailed, readReport } from './reports.mjs'

const report = readReport(process.argv[2])
for (const file of report?.testResults ?? []) if (hasFailed(file)) console.log(file.name)
