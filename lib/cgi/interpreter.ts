/** Programs that run scripts, by extension: a name, or a list of a name and arguments. */
export type Interpreters = Readonly<Record<string, string | readonly string[]>>

/** The extension of a file, in lower case and with its dot; `''` without one. */
export function extensionOf(file: string): string {
  return /[^/\\](\.[^./\\]*)$/.exec(file)?.[1]?.toLowerCase() ?? ''
}

/**
 * The program set for a file's extension.
 *
 * @returns its name and arguments; `undefined` if none is set
 */
export function interpreterFor(
  file: string,
  interpreters: Interpreters,
): readonly string[] | undefined {
  const extension = extensionOf(file)
  if (!Object.hasOwn(interpreters, extension)) return undefined
  const program = interpreters[extension]
  return typeof program === 'string' ? [program] : program
}

const windowsPrograms: Interpreters = {
  '.exe': [],
  '.com': [],
  '.py': ['python', '-u'],
  '.pyw': ['python', '-u'],
  '.pl': ['perl'],
  '.php': ['php-cgi'],
}

/**
 * What runs a file on Windows, which knows no `#!` line and no executable files but its own: the usual program for the
 * extension, else the one that the line names. Batch files are not run: no quoting is safe for them.
 *
 * @param shebang - what follows `#!` in the first line, if it starts so
 */
export function windowsInterpreter(
  file: string,
  shebang: string | undefined,
): readonly string[] | undefined {
  const usual = interpreterFor(file, windowsPrograms)
  if (usual !== undefined) return usual
  const words = shebang?.trim().split(/\s+/) ?? []
  const [program = '', ...args] = words[0]?.endsWith('/env') === true ? words.slice(1) : words
  const name = /[^/\\]*$/.exec(program)?.[0] ?? ''
  return name === '' ? undefined : [name, ...args]
}
