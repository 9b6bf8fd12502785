// Compiles lib/ and types/ into dist/ and finishes the package there: ESM face, declarations, executable command.
// Made beside dist/ and moved into place, so that what runs from dist/ never sees half of it.
import { execFileSync } from 'node:child_process'
import { chmodSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { finish } from './dist.mjs'

const root = new URL('../', import.meta.url)
const dist = fileURLToPath(new URL('dist', root))
const made = `${dist}.${process.pid}`
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
const project = fileURLToPath(new URL('tsconfig.build.json', root))

try {
  execFileSync(process.execPath, [tsc, '-p', project, '--outDir', made], { stdio: 'inherit' })
  finish(pathToFileURL(`${made}/`))
  chmodSync(`${made}/lib/cli/bin.js`, 0o755)
  rmSync(dist, { recursive: true, force: true })
  renameSync(made, dist)
} finally {
  rmSync(made, { recursive: true, force: true })
}
