import type { IncomingMessage } from 'node:http'
import { searchWords, strictWords } from '../cgi/argv.ts'
import type { Program } from '../cgi/command.ts'
import { shebangOf } from '../cgi/diagnose.ts'
import {
  inheritedEnvironment,
  requestEnvironment,
  type Environment,
  type RequestFacts,
  type ScriptFacts,
} from '../cgi/environment.ts'
import { interpreterFor, windowsInterpreter, type Interpreters } from '../cgi/interpreter.ts'
import { percentDecode, toOctets } from '../cgi/octets.ts'
import type { Script } from '../cgi/script.ts'
import { strictEnvironment } from '../cgi/strict-environment.ts'
import type { ScriptEnvironment } from '../../types/cgi.ts'
import { octetsToPath, pathToOctets, translateOctets } from './cgi-translate.ts'

/** What of a handler decides how a script is started. */
export interface ProgramHandler {
  readonly request: IncomingMessage
  readonly strict: boolean
  readonly protocolVersion: string
  readonly interpreters: Interpreters
  readonly env: ScriptEnvironment
  readonly passEnv: readonly string[] | 'all'
  translatePath(path: string): string
}

/**
 * Makes of a script and its request a program to start.
 *
 * @returns `undefined` if nothing here can run it, which happens only on Windows
 */
export async function makeProgram(
  handler: ProgramHandler,
  script: Script,
  facts: RequestFacts,
): Promise<Program | undefined> {
  const { strict, request } = handler
  const interpreter = await interpreterOf(script.file, handler.interpreters)
  if (interpreter === undefined) return undefined
  const own = typeof handler.env === 'function' ? await handler.env(request) : handler.env
  const known = scriptFacts(handler, script)
  const variables = strict
    ? strictEnvironment(facts, known, {
        serverName: facts.server.name,
        protocolVersion: handler.protocolVersion,
      })
    : requestEnvironment(facts, known)
  return {
    file: script.file,
    interpreter: interpreter.map(toOctets),
    words: strict ? strictWords(facts.query) : searchWords(facts.method, facts.query),
    environment: merge(inheritedEnvironment(process.env, handler.passEnv), variables, own),
    // CPython leaves a script where the server is.
    cwd: strict ? toOctets(process.cwd()) : undefined,
  }
}

// --- Internal ---

async function interpreterOf(
  file: string,
  interpreters: Interpreters,
): Promise<readonly string[] | undefined> {
  const chosen = interpreterFor(file, interpreters)
  if (chosen !== undefined) return chosen
  return process.platform === 'win32' ? windowsInterpreter(file, await shebangOf(file)) : []
}

function scriptFacts(handler: ProgramHandler, script: Script): ScriptFacts {
  const translate = (path: string): string => handler.translatePath(path)
  const root = translateOctets(translate, '/') ?? '/'
  return {
    ...script,
    documentRoot: root.length > 1 ? root.replace(/\/$/, '') : root,
    pathTranslated: handler.strict
      ? // As a path of its own it is decoded once more.
        pathToOctets(handler.translatePath(octetsToPath(percentDecode(script.pathInfo))))
      : translateOctets(translate, script.pathInfo),
  }
}

function merge(
  inherited: Environment,
  variables: Environment,
  own: Readonly<Record<string, string | undefined>>,
): Environment {
  // The first is made anew for each script.
  const merged = Object.assign(inherited, variables)
  for (const [name, value] of Object.entries(own)) {
    if (value === undefined) Reflect.deleteProperty(merged, name)
    else merged[name] = toOctets(value)
  }
  return merged
}
