import type { Dirent, OpenDirOptions } from 'node:fs'
import { opendir } from 'node:fs/promises'
import { escapeHtml } from '../http/escape.ts'
import { fsDecode, quote } from '../http/quote.ts'
import { stat, toNative } from './fs.ts'
import { join } from './join.ts'
import { compareText } from './listing-entries.ts'
import { SharedWork } from './shared-work.ts'
import { encodeText, isEncodable } from './surrogate-escape.ts'
import { isTurnOver, nextTurn, sortInTurns } from './turns.ts'
import { decodePath } from './translate-path.ts'

/**
 * The page that CPython 3.13's http.server makes of a directory, byte for byte.
 *
 * @param path - the directory
 * @param target - the request target, query and all, which Python shows
 * @returns `undefined` if the target holds what no page can show, for which Python sends nothing at all
 * @throws NodeJS.ErrnoException if the directory cannot be read
 *
 * Python: `SimpleHTTPRequestHandler.list_directory`
 */
export function pythonListing(path: string, target: string): Promise<Buffer | undefined> {
  return listings.ask(JSON.stringify([path, target]), () => makeListing(path, target))
}

// --- Internal ---

const listings = new SharedWork<Buffer | undefined>()

async function makeListing(path: string, target: string): Promise<Buffer | undefined> {
  const rows = await readRows(path)
  const shown = decodePath(target)
  if (!isEncodable(shown)) return undefined
  const title = `Directory listing for ${escapeHtml(shown, false)}`
  return encodeText(
    [
      '<!DOCTYPE HTML>',
      '<html lang="en">',
      '<head>',
      '<meta charset="utf-8">',
      `<title>${title}</title>`,
      '</head>',
      '<body>',
      `<h1>${title}</h1>`,
      '<hr>',
      '<ul>',
      ...rows,
      '</ul>',
      '<hr>',
      '</body>',
      '</html>',
      '',
    ].join('\n'),
  )
}

type Child = Dirent<Buffer>

async function readRows(path: string): Promise<string[]> {
  const entries: { name: string; lower: string; child: Child }[] = []
  for await (const child of await openDirectory(path)) {
    const name = fsDecode(child.name)
    entries.push({ name, lower: name.toLowerCase(), child })
  }
  await sortInTurns(entries, (a, b) => compareText(a.lower, b.lower))
  const rows: string[] = []
  for (const { name, child } of entries) {
    rows.push(await row(path, name, child))
    if (isTurnOver(rows.length)) await nextTurn()
  }
  return rows
}

/**
 * Gives the directory's own order, as os.listdir() does, where readdir() would sort: it shows in names that differ
 * in case alone.
 */
async function openDirectory(path: string): Promise<AsyncIterable<Child>> {
  const options = { encoding: 'buffer', bufferSize: 256 }
  // Node takes this encoding, its types do not know of it.
  const directory = await opendir(toNative(path), options as OpenDirOptions)
  return directory as unknown as AsyncIterable<Child>
}

async function row(path: string, name: string, child: Child): Promise<string> {
  const link = child.isSymbolicLink()
  const sure = child.isFile() || child.isDirectory()
  const directory = sure ? child.isDirectory() : await isDirectory(join(path, name))
  const href = quote(directory ? `${name}/` : name)
  const mark = link ? '@' : directory ? '/' : ''
  return `<li><a href="${href}">${escapeHtml(name + mark, false)}</a></li>`
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
