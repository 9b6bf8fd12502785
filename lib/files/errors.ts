import { STATUS_CODES } from 'node:http'
import { errorCode } from '../http/error.ts'

/**
 * The one table from what the operating system says to what a client is told. What is not in it is the server's own
 * fault: 500.
 */
const statusByCode: ReadonlyMap<string, 403 | 404 | 503> = new Map([
  ['ENOENT', 404],
  ['ENOTDIR', 404],
  ['ENAMETOOLONG', 404],
  ['ELOOP', 404],
  // Sockets, and devices without a driver.
  ['ENXIO', 404],
  ['ENODEV', 404],
  // Windows: a name with a character that none may have.
  ['EINVAL', 404],
  // Node's own: a path with a NUL in it.
  ['ERR_INVALID_ARG_VALUE', 404],
  ['EACCES', 403],
  ['EPERM', 403],
  // Out of descriptors or memory: a later request may fare better.
  ['EMFILE', 503],
  ['ENFILE', 503],
  ['ENOMEM', 503],
  ['EAGAIN', 503],
  ['EBUSY', 503],
] as const)

/** The status for an error of the operating system. */
export function statusOfError(error: unknown): 403 | 404 | 500 | 503 {
  return statusByCode.get(errorCode(error)) ?? 500
}

/** The statuses that a request for a file can fail with. */
export type FailureStatus = 400 | 403 | 404 | 412 | 416 | 500 | 503

const codes: Readonly<Record<FailureStatus, string>> = {
  400: 'ERR_MALFORMED_PATH',
  403: 'ERR_FORBIDDEN_PATH',
  404: 'ERR_NOT_FOUND',
  412: 'ERR_PRECONDITION_FAILED',
  416: 'ERR_RANGE_NOT_SATISFIABLE',
  500: 'ERR_FILE_SYSTEM',
  503: 'ERR_FILE_SYSTEM_BUSY',
}

/**
 * What `next()` is called with when a request for a file fails. It has what http-errors gives its errors, by which
 * Express and Connect answer it; its message names no path on disk.
 */
export class FileError extends Error {
  /** The status to answer with. */
  readonly status: number
  /** The same; http-errors has both names. */
  readonly statusCode: number
  /** Whether the message may be shown to a client: not when it is the operating system's. */
  readonly expose: boolean
  /** The operating system's code, such as `ENOENT`; else one by status, such as `ERR_PRECONDITION_FAILED`. */
  readonly code: string
  /** Fields that belong to the answer. */
  readonly headers: Readonly<Record<string, string>> | undefined

  /**
   * @param status - the status to answer with
   * @param cause - what the operating system said; kept as `cause`, of which only the code is in the message
   * @param headers - fields that belong to the answer
   */
  constructor(status: FailureStatus, cause?: unknown, headers?: Readonly<Record<string, string>>) {
    const reason = STATUS_CODES[status] ?? 'Error'
    const code = errorCode(cause)
    super(code === '' ? reason : describe(code, cause), cause === undefined ? {} : { cause })
    // NotFoundError, as http-errors names them.
    this.name = `${reason.replace(/[^A-Za-z]/g, '')}Error`.replace(/ErrorError$/, 'Error')
    this.status = status
    this.statusCode = status
    this.expose = status < 500 && cause === undefined
    this.code = code === '' ? codes[status] : code
    this.headers = headers
    // The stack was written before the name was known.
    const trace = this.stack
    if (trace?.startsWith('Error') === true) this.stack = this.name + trace.slice('Error'.length)
  }
}

/** `ENOENT: no such file or directory`, without Node's `, open '/path'`. */
function describe(code: string, cause: unknown): string {
  const message = cause instanceof Error ? cause.message : ''
  const end = message.indexOf(',')
  return message.startsWith(`${code}: `) && end > 0 ? message.slice(0, end) : code
}
