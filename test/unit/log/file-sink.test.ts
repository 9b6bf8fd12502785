import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { LogFile } from '../../../lib/log/file-sink.ts'

// Only a process of its own can exit.
const built = join(__dirname, '../../../dist/lib/log/file-sink.js')

let directory: string
let path: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'basehttp-log-'))
  path = join(directory, 'access.log')
})

afterEach(() => {
  jest.restoreAllMocks()
  rmSync(directory, { recursive: true, force: true })
})

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const read = (file = path): string => readFileSync(file, 'utf8')

describe('LogFile', () => {
  it('appends all lines in order', async () => {
    const log = new LogFile(path)
    const lines = Array.from({ length: 5000 }, (_, i) => `line ${i}\n`)
    for (const [i, line] of lines.entries()) {
      log.write(line)
      // Some while others are being written.
      if (i % 1000 === 0) await nextTurn()
    }
    await log.close()
    expect(read()).toBe(lines.join(''))
    log.write('late\n')
    log.reopen()
    await log.close()
    expect(read()).toBe(lines.join(''))
  })

  it('is for its owner and group', async () => {
    await new LogFile(path).close()
    expect(statSync(path).mode & 0o007).toBe(0)
  })

  it('goes on in a new file after a rename', async () => {
    const log = new LogFile(path)
    log.write('one\n')
    await nextTurn()
    renameSync(path, `${path}.1`)
    // The first line is on its way to the old file.
    log.reopen()
    log.write('two\n')
    await log.close()
    expect(read(`${path}.1`)).toBe('one\n')
    expect(read()).toBe('two\n')
  })

  it('notices a rename by itself, looking once a second', async () => {
    let now = 0
    jest.spyOn(Date, 'now').mockImplementation(() => now)
    const log = new LogFile(path)
    renameSync(path, `${path}.1`)
    now = 999
    log.write('old\n')
    await nextTurn()
    now = 1000
    log.write('new\n')
    while (!existsSync(path)) await nextTurn()
    await log.close()
    expect(read(`${path}.1`)).toBe('old\n')
    expect(read()).toBe('new\n')
  })

  it('keeps the old file if there can be no new one', async () => {
    const log = new LogFile(path)
    const moved = `${directory}.moved`
    renameSync(directory, moved)
    log.reopen()
    log.write('still here\n')
    await log.close()
    expect(read(join(moved, 'access.log'))).toBe('still here\n')
    rmSync(moved, { recursive: true })
  })

  it('throws if it cannot be opened', () => {
    expect(() => new LogFile(join(directory, 'missing', 'a.log'))).toThrow(/ENOENT/)
  })

  it('writes everything, in order, when the process exits', () => {
    const program = `
      const { LogFile } = require(${JSON.stringify(built)})
      const log = new LogFile(${JSON.stringify(path)})
      log.write('x'.repeat(20e6) + '\\n')
      setImmediate(() => setImmediate(() => { log.write('last\\n'); process.exit() }))`
    execFileSync(process.execPath, ['-e', program])
    expect(read().slice(-7)).toBe('x\nlast\n')
    expect(statSync(path).size).toBe(20e6 + 6)
  })
})
