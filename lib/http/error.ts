import { types } from 'node:util'

/** The `code` of an error of the system's, of Node's or of OpenSSL's, such as `ENOENT`; `''` for anything else. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

/** What an error says, for one that says more. */
export function reasonOf(error: unknown): string {
  return types.isNativeError(error) ? error.message : String(error)
}
