import type { Stats } from 'node:fs'
import type {
  FileRequest,
  FileSettings,
  FoundFile,
  Located,
  OpenedFile,
  Refusal,
} from '../../types/files.ts'
import { errorCode } from '../http/error.ts'
import type { ContentCache } from './content-cache.ts'
import { dotfileStatus } from './dotfiles.ts'
import { acceptedCodings, codingSuffix } from './encodings.ts'
import { statusOfError } from './errors.ts'
import { stat } from './fs.ts'
import { join } from './join.ts'
import { BOM_LENGTH } from './mime.ts'
import { openRegular } from './open.ts'
import { splitExtension } from './python-types.ts'
import { isPermitted } from './symlinks.ts'
import { isWindowsAlias } from './windows-names.ts'

const notFound: Refusal = { kind: 'refused', status: 404, cause: undefined }
const redirect: Located = { kind: 'redirect' }

const onWindows = process.platform === 'win32'

/** Content in memory, and whether more of it is to be kept. */
export interface Memory {
  readonly contents: ContentCache
  readonly keeps: boolean
}

/**
 * Finds what answers a path: the file, opened; the directory to list; or why there is none. It writes nothing, and
 * whoever gets a file closes it.
 *
 * @param request - the path, taken apart
 * @param settings - what is served and how
 * @param memory - where content may be; passed by unless every link is followed
 */
export async function resolve(
  request: FileRequest,
  settings: FileSettings,
  memory?: Memory,
): Promise<Located> {
  const status = dotfileStatus(settings.dotfiles, request.segments)
  if (status !== undefined) return { kind: 'refused', status, cause: undefined }
  if (onWindows && request.segments.some(isWindowsAlias)) return notFound
  const search: Search = { request, settings, memory: permits(settings) ? memory : undefined }
  try {
    const known = request.slash ? undefined : await search.memory?.contents.find(request.path)
    if (known !== undefined) return await negotiate(known, search)
    const stats = await stat(request.path)
    if (stats.isDirectory()) return await resolveDirectory(search, stats)
    // A FIFO, socket or device is never opened, and a file is no directory.
    if (!stats.isFile() || request.slash) return notFound
    return (await openFile(request.path, search, stats)) ?? notFound
  } catch (error) {
    return (await tryExtensions(search, error)) ?? refusal(error)
  }
}

/** What the operating system's error is to the client. */
export function refusal(error: unknown): Refusal {
  return { kind: 'refused', status: statusOfError(error), cause: error }
}

// --- Internal ---

interface Search {
  readonly request: FileRequest
  readonly settings: FileSettings
  readonly memory: Memory | undefined
}

/** Whether what a path leads to is served wherever it lies, so that the path alone is enough to know. */
function permits({ symlinks }: FileSettings): boolean {
  return symlinks === 'follow'
}

async function resolveDirectory(search: Search, stats: Stats): Promise<Located> {
  const { request, settings } = search
  const { symlinks, directory } = settings
  if (!request.slash) {
    if (!settings.redirect) return notFound
    // Nor is told where there are directories that are not served.
    return (await isPermitted(symlinks, directory, request.path, { stats })) ? redirect : notFound
  }
  let missing: Refusal = notFound
  for (const name of settings.indexPages) {
    try {
      const found = await openFile(join(request.path, name), search)
      if (found !== undefined) return found
    } catch (error) {
      // A page that is there and cannot be read is refused; one that is not there is passed over.
      missing = refusal(error)
      if (missing.status !== 404) return missing
    }
  }
  if (!settings.listing) return missing
  if (!(await isPermitted(symlinks, directory, request.path, { stats }))) return notFound
  return { kind: 'directory', path: request.path, stats }
}

/** The file at a path, or a sibling that holds it encoded; `undefined` if it is none to be served. */
async function openFile(
  path: string,
  search: Search,
  stats?: Stats,
): Promise<FoundFile | undefined> {
  const file = await openPermitted(path, search, stats)
  return file === undefined ? undefined : negotiate(file, search)
}

/** Chooses between a file and the siblings that hold it encoded. */
async function negotiate(file: OpenedFile, search: Search): Promise<FoundFile> {
  const { path } = file
  const { precompressed } = search.settings
  if (precompressed.length === 0) {
    return { kind: 'file', path, file, coding: undefined, negotiated: false }
  }
  for (const coding of acceptedCodings(search.request.acceptEncoding, precompressed)) {
    const encoded = await openEncoded(path + codingSuffix[coding], file, search)
    if (encoded === undefined) continue
    const start = await file.read(0, BOM_LENGTH)
    await file.close()
    return { kind: 'file', path, file: encoded, coding: { name: coding, start }, negotiated: true }
  }
  return { kind: 'file', path, file, coding: undefined, negotiated: true }
}

/** A sibling, unless it is older than the file: then it was made from what the file no longer holds. */
async function openEncoded(
  path: string,
  original: OpenedFile,
  search: Search,
): Promise<OpenedFile | undefined> {
  try {
    const file = await openPermitted(path, search)
    if (file === undefined || file.stats.mtimeMs >= original.stats.mtimeMs) return file
    await file.close()
  } catch {
    // Without a sibling that can be read the file itself is sent.
  }
  return undefined
}

async function openPermitted(
  path: string,
  { settings, memory }: Search,
  stats?: Stats,
): Promise<OpenedFile | undefined> {
  const known = stats === undefined ? await memory?.contents.find(path) : undefined
  if (known !== undefined) return known
  // Opening a device may do something to it; so what it is is asked first, and again when it is open.
  if (!(stats ?? (await stat(path))).isFile()) return undefined
  const file = await openRegular(path)
  if (file === undefined) return undefined
  if (permits(settings)) {
    if (memory?.keeps === true) memory.contents.offer(path, file.stats)
    return file
  }
  const { symlinks, directory } = settings
  let permitted = false
  try {
    permitted = await isPermitted(symlinks, directory, path, file)
  } finally {
    if (!permitted) await file.close()
  }
  return permitted ? file : undefined
}

/** Tries a path that names nothing with each extension, if it has none. */
async function tryExtensions(search: Search, error: unknown): Promise<FoundFile | undefined> {
  const { path, slash } = search.request
  if (errorCode(error) !== 'ENOENT' || slash || splitExtension(path)[1] !== '') return undefined
  for (const extension of search.settings.extensions) {
    try {
      const found = await openFile(`${path}.${extension}`, search)
      if (found !== undefined) return found
    } catch {
      // The next one may be there.
    }
  }
  return undefined
}
