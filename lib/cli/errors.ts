import { stat } from 'node:fs/promises'

/**
 * Makes sure that there is a directory to serve.
 *
 * @throws an error with `code` and `path`, as a rejection
 */
export async function checkDirectory(directory: string): Promise<void> {
  if (!(await stat(directory)).isDirectory()) {
    throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR', path: directory })
  }
}

const causes: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EACCES: 'Permission denied',
  ENOTFOUND: 'Name or service not known',
  EAI_AGAIN: 'Name or service not known',
  ENOENT: 'No such directory',
  ENOTDIR: 'Not a directory',
}

/** One line for what can go wrong before serving; `undefined` for what is a defect. */
export function explain(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  const cause = causes[String(error.code)]
  if (cause === undefined) return undefined
  if ('path' in error) return `${cause}: ${String(error.path)}`
  const host = 'address' in error ? error.address : 'hostname' in error ? error.hostname : ''
  const port = 'port' in error ? ` port ${String(error.port)}` : ''
  return `${cause}: ${String(host)}${port}`
}
