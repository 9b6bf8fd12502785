import type { FoundFile, Sendfile } from '../../types/files.ts'
import { quote } from '../http/quote.ts'

/** What of a handler decides whether the server before it sends a file. */
export interface SendfileSettings {
  readonly directory: string
  readonly strict: boolean
  readonly sendfile: Sendfile | false
  readonly sendfilePrefix: string | undefined
}

/** The field that has the server before this one send a file. */
export type Handover = readonly [name: string, value: string]

const fieldNames: Readonly<Record<Sendfile, string>> = {
  'x-accel-redirect': 'X-Accel-Redirect',
  'x-sendfile': 'X-Sendfile',
}

/**
 * Decides whether the server before this one sends a file, and says which.
 *
 * Not handed over, but sent from here, is what that server would not find or would send otherwise: a file that is not
 * below the directory, an encoded sibling (nginx drops `Content-Encoding`), and a name with control characters or
 * bytes that are not UTF-8, which servers refuse or replace.
 */
export function handoverOf(settings: SendfileSettings, found: FoundFile): Handover | undefined {
  const { directory, sendfile, strict } = settings
  if (sendfile === false || strict || found.coding !== undefined) return undefined
  const { path } = found.file
  const root = withSlash(directory)
  if (!path.startsWith(root) || unsafe.test(path)) return undefined
  const told = prefixOf(settings, root) + path.slice(root.length)
  const encoded = quote(told)
  // Some servers decode X-Sendfile, some do not: to both only a path without escapes is the same file.
  if (sendfile === 'x-sendfile' && encoded !== told) return undefined
  return [fieldNames[sendfile], encoded]
}

// --- Internal ---

/** What stands for the directory: the internal location of nginx, or where the other servers find the files. */
function prefixOf({ sendfile, sendfilePrefix }: SendfileSettings, root: string): string {
  return withSlash(sendfilePrefix ?? (sendfile === 'x-accel-redirect' ? '/internal/' : root))
}

// A surrogate stands for a byte that is not UTF-8.
// eslint-disable-next-line no-control-regex -- controls are meant
const unsafe = /\p{Surrogate}|[\0-\x1f\x7f]|\/\.\.?(?:\/|$)|\/\//u

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`
}
