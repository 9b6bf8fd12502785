import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { SpawnHelper } from '../../../lib/cgi/helper.ts'

it('waits for nobody at the other end of a pipe', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'basehttp-helper-'))
  const [stdin, stdout, content] = ['in', 'out', 'content'].map((name) => join(directory, name))
  execFileSync('mkfifo', [stdin ?? '', stdout ?? ''])
  writeFileSync(content ?? '', 'content')
  const helper = new SpawnHelper()
  try {
    const command = { file: '/bin/cat', args: [], env: {}, cwd: '/' }
    for (const input of [stdin, content]) {
      const streams = [input ?? null, stdout ?? null, null] as const
      const { exited } = await helper.start({ command, user: undefined, streams })
      // Nobody reads what it writes, if it has something to write.
      const signal = input === content ? 'SIGPIPE' : null
      expect(await exited).toEqual({ code: signal === null ? 0 : null, signal })
    }
  } finally {
    helper.stop()
    rmSync(directory, { recursive: true, force: true })
  }
})
