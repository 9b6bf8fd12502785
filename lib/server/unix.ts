import { chmod, lstat, unlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { errorCode } from '../http/error.ts'

/**
 * Removes a Unix socket that nobody listens on any more. Anything else at that path is left alone.
 *
 * @returns whether the path is free now
 */
export async function clearStaleSocket(path: string): Promise<boolean> {
  try {
    if (!(await lstat(path)).isSocket()) return false
    if (!(await isDead(path))) return false
    await unlink(path)
    return true
  } catch (error) {
    return errorCode(error) === 'ENOENT'
  }
}

/**
 * Binds a Unix socket with the permissions wanted, at no moment with wider ones.
 *
 * @param mode - permissions; `undefined` leaves them to the umask
 * @param bind - binds at once, before its promise resolves
 */
export async function withMode<T>(
  path: string,
  mode: number | undefined,
  bind: () => Promise<T>,
): Promise<T> {
  if (mode === undefined) return bind()
  const umask = process.umask(0o177)
  let bound: Promise<T>
  try {
    bound = bind()
  } finally {
    process.umask(umask)
  }
  const result = await bound
  await chmod(path, mode)
  return result
}

// --- Internal ---

/** Whether connecting is refused, as it is once the process that listened has ended. */
function isDead(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED')
    })
  })
}
