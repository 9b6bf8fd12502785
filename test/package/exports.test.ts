import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import * as api from '../../lib/index.ts'

const root = join(__dirname, '../..')

/** Runs a program in the package's folder, where it can import itself by name. */
function run(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }).trim()
}

describe('the package', () => {
  it('exports these names', () => {
    expect(Object.keys(api).sort()).toMatchSnapshot()
  })

  it('gives require() and import the same classes', () => {
    const same = run(
      '--input-type=module',
      '-e',
      `import { createRequire } from 'node:module'
       import * as esm from 'basehttp'
       const cjs = createRequire(import.meta.url)('basehttp')
       const names = Object.keys(cjs)
       console.log(names.length > 0 && names.every((name) => cjs[name] === esm[name]))`,
    )
    expect(same).toBe('true')
  })

  it('does nothing when it is loaded', () => {
    const script = `
      require('basehttp')
      const own = process.getActiveResourcesInfo().filter((name) => !/^(Pipe|TTY)Wrap$/.test(name))
      console.log(JSON.stringify(own))`
    expect(run('-e', script)).toBe('[]')
  })
})
