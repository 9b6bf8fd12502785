#!/usr/bin/env node
import { main } from './main.ts'

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => {
    // Whoever read it is gone (`--help | head -1`): what is printed is lost.
  })
}

void main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
}).then((code) => {
  process.exitCode = code
})
