import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, it } from '@jest/globals'

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

/** Runs a program to its end and gives what it printed; throws with that if it fails. */
export function runTool(
  command: string,
  args: readonly string[],
  options: {
    readonly cwd?: string
    readonly env?: Readonly<Record<string, string | undefined>>
    readonly uid?: number
    readonly gid?: number
  } = {},
): string {
  const { stdout, stderr, status, error } = spawnSync(command, args, {
    encoding: 'utf8',
    ...options,
    env: { ...process.env, ...options.env },
  })
  if (status !== 0) {
    const reason = error?.message ?? `status ${status ?? 'none'}`
    throw new Error(`${command} ${args.join(' ')}: ${reason}\n${stdout}\n${stderr}`)
  }
  return stdout
}
