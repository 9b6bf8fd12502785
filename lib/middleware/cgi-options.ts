import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CgiHandlerOptions } from '../../types/cgi.ts'
import { resolveUser } from '../cgi/user.ts'
import type { CGIHTTPRequestHandler } from '../handlers/cgi.ts'
import {
  checkBoolean,
  checkCount,
  checkLog,
  checkTimer,
  resolveLog,
  resolveTrust,
} from '../handlers/options.ts'

/** Values of the handler's fields. */
export type CgiHandlerFields = Partial<
  Omit<CGIHTTPRequestHandler, `do_${string}` | 'request' | 'response' | 'server'>
>

const booleans = ['acceptStatusLine', 'fallthrough', 'passAuthorization', 'strict'] as const
const durations = ['timeout', 'totalTimeout', 'closeDelay'] as const

/**
 * Checks the options of `cgiHandler()` and makes values of the handler's fields of them. Unknown ones are dropped.
 *
 * @throws TypeError or RangeError naming the option
 */
export function normalizeCgiOptions(options: CgiHandlerOptions): CgiHandlerFields {
  for (const name of booleans) checkBoolean(name, options[name])
  for (const name of durations) checkTimer(name, options[name])
  checkCount('maxConcurrent', options.maxConcurrent, 1)
  checkCount('maxQueue', options.maxQueue)
  checkCount('maxHeaderSize', options.maxHeaderSize, 1)
  checkCount('maxBodySize', options.maxBodySize)
  checkLog(options.stderr)
  checkUser(options.user)
  return defined({
    acceptStatusLine: options.acceptStatusLine,
    cgiDirectories: toDirectories(options.cgiDirectories),
    cgiScript: toPath('script', options.script),
    cgiTimeout: options.timeout,
    closeDelay: options.closeDelay,
    directory: toPath('directory', options.directory) ?? process.cwd(),
    dotfiles:
      oneOf('dotfiles', options.dotfiles, ['allow', 'ignore']) ??
      (options.strict === true ? 'allow' : 'ignore'),
    env: toEnvironment(options.env),
    fallthrough: options.fallthrough ?? false,
    interpreters: toInterpreters(options.interpreters),
    ...resolveLog(options, false),
    ...resolveTrust(options.trustProxy),
    maxBodySize: options.maxBodySize,
    maxConcurrent: options.maxConcurrent,
    maxHeaderSize: options.maxHeaderSize,
    maxQueue: options.maxQueue,
    passAuthorization: options.passAuthorization,
    passEnv: toNames(options.passEnv),
    spawnHelper: oneOf('spawnHelper', options.spawnHelper, ['auto', true, false]),
    stderr: options.stderr ?? true,
    strict: options.strict ?? false,
    symlinks: oneOf('symlinks', options.symlinks, ['follow', 'inside', 'deny']),
    totalTimeout: options.totalTimeout,
    user: options.user,
  })
}

// --- Internal ---

/** Leaves out what is not set, so that the handler's own defaults stay. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  // The filter has taken out what the type says is not there.
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

function oneOf<const T extends string | boolean>(
  name: string,
  value: T | undefined,
  allowed: readonly T[],
): T | undefined {
  if (value === undefined || allowed.includes(value)) return value
  const names = allowed.map((one) => (typeof one === 'string' ? `"${one}"` : String(one)))
  throw new TypeError(`option ${name} must be ${names.join(', ')}`)
}

function toPath(name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (value instanceof URL) return resolve(fileURLToPath(value))
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return resolve(value)
  throw new TypeError(`option ${name} must be a path or a file URL`)
}

function toDirectories(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined
  const list: unknown[] = Array.isArray(value) ? value : [undefined]
  const good = list.every((item) => typeof item === 'string' && item.startsWith('/'))
  if (good) return list as string[]
  throw new TypeError('option cgiDirectories must be an array of paths that start with a slash')
}

function toInterpreters(value: unknown): CgiHandlerFields['interpreters'] | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null) {
    throw new TypeError('option interpreters must be an object')
  }
  const entries = Object.entries(value).map(([extension, program]: [string, unknown]) => {
    const words: unknown[] = Array.isArray(program) ? program : [program]
    const good = words.every((word) => typeof word === 'string' && !word.includes('\0'))
    if (!extension.startsWith('.') || !good || words.length === 0 || words[0] === '') {
      throw new TypeError(
        `option interpreters must map extensions such as ".py" to programs: ${extension}`,
      )
    }
    return [extension.toLowerCase(), words as string[]] as const
  })
  return Object.fromEntries(entries)
}

function toEnvironment(value: unknown): CgiHandlerFields['env'] | undefined {
  if (value === undefined) return undefined
  // What it returns is the app's own concern.
  if (typeof value === 'function') return value as CgiHandlerFields['env']
  if (typeof value !== 'object' || value === null) {
    throw new TypeError('option env must be an object or a function')
  }
  for (const [name, text] of Object.entries(value) as [string, unknown][]) {
    if (!isName(name) || (text !== undefined && !isText(text))) {
      throw new TypeError(`option env must have names and strings: ${name}`)
    }
  }
  return value as CgiHandlerFields['env']
}

function toNames(value: unknown): readonly string[] | 'all' | undefined {
  if (value === undefined || value === 'all') return value
  const list: unknown[] = Array.isArray(value) ? value : [undefined]
  if (list.every((item) => isName(item))) return list
  throw new TypeError('option passEnv must be an array of names, or "all"')
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[^=\0]+$/.test(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0')
}

function checkUser(value: unknown): void {
  if (value === undefined || value === false) return
  const number = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
  if (!number && (typeof value !== 'string' || value === '')) {
    throw new TypeError('option user must be a name, a number, "uid:gid" or false')
  }
  resolveUser(value)
}
