import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll } from '@jest/globals'
import { startCli } from './cli.ts'
import type { RunningServer, StartOptions } from './process.ts'

/** A folder with `a.txt` and the commands that serve it; both go after the tests of the suite. */
export interface CliSite {
  readonly folder: string
  /** A path in a folder beside it. */
  path(name: string): string
  /** Starts the command on a free port of 127.0.0.1. */
  start(args?: readonly string[], options?: StartOptions): Promise<RunningServer>
}

/** Makes a {@link CliSite} for the suite it is called in. */
export function cliSite(): CliSite {
  let root = ''
  const started = new Set<RunningServer>()
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'basehttp-site-'))
    writeFileSync(join(root, 'a.txt'), 'hello\n')
  })
  afterEach(async () => {
    for (const server of started) await server.stop('SIGKILL')
    started.clear()
  })
  afterAll(() => {
    rmSync(root, { recursive: true })
  })
  return {
    get folder() {
      return root
    },
    path: (name) => join(root, name),
    start: async (args = [], options = {}) => {
      const server = await startCli(['0', '-b', '127.0.0.1', '-d', root, ...args], options)
      started.add(server)
      return server
    },
  }
}
