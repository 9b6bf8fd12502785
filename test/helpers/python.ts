import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { RunningServer } from './process.ts'

/** A Python that can be the reference. */
export interface Python {
  readonly command: string
  /** Like `3.13.0`. */
  readonly version: string
  /** Whether it is a 3.13, whose bytes ours have to be. */
  readonly exact: boolean
}

/** What `python -m http.server` is started with. */
export interface PythonServerOptions {
  readonly directory: string
  readonly protocol?: string
  readonly cgi?: boolean
  /** Whether the system's mime.types count, as they do by default. */
  readonly systemTypes?: boolean
  /** A file for the log. Into a pipe, Python's threads write long lines through one another. */
  readonly logFile?: string
}

/**
 * Finds the reference: a 3.13 if there is any, otherwise the first of 3.12 and 3.11. `PYTHON` names one to use.
 * `undefined` without one; later versions write other pages and cannot be compared.
 */
export function findPython(): Python | undefined {
  const named = process.env['PYTHON']
  if (named !== undefined && named !== '') return inspect(named)
  let second: Python | undefined
  for (const command of candidates()) {
    const python = inspect(command)
    if (python?.exact === true) return python
    second ??= python
  }
  return second
}

/** Starts `python -m http.server` on a free port of 127.0.0.1 and waits until it listens. */
export function startPython(python: Python, options: PythonServerOptions): Promise<RunningServer> {
  const args = ['-m', 'http.server', '0', '-b', '127.0.0.1', '-d', options.directory]
  if (options.protocol !== undefined) args.push('-p', options.protocol)
  if (options.cgi === true) args.push('--cgi')
  const env = options.systemTypes === false ? { ...environment, ...ownTypes } : environment
  return new RunningServer(python.command, args, {
    env,
    ...(options.logFile === undefined ? {} : { stderrFile: options.logFile }),
  }).ready()
}

// --- Internal ---

const environment: Readonly<Record<string, string>> = {
  PYTHONUNBUFFERED: '1',
  PYTHONUTF8: '1',
  PYTHONDONTWRITEBYTECODE: '1',
  PYTHONWARNINGS: 'ignore',
}

/** Runs fixtures/python/sitecustomize.py, by which only Python's own table of types counts. */
const ownTypes = { PYTHONPATH: join(__dirname, '../fixtures/python') }

function* candidates(): Generator<string> {
  const versions = join(homedir(), '.pyenv/versions')
  const installed = existsSync(versions) ? readdirSync(versions) : []
  for (const minor of ['3.13', '3.12', '3.11']) {
    for (const version of installed.filter((name) => name.startsWith(`${minor}.`))) {
      yield join(versions, version, `bin/python${minor}`)
    }
    yield `python${minor}`
  }
  yield 'python3'
}

function inspect(command: string): Python | undefined {
  try {
    const program = 'import http.server, platform; print(platform.python_version())'
    const version = execFileSync(command, ['-c', program], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
    if (!/^3\.1[123]\./.test(version)) return undefined
    return { command, version, exact: version.startsWith('3.13.') }
  } catch {
    return undefined
  }
}
