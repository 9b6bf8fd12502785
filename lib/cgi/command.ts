import { dirname } from 'node:path'
import { emptyEnvironment, type Environment } from './environment.ts'
import { toText } from './octets.ts'

/** A program to start, as octets. */
export interface Program {
  /** The file of the script. */
  readonly file: string
  /** The working directory; the script's own directory when absent. */
  readonly cwd?: string | undefined
  /** What runs it, if it does not run by itself. */
  readonly interpreter: readonly string[]
  /** Words after the script's name. */
  readonly words: readonly string[]
  readonly environment: Environment
}

/** A program to start, as Node takes it. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
}

/**
 * Puts a program into Node's terms. Node writes all text as UTF-8, so that octets which are not UTF-8 would change on
 * their way: then the program is started by way of `/bin/sh`, which is told them in octal.
 *
 * @param platform - without a Bourne shell (Windows), such octets become U+FFFD
 * @returns `undefined` if something has a NUL, which no process can be given
 */
export function makeCommand(
  program: Program,
  platform: NodeJS.Platform = process.platform,
): Command | undefined {
  const { file, interpreter, words, environment } = program
  const argv = [...interpreter, file, ...words]
  const cwd = program.cwd ?? dirname(file)
  if ([...argv, ...Object.values(environment)].some((octets) => octets.includes('\0')))
    return undefined
  const plain = [...argv, ...Object.values(environment)].every(
    (octets) => toText(octets) !== undefined,
  )
  if (!plain && platform !== 'win32') return viaShell(argv, environment, cwd)
  const [first = '', ...rest] = argv.map(lossyText)
  return { file: first, args: rest, env: decoded(environment), cwd: lossyText(cwd) }
}

// --- Internal ---

function viaShell(argv: readonly string[], environment: Environment, cwd: string): Command {
  const lines: string[] = ['set --']
  const env = emptyEnvironment()
  for (const [name, octets] of Object.entries(environment)) {
    const text = toText(octets)
    if (text !== undefined) env[name] = text
    else lines.push(assign(octets), `export ${name}="\${v%.}"`)
  }
  for (const octets of argv) lines.push(assign(octets), `set -- "$@" "\${v%.}"`)
  const directory = toText(cwd)
  if (directory === undefined) lines.push(assign(cwd), `cd "\${v%.}" || exit`)
  lines.push('unset v', 'exec "$@"')
  return { file: '/bin/sh', args: ['-c', lines.join('\n')], env, cwd: directory ?? '/' }
}

/** Puts octets and a dot into a variable; the dot keeps line feeds at the end, which `$()` would drop. */
function assign(octets: string): string {
  return `v=$(printf '${octets.replace(/[^\w/.]/g, inFormat)}.')`
}

function inFormat(octet: string): string {
  return octet === '%' ? '%%' : `\\${octet.charCodeAt(0).toString(8).padStart(3, '0')}`
}

function lossyText(octets: string): string {
  return toText(octets) ?? Buffer.from(octets, 'latin1').toString('utf8')
}

function decoded(environment: Environment): Environment {
  const texts = emptyEnvironment()
  for (const [name, octets] of Object.entries(environment)) texts[name] = lossyText(octets)
  return texts
}
