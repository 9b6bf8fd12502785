import { escapeHtml } from '../http/escape.ts'
import { quote } from '../http/quote.ts'
import { script, style } from './listing-assets.ts'
import type { Entry, SortKey, SortOrder } from './listing-entries.ts'

const columns: readonly { key: SortKey; label: string }[] = [
  { key: 'name', label: 'Name' },
  { key: 'size', label: 'Size' },
  { key: 'mtime', label: 'Modified (UTC)' },
]

/** What a page shows besides its entries. */
export interface PageHead {
  /** The directory's URL path, not decoded, up from the origin; ends with a slash. */
  readonly urlPath: string
  /** The same, decoded, for people. */
  readonly displayPath: string
  /** Whether the directory is the root of what is served, so that there is nothing above it. */
  readonly top: boolean
  /** How many slashes of the URL path are above the root. */
  readonly mountDepth: number
  readonly order: SortOrder
}

/** What stands before the entries: http.server's page, and ways to other directories and orders. */
export function pageStart(head: PageHead): string {
  const title = `Directory listing for ${escapeHtml(head.displayPath, false)}`
  return `<!DOCTYPE HTML>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<h1>${title}</h1>
${navigation(head)}<form>
<p><input type="search" aria-label="Filter by name" placeholder="Filter" hidden><output></output></p>
<div>${columns.map(({ key, label }) => sortButton(key, label, head.order)).join('')}</div>
</form>
<hr>
<ul>
`
}

/** What stands after the entries. */
export function pageEnd(): string {
  return `</ul>
<hr>
<script>${script}</script>
</body>
</html>
`
}

/** One entry. */
export function pageRow(entry: Entry): string {
  const { name, kind, link, stats } = entry
  const href = quote(kind === 'directory' ? `${name}/` : name)
  const text = escapeHtml(showName(name) + (link ? '@' : kind === 'directory' ? '/' : ''), false)
  const size = kind === 'file' && stats !== undefined ? sizeCell(stats.size) : '<span></span>'
  const time = stats === undefined ? '' : timeCell(stats.mtimeMs)
  return `<li><a href="${href}">${text}</a>${kind === 'broken' ? '<span>unreadable</span>' : size}${time}</li>\n`
}

/** A size for people: `1.5 MB`, in powers of 1,000. */
export function formatSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB', 'TB', 'PB', 'EB']
  let value = bytes / 1000
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? ''}`
}

// --- Internal ---

/**
 * Characters that are not seen, and those that change the direction of what follows, by which `exe.gpj` could look like
 * `jpg.exe`.
 */
const unseen = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu

/** Names without any of them, nearly all, without the cost of replacing nothing. */
const plain = /^[\w .,+=@~()-]*$/

/** A name to show, with an escape for what would not be seen. */
function showName(name: string): string {
  if (plain.test(name)) return name
  return name.replace(unseen, (character) => {
    const code = character.charCodeAt(0)
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
  })
}

function sizeCell(bytes: number): string {
  const exact = String(bytes).replace(/\B(?=(?:\d{3})+$)/g, ',')
  return `<data value="${bytes}" title="${exact} bytes">${formatSize(bytes)}</data>`
}

function timeCell(mtimeMs: number): string {
  const iso = isoTime(mtimeMs)
  return `<time datetime="${iso}" title="${iso}">${iso.slice(0, 16).replace('T', ' ')}</time>`
}

let lastSecond = NaN
let lastIso = ''

/** A time in UTC, to the second; one beyond what a date can be is the epoch's. Files often have that of the one before. */
export function isoTime(mtimeMs: number): string {
  const second = Math.floor(mtimeMs / 1000)
  if (second === lastSecond) return lastIso
  const date = new Date(second * 1000)
  lastSecond = second
  lastIso = Number.isNaN(date.getTime())
    ? '1970-01-01T00:00:00Z'
    : date.toISOString().replace('.000Z', 'Z')
  return lastIso
}

/** Asks for the other direction where the column is the one sorted by. Buttons, so that nothing takes them for entries. */
function sortButton(key: SortKey, label: string, order: SortOrder): string {
  const current = key === order.key
  const descending = current ? !order.descending : key !== 'name'
  const hint = `Sort ${descending ? 'descending' : 'ascending'}`
  const state = order.descending ? 'descending' : 'ascending'
  const mark = current ? ` aria-current="true" aria-label="${label}, sorted ${state}"` : ''
  const arrow = current ? (order.descending ? ' ↓' : ' ↑') : ''
  return `<button name="sort" value="${descending ? '-' : ''}${key}" title="${hint}"${mark}>${label}${arrow}</button>`
}

/** The directories above, each a link; those above the root are none of ours. */
function navigation(head: PageHead): string {
  if (head.top) return ''
  const raw = head.urlPath.split('/').slice(1, -1)
  const names = head.displayPath.split('/').slice(1, -1)
  const crumbs: string[] = []
  for (let i = head.mountDepth; i <= raw.length; i++) {
    const name = i === head.mountDepth ? '/' : escapeHtml(`${names[i - 1] ?? raw[i - 1] ?? ''}/`)
    const up = raw.length - i
    crumbs.push(
      up === 0
        ? `<span aria-current="page">${name}</span>`
        : `<a href="${'../'.repeat(up)}">${name}</a>`,
    )
  }
  return `<nav aria-label="Breadcrumbs">${crumbs.join('')}</nav>
<p><a href="../" rel="up">Parent directory</a></p>
`
}
