import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from '@jest/globals'

const run = promisify(execFile)
const script = join(__dirname, 'run.mjs')

describe('fuzzing', () => {
  it.each(['wire', 'cgi', 'text'])(
    'finds nothing in the corpus of %s, and near it',
    async (name) => {
      const args = ['--target', name, '--seconds', '1', '--seed', '1']
      const { stdout } = await run(process.execPath, [script, ...args])
      expect(stdout).toMatch(new RegExp(`^${name}: [1-9]\\d* inputs, .* corpus [1-9]\\d*`))
    },
  )

  it('tells of a wrong command line', async () => {
    await expect(run(process.execPath, [script, '--target', 'none'])).rejects.toMatchObject({
      code: 2,
    })
  })
})
