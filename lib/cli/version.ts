import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The package's version, from the nearest package.json. */
export function packageVersion(): string {
  let folder = __dirname
  for (;;) {
    const version = versionIn(join(folder, 'package.json'))
    if (version !== undefined) return version
    const parent = dirname(folder)
    if (parent === folder) return 'unknown'
    folder = parent
  }
}

function versionIn(file: string): string | undefined {
  try {
    const parsed = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string }
    return parsed.name === 'basehttp' ? parsed.version : undefined
  } catch {
    return undefined
  }
}
