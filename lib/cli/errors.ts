import { access, constants, stat } from 'node:fs/promises'
import { getSystemErrorMap } from 'node:util'
import { errorCode } from '../http/error.ts'

/** An error whose message is for the user. */
export class ExplainedError extends Error {}

/**
 * Makes sure that there is a directory to serve.
 *
 * @throws {@link ExplainedError} or the system's error, as a rejection
 */
export async function checkDirectory(directory: string): Promise<void> {
  let isDirectory: boolean
  try {
    isDirectory = (await stat(directory)).isDirectory()
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    throw new ExplainedError(`No such directory: ${directory}`)
  }
  if (!isDirectory) throw new ExplainedError(`Not a directory: ${directory}`)
  // One that nobody here may enter answers everything with 404. Reading it is another matter: it is for listings alone.
  await access(directory, constants.X_OK)
}

const causes: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EACCES: 'Permission denied',
  ENOTFOUND: 'Name or service not known',
  EAI_AGAIN: 'Name or service not known',
  ENOENT: 'No such file or directory',
  EISDIR: 'Is a directory',
  EROFS: 'Read-only file system',
  EINVAL: 'Invalid argument',
  EBADF: 'Not an open socket',
  ENOTSOCK: 'Not a socket',
  EAFNOSUPPORT: 'Address family not supported',
  EMFILE: 'Too many open files',
  ENOTDIR: 'Not a directory',
}

/** One line for what can go wrong before serving; `undefined` for what is a defect. */
export function explain(error: unknown): string | undefined {
  if (error instanceof ExplainedError) return error.message
  if (!(error instanceof Error) || !('code' in error)) return undefined
  if (error.code === 'ERR_TLS_CERTIFICATE') return error.message
  const cause = causeOf(error)
  if (cause === undefined) return undefined
  if ('path' in error) return `${cause}: ${String(error.path)}`
  if ('syscall' in error && error.syscall === 'uv_cwd') return 'The current directory is gone'
  return `${cause}: ${placeOf(error)}`
}

// --- Internal ---

/** The host and port that an error of listening names; of every address, which need not be given, the port alone. */
function placeOf(error: Error & { address?: string; hostname?: string; port?: unknown }): string {
  const host = error.address ?? error.hostname ?? ''
  // That of a Unix socket is -1.
  const port = Number(error.port) >= 0 ? `port ${String(error.port)}` : ''
  return [host === '::' ? '' : host, port].filter((text) => text !== '').join(' ')
}

/** What the system says; `undefined` for an error that is not of its making. */
function causeOf(
  error: Error & { code: unknown; errno?: unknown; syscall?: unknown },
): string | undefined {
  const cause = causes[String(error.code)]
  if (cause !== undefined || typeof error.syscall !== 'string') return cause
  const [, text] = getSystemErrorMap().get(Number(error.errno)) ?? []
  return text === undefined ? undefined : text.charAt(0).toUpperCase() + text.slice(1)
}
