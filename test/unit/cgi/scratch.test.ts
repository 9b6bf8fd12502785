import { spawnSync } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { ownName, removeStale } from '../../../lib/cgi/scratch-owner.ts'

let parent = ''

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'basehttp-scratch-'))
})

afterEach(() => {
  rmSync(parent, { recursive: true })
})

function make(name: string): string {
  mkdirSync(join(parent, name))
  writeFileSync(join(parent, name, '0'), 'content')
  return name
}

/** The parts of this process's name. */
function parts(): { space: string; pid: string; start: string } {
  const [, space = '', pid = '', start = ''] =
    /^basehttp-cgi-([\w.]+)-(\d+)-(\d+)-$/.exec(ownName()) ?? []
  return { space, pid, start }
}

const ended = (): number => spawnSync(process.execPath, ['-e', '0']).pid

describe('Directories that processes have left', () => {
  it('are removed when those have ended', async () => {
    const { space } = parts()
    make(`basehttp-cgi-${space}-${ended()}-1-abc`)
    await removeStale(parent)
    expect(readdirSync(parent)).toEqual([])
  })

  it('are left as long as those run', async () => {
    const names = [make(`${ownName()}abc`)]
    const { space, pid } = parts()
    // Where it cannot be told when a process was started.
    names.push(make(`basehttp-cgi-${space}-${pid}-0-abc`))
    await removeStale(parent)
    expect(readdirSync(parent).sort()).toEqual(names.sort())
  })

  it('are removed when another process has their number now, where that can be told', async () => {
    const { space, pid, start } = parts()
    make(`basehttp-cgi-${space}-${pid}-${Number(start) + 1}-abc`)
    await removeStale(parent)
    expect(readdirSync(parent)).toHaveLength(existsSync('/proc/self/stat') ? 0 : 1)
  })

  it('are left if they may be another container’s or machine’s, or nobody’s', async () => {
    const { space } = parts()
    const pid = ended()
    const names = [
      make(`basehttp-cgi-${space}1-${pid}-1-abc`),
      make('basehttp-cgi-abcdef'),
      make(`other-${space}-${pid}-1-abc`),
      make(`basehttp-cgi-other.${space}-${pid}-1-abc`),
    ]
    const link = `basehttp-cgi-${space}-${pid}-1-link`
    symlinkSync(names[2] ?? '', join(parent, link))
    await removeStale(parent)
    expect(readdirSync(parent).sort()).toEqual([...names, link].sort())
    expect(readdirSync(join(parent, names[2] ?? ''))).toEqual(['0'])
  })

  it('are left if they are another user’s', async () => {
    const name = make(`basehttp-cgi-${parts().space}-${ended()}-1-abc`)
    // Only root can give something away; for others it stays their own.
    const isRoot = process.getuid?.() === 0
    if (isRoot) chownSync(join(parent, name), 12345, 12345)
    await removeStale(parent)
    expect(readdirSync(parent)).toEqual(isRoot ? [name] : [])
  })

  it('are nobody’s business where there is no such place', async () => {
    await expect(removeStale(join(parent, 'none'))).resolves.toBeUndefined()
  })
})
