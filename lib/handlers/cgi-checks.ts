import type { CgiHandlerOptions } from '../../types/cgi.ts'
import type { LogOptions } from '../../types/logger.ts'
import type { ProxyOptions } from '../../types/proxy.ts'
import { parsePath } from '../cgi/path.ts'
import { resolveUser } from '../cgi/user.ts'
import {
  checkBoolean,
  checkPath,
  checkTimer,
  counts,
  isRecord,
  oneOf,
  type Check,
} from './check.ts'
import type { FieldChecks } from './fields.ts'
import { checkLog } from './log-options.ts'

const checkDirectories: Check = (name, value) => {
  if (value === undefined) return
  if (!Array.isArray(value) || !value.every(isDirectory)) {
    throw new TypeError(`option ${name} must be an array of paths that start with a slash`)
  }
}

const checkInterpreters: Check = (name, value) => {
  if (value === undefined) return
  if (!isRecord(value)) throw new TypeError(`option ${name} must be an object`)
  for (const [extension, program] of Object.entries(value)) {
    const words: readonly unknown[] = Array.isArray(program) ? program : [program]
    const good = words.length > 0 && words[0] !== '' && words.every(isText)
    if (!/^\.[^./\\]+$/.test(extension) || !good) {
      throw new TypeError(
        `option ${name} must map extensions such as ".py" to programs: ${extension}`,
      )
    }
  }
}

const checkEnvironment: Check = (name, value) => {
  // What a function returns is the app's own concern.
  if (value === undefined || typeof value === 'function') return
  if (!isRecord(value)) throw new TypeError(`option ${name} must be an object or a function`)
  for (const [variable, text] of Object.entries(value)) {
    if (!isName(variable) || (text !== undefined && !isText(text))) {
      throw new TypeError(`option ${name} must have names and strings: ${variable}`)
    }
  }
}

const checkNames: Check = (name, value) => {
  if (value === undefined || value === 'all') return
  if (!Array.isArray(value) || !value.every(isName)) {
    throw new TypeError(`option ${name} must be an array of names, or "all"`)
  }
}

const checkUser: Check = (name, value) => {
  if (value === undefined || value === false) return
  const number = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
  if (!number && (typeof value !== 'string' || value === '')) {
    throw new TypeError(`option ${name} must be a name, a number, "uid:gid" or false`)
  }
  resolveUser(value)
}

/** Options of `cgiHandler()` that become fields under the same names, and are no other handler's. */
type CgiOption = Exclude<
  keyof CgiHandlerOptions,
  | 'directory'
  | 'dotfiles'
  | 'fallthrough'
  | 'script'
  | 'strict'
  | 'symlinks'
  | 'timeout'
  | keyof LogOptions
  | keyof ProxyOptions
>

/** How such options are checked. */
export const cgiOptionChecks: Readonly<Record<CgiOption, Check>> = {
  acceptStatusLine: checkBoolean,
  cgiDirectories: checkDirectories,
  closeDelay: checkTimer,
  env: checkEnvironment,
  interpreters: checkInterpreters,
  maxBodySize: counts(0),
  maxConcurrent: counts(1),
  maxHeaderSize: counts(1),
  maxQueue: counts(0),
  passAuthorization: checkBoolean,
  passEnv: checkNames,
  spawnHelper: oneOf('auto', true, false),
  stderr: checkLog,
  totalTimeout: checkTimer,
  user: checkUser,
}

/** How the fields of `CGIHTTPRequestHandler` are checked. */
export const cgiChecks: FieldChecks = {
  ...cgiOptionChecks,
  cgiScript: checkPath,
  cgiTimeout: checkTimer,
}

// --- Internal ---

function isDirectory(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('/') && parsePath(value) !== undefined
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && /^[^=\0]+$/.test(value)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && !value.includes('\0')
}
