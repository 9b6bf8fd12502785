import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** Finishes the CommonJS build in a folder: an ESM face for the entry, and `.js` specifiers in declarations. */
export function finish(dist) {
  const entry = fileURLToPath(new URL('lib/index.js', dist))
  // One copy of every class for both module systems: the ESM face re-exports what CommonJS has made.
  const names = Object.keys(createRequire(import.meta.url)(entry)).sort()
  writeFileSync(
    new URL('lib/index.mjs', dist),
    `import api from './index.js'\nexport const { ${names.join(', ')} } = api\n`,
  )
  writeFileSync(new URL('lib/index.d.mts', dist), `export * from './index.js'\n`)
  for (const name of readdirSync(dist, { recursive: true })) {
    if (!name.endsWith('.d.ts')) continue
    const file = new URL(name, dist)
    // tsc leaves './x.ts' in declarations: microsoft/TypeScript#61037
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace(/((?:from |import\()'\.[^']*)\.ts'/g, "$1.js'"))
  }
}
