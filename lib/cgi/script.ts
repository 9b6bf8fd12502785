import type { Stats } from 'node:fs'
import { joinPath, type RequestPath } from './path.ts'
import { statNow, statRecently } from './stat-memo.ts'

/** A path that belongs to CGI: the CGI directory it is in and what follows. All octets. */
export interface CgiPath {
  /** Segments of the CGI directory. */
  readonly directory: readonly string[]
  /** Segments after it; the last is empty if the path ends in a slash. */
  readonly rest: readonly string[]
}

/** A program that answers a request. All octets. */
export interface Script {
  /** Its decoded path in URLs, without a mount. */
  readonly name: string
  /** Its file. */
  readonly file: string
  /** What followed the name, from its slash on; `''` if nothing did. */
  readonly pathInfo: string
}

/** What a path leads to: a script to run, or why there is none. */
export type ScriptOutcome =
  | { readonly kind: 'script'; readonly script: Script }
  | { readonly kind: 'missing' | 'hidden' | 'notFile' | 'notExecutable'; readonly name: string }

/** How names become files, and which of these may run. */
export interface ScriptRules {
  /** Maps a decoded path to a file, octets to octets; `undefined` if it can name none. */
  translate(path: string): string | undefined
  /** Whether a file that exists may be run. */
  mayRun(file: string): boolean
  /** Whether a name below the CGI directory is to be as if it were not there. */
  hides(segments: readonly string[]): boolean
  /** Whether the links on the way to a file may be followed. */
  permits(file: string, stats: Stats): Promise<boolean>
}

/**
 * Decides whether a path belongs to CGI. It does if it is in one of the directories, or is one itself; whatever it then
 * leads to, it is never served as a file.
 *
 * @param path - the request's path
 * @param directories - segments of each CGI directory; none for the root, which owns every path
 * @param options - `strict` leaves a directory without slash at its end to the file handler, as CPython does;
 * `ignoreCase` compares as file systems do that ignore it
 */
export function splitCgiPath(
  path: RequestPath,
  directories: readonly (readonly string[])[],
  options: { readonly strict?: boolean; readonly ignoreCase?: boolean } = {},
): CgiPath | undefined {
  const fold = (name: string): string => (options.ignoreCase === true ? name.toLowerCase() : name)
  const { segments } = path
  const matching = directories.filter(
    (directory) =>
      directory.length <= segments.length &&
      directory.every((name, index) => fold(name) === fold(segments[index] ?? '')),
  )
  const length = Math.min(...matching.map((directory) => directory.length))
  if (length === Infinity) return undefined
  const rest = segments.slice(length)
  if (path.slash || (rest.length === 0 && length === 0)) rest.push('')
  if (options.strict === true && rest.length === 0) return undefined
  return { directory: segments.slice(0, length), rest }
}

/**
 * Finds the script that a path names. Directories below the CGI directory are walked as long as the path goes on;
 * the next segment is the script and what remains is its PATH_INFO.
 */
export async function findScript(path: CgiPath, rules: ScriptRules): Promise<ScriptOutcome> {
  const directory = [...path.directory]
  const rest = [...path.rest]
  while (rest.length > 1) {
    const next = [...directory, rest[0] ?? '']
    const stats = await statOf(rules.translate(joinPath(next)))
    if (stats?.isDirectory() !== true) break
    directory.push(rest.shift() ?? '')
  }
  // A CGI directory without slash at its end names itself, not a script in it.
  const last = rest.shift()
  const named = last === undefined ? directory : [...directory, last]
  const name = joinPath(named)
  if (rules.hides(named.slice(path.directory.length))) return { kind: 'hidden', name }
  const file = rules.translate(name)
  const stats = await statOf(file)
  if (file === undefined || stats === undefined) return { kind: 'missing', name }
  if (!stats.isFile()) return { kind: 'notFile', name }
  if (!(await rules.permits(file, stats))) return { kind: 'hidden', name }
  if (!rules.mayRun(file)) {
    // It may have gone a moment ago.
    const kind = (await statNow(file, fileOf(file))) === undefined ? 'missing' : 'notExecutable'
    return { kind, name }
  }
  return {
    kind: 'script',
    script: { name, file, pathInfo: rest.map((part) => `/${part}`).join('') },
  }
}

/** A file's name as `node:fs` takes it. */
export function fileOf(octets: string): string | Buffer {
  return /[^\0-\x7f]/.test(octets) ? Buffer.from(octets, 'latin1') : octets
}

// --- Internal ---

async function statOf(file: string | undefined): Promise<Stats | undefined> {
  return file === undefined ? undefined : statRecently(file, fileOf(file))
}
