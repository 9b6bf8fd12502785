/** The `code` of an error of the system's, of Node's or of OpenSSL's, such as `ENOENT`; `''` for anything else. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}
