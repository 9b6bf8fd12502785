#!/usr/bin/env node
import { main } from './main.ts'

void main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
}).then((code) => {
  process.exitCode = code
})
