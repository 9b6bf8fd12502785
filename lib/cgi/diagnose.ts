import { lstat, open } from 'node:fs/promises'
import { fileOf } from './script.ts'

/** What to answer when a script cannot be started, and what to log. */
export interface StartFailure {
  readonly status: number
  readonly cause: string
}

/** One table from the system's errors to statuses; any other is 500. */
const statuses: Readonly<Record<string, number>> = {
  // The argument list and the environment are too large, which only the request's fields can make them.
  E2BIG: 431,
  // The user it would run as may not run it.
  EACCES: 403,
  // Not the script's fault, and it may pass.
  EAGAIN: 503,
  EMFILE: 503,
  ENFILE: 503,
  ENOMEM: 503,
}

/**
 * Finds out why a script cannot be started. The system says `ENOENT` of the script when it is its interpreter that is
 * missing, so the first line is looked at.
 *
 * @param file - the script, octets
 */
export async function diagnose(error: unknown, file: string): Promise<StartFailure> {
  const { code = '', message } = error as NodeJS.ErrnoException
  const status = statuses[code] ?? 500
  const reason = `cannot be started: ${message}`
  if (code !== 'ENOENT') return { status, cause: reason }
  if (await isGone(file)) return { status: 404, cause: reason }
  const interpreter = await shebangOf(file)
  if (interpreter === undefined) return { status, cause: reason }
  const hint = interpreter.endsWith('\r') ? '; its lines end in CR LF, which no kernel takes' : ''
  return { status, cause: `cannot be started: no interpreter '${interpreter}'${hint}` }
}

/** Whether a script that was there a moment ago is not any more. */
async function isGone(file: string): Promise<boolean> {
  return lstat(fileOf(file)).then(
    () => false,
    () => true,
  )
}

/** The interpreter that a script's first line names; `undefined` if it names none. */
export async function shebangOf(file: string): Promise<string | undefined> {
  try {
    const handle = await open(fileOf(file))
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0)
      return /^#![ \t]*([^\n]*)/.exec(buffer.toString('latin1', 0, bytesRead))?.[1]
    } finally {
      await handle.close()
    }
  } catch {
    return undefined
  }
}
