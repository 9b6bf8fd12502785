import { statSync } from 'node:fs'
import type { CgiHandlerOptions } from '../../types/cgi.ts'
import { cgiOptionChecks } from '../handlers/cgi-checks.ts'
import type { CGIHTTPRequestHandler } from '../handlers/cgi.ts'
import { checkBoolean, checkKnown, checkTimer, defined, oneOf, toPath } from '../handlers/check.ts'
import { fileOptionChecks } from '../handlers/file-checks.ts'
import { resolveTrust } from '../handlers/forwarded.ts'
import { resolveLog } from '../handlers/log-options.ts'
import { reasonOf } from '../http/error.ts'

/** Values of the handler's fields. */
export type CgiHandlerFields = Partial<
  Omit<CGIHTTPRequestHandler, `do_${string}` | 'request' | 'response' | 'server'>
>

/** Checks by the names of options. */
const checks = {
  ...cgiOptionChecks,
  dotfiles: oneOf('allow', 'ignore'),
  fallthrough: checkBoolean,
  strict: checkBoolean,
  symlinks: fileOptionChecks.symlinks,
  timeout: checkTimer,
}

// Checked where they are made values of fields. As a record, so that none can be forgotten.
const elsewhere: Readonly<Record<Exclude<keyof CgiHandlerOptions, keyof typeof checks>, true>> = {
  directory: true,
  script: true,
  log: true,
  logFormat: true,
  logger: true,
  trustProxy: true,
}

/**
 * Checks the options of `cgiHandler()` and makes values of the handler's fields of them.
 *
 * @throws TypeError or RangeError naming the option
 */
export function normalizeCgiOptions(options: CgiHandlerOptions): CgiHandlerFields {
  checkKnown(options, { ...checks, ...elsewhere })
  const given: Readonly<Record<string, unknown>> = { ...options }
  for (const [name, check] of Object.entries(checks)) check(name, given[name])
  const sameNamed = Object.keys(cgiOptionChecks).map((name) => [name, given[name]] as const)
  const { interpreters, strict = false } = options
  return defined({
    ...(Object.fromEntries(sameNamed) as CgiHandlerFields),
    cgiScript: toScript(options.script),
    cgiTimeout: options.timeout,
    directory: toPath('directory', options.directory) ?? process.cwd(),
    dotfiles: options.dotfiles ?? (strict ? 'allow' : 'ignore'),
    fallthrough: options.fallthrough ?? false,
    interpreters: interpreters && lowerCased(interpreters),
    ...resolveLog(options, false),
    ...resolveTrust(options.trustProxy),
    stderr: options.stderr ?? true,
    strict,
    symlinks: options.symlinks,
  })
}

// --- Internal ---

function toScript(value: unknown): string | undefined {
  const script = toPath('script', value)
  if (script === undefined) return undefined
  let isFile: boolean
  try {
    isFile = statSync(script).isFile()
  } catch (error) {
    throw new RangeError(`option script: ${reasonOf(error)}`, { cause: error })
  }
  if (!isFile) throw new RangeError(`option script must name a file: ${script}`)
  return script
}

/** By extensions as `interpreterFor()` looks for them. */
function lowerCased(
  interpreters: NonNullable<CgiHandlerOptions['interpreters']>,
): NonNullable<CgiHandlerOptions['interpreters']> {
  return Object.fromEntries(
    Object.entries(interpreters).map(([extension, program]) => [extension.toLowerCase(), program]),
  )
}
