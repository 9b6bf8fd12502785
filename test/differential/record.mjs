// Writes test/fixtures/cpython-3.13.json anew, from the CPython 3.13 of this machine: npm run record
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
require('ts-node').register({
  transpileOnly: true,
  // ts-node takes `declaration` out, which this one needs
  compilerOptions: { isolatedDeclarations: false },
})
await require('./record.ts').record()
