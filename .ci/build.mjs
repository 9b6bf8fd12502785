// Compiles lib/ and types/ to dist/, then finishes the package: ESM face, declarations, executable command.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
const dist = new URL('dist/', root)
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

rmSync(dist, { recursive: true, force: true })
execFileSync(process.execPath, [tsc, '-p', fileURLToPath(new URL('tsconfig.build.json', root))], {
  stdio: 'inherit',
})
await import('./dist.mjs')
const bin = new URL('lib/cli/bin.js', dist)
if (existsSync(bin)) chmodSync(bin, 0o755)
