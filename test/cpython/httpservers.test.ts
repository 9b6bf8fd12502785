import { execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { HTTPServer } from '../../lib/server/http-server.ts'
import { findPython } from '../helpers/python.ts'
import { cases } from './cases.ts'
import { handlers, shared } from './handlers.ts'

/** What became of CPython's tests, by their ids. */
interface Outcome {
  readonly run: number
  readonly failed: Readonly<Record<string, string>>
  readonly skipped: Readonly<Record<string, string>>
}

const names = Object.entries(cases).flatMap(([suite, tests]) =>
  tests.map((test) => `${suite}.${test}`),
)

/** The server that the tests talk to, and what they ask of it. */
class Remote {
  outcome: Outcome | undefined
  readonly #log: string[] = []
  #server: HTTPServer | undefined

  async do(command: string, argument: unknown): Promise<unknown> {
    switch (command) {
      case 'start': {
        const Handler = handlers[String(argument)]
        if (Handler === undefined) throw new Error(`no handler for ${String(argument)}`)
        const server = new HTTPServer(['127.0.0.1', 0], Handler, {
          strict: true,
          log: (line) => this.#log.push(line),
        })
        this.#log.length = 0
        this.#server = await server.listen()
        return server.serverPort
      }
      case 'stop':
        await this.#server?.shutdown()
        return shared.handled
      case 'log':
        return this.#log.splice(0)
      case 'directory':
        shared.directory = String(argument)
        return null
      case 'cgiDirectories':
        shared.cgiDirectories = argument as string[]
        return null
      case 'setEnvironment': {
        const [name, value] = argument as [string, string]
        process.env[name] = value
        return null
      }
      case 'environment':
        return process.env[String(argument)]
      case 'end':
        this.outcome = argument as Outcome
        return null
      default:
        throw new Error(`unknown command ${command}`)
    }
  }
}

/** Runs the tests to their end. */
async function runTests(command: string): Promise<Outcome> {
  const python = spawn(command, [join(__dirname, 'httpservers.py'), ...names], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PYTHONUTF8: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONWARNINGS: 'ignore',
    },
  })
  const remote = new Remote()
  for await (const line of createInterface({ input: python.stdout })) {
    const [name, argument] = JSON.parse(line) as [string, unknown]
    python.stdin.write(`${JSON.stringify(await remote.do(name, argument))}\n`)
  }
  if (remote.outcome === undefined) throw new Error('Python has ended before its tests')
  return remote.outcome
}

/** A Python 3.13 that has its tests, which some systems have a package of their own for. */
function findTests(): string | undefined {
  const python = findPython()
  if (python?.exact !== true) return undefined
  try {
    execFileSync(python.command, ['-c', 'import test.test_httpservers'], { stdio: 'ignore' })
    return python.command
  } catch {
    return undefined
  }
}

const python = findTests()

describe("CPython's own tests of http.server", () => {
  if (python === undefined) {
    // Debian has no 3.13; the transcripts of test/differential are compared everywhere.
    it.todo('needs a Python 3.13 with its test package, not found here')
    return
  }
  let outcome: Outcome

  beforeAll(async () => {
    outcome = await runTests(python)
  })

  it('are all run', () => {
    expect(names).toHaveLength(61)
    expect(outcome).toMatchObject({ run: 61, skipped: {} })
  })

  it.each(names)('%s', (name) => {
    const ids = Object.keys(outcome.failed).filter((id) => id.split(' ')[0]?.endsWith(`.${name}`))
    expect(ids.map((id) => outcome.failed[id])).toEqual([])
  })
})
