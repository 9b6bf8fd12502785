import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, it } from '@jest/globals'

const run = promisify(execFile)

/** Where a program is; `undefined` if it is not installed. */
export function findTool(name: string): string | undefined {
  if (name.includes('/')) return existsSync(name) ? name : undefined
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/**
 * A suite that needs a program. Where that is not installed the summary says so by name; a run of CI fails, since it
 * has to have everything.
 *
 * @param names - the programs, by name or path
 */
export function describeWith(names: readonly string[], title: string, suite: () => void): void {
  const missing = names.filter((name) => findTool(name) === undefined)
  if (missing.length === 0) {
    describe(title, suite)
    return
  }
  const reason = `needs ${missing.join(' and ')}, not installed here`
  describe(title, () => {
    if (process.env['CI'] === undefined) it.todo(reason)
    else {
      it(reason, () => {
        throw new Error(`CI ${reason}`)
      })
    }
  })
}

/**
 * Runs a program to its end and gives what it printed; rejects with that if it fails. The event loop goes on, so that
 * the program may talk to a server of the test.
 */
export async function runTool(
  command: string,
  args: readonly string[],
  options: {
    readonly cwd?: string
    readonly env?: Readonly<Record<string, string | undefined>>
    readonly uid?: number
    readonly gid?: number
  } = {},
): Promise<string> {
  const env = { ...process.env, ...options.env }
  const { stdout } = await run(command, args, { ...options, env, maxBuffer: 64 * 1024 * 1024 })
  return stdout
}
