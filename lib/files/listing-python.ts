import { escapeHtml } from '../http/escape.ts'
import { quote } from '../http/quote.ts'
import { readDirectory, type Child } from './directory.ts'
import { stat } from './fs.ts'
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

async function readRows(path: string): Promise<string[]> {
  const children = await readDirectory(path)
  const keyed = children.map((child) => ({ child, lower: child.name.toLowerCase() }))
  // Names that differ in case alone stay in the directory's order, as with list.sort().
  await sortInTurns(keyed, (a, b) => compareText(a.lower, b.lower))
  const rows: string[] = []
  for (const { child } of keyed) {
    rows.push(await row(path, child))
    if (isTurnOver(rows.length)) await nextTurn()
  }
  return rows
}

async function row(path: string, { name, dirent }: Child): Promise<string> {
  const link = dirent.isSymbolicLink()
  const sure = dirent.isFile() || dirent.isDirectory()
  const directory = sure ? dirent.isDirectory() : await isDirectory(join(path, name))
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
