import { createHash } from 'node:crypto'
import type NegotiatorClass from 'negotiator'
import type { Content } from '../../types/files.ts'
import { scrub } from '../log/scrub.ts'
import { BytesContent, GeneratedContent } from './content.ts'
import { stat } from './fs.ts'
import { contentSecurityPolicy } from './listing-assets.ts'
import { loadAllStats, readEntries, sortEntries } from './listing-entries.ts'
import type { Entry, EntryPolicy, SortOrder } from './listing-entries.ts'
import { isoTime, pageEnd, pageRow, pageStart } from './listing-page.ts'
import type { PageHead } from './listing-page.ts'
import { SharedWork } from './shared-work.ts'
import { encodeText } from './surrogate-escape.ts'

/** Up to so many entries a listing is made whole before it is sent, with length and tag. */
const MOST_BUFFERED = 2000
/** Entries of a longer one that are asked for and written together. */
const BATCH = 500

const mediaTypes = ['text/html', 'application/json', 'text/plain'] as const
type ListingType = (typeof mediaTypes)[number]

/** A directory to list, and for whom. */
export interface ListingRequest {
  /** Where it lies on disk. */
  readonly path: string
  readonly policy: EntryPolicy
  /** `Accept`, if it was sent. */
  readonly accept: string | undefined
  /** The query of the request target, for `sort`. */
  readonly query: string | undefined
  /** Names and links of the page, but for the order. */
  readonly page: Omit<PageHead, 'order'>
}

/** A listing to send. */
export interface Listing {
  readonly type: string
  readonly content: Content
  /** Validators; absent where the content is made while it is sent. */
  readonly etag: string | undefined
  readonly lastModified: number | undefined
  /** Fields that keep what the names could do in check, and caches informed. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/**
 * Lists a directory as HTML, JSON or text, whichever the client likes best.
 *
 * Up to 2,000 entries the content is there at once, with validators; a longer listing is written as its entries are
 * asked for. Either way few calls to the file system are under way at a time, and those who ask for the same listing at
 * the same time are given the same one.
 *
 * @throws NodeJS.ErrnoException if the directory cannot be read
 */
export async function listDirectory(request: ListingRequest): Promise<Listing> {
  const { path, page, policy } = request
  const order = parseOrder(request.query)
  const type = preferredType(request.accept)
  const head: PageHead = { ...page, order }
  const { directory, dotfiles, symlinks } = policy
  const key = JSON.stringify([path, type, head, directory, dotfiles, symlinks])
  const make = await listings.ask(key, () => makeListing(path, type, head, policy))
  return make()
}

/**
 * The order that a query asks for: `sort=name`, `sort=size` or `sort=mtime`, with `-` before the key for descending.
 * Anything else is by name.
 */
export function parseOrder(query: string | undefined): SortOrder {
  const match = /(?:^|[&;])sort=(-?)(name|size|mtime)(?:$|[&;])/.exec(query ?? '')
  if (match === null) return { key: 'name', descending: false }
  const key = match[2] === 'size' || match[2] === 'mtime' ? match[2] : 'name'
  return { key, descending: match[1] === '-' }
}

// --- Internal ---

const listings = new SharedWork<() => Listing>()

/** Makes a listing as often as it is asked for: the content is the same, unless it is made while it is sent. */
async function makeListing(
  path: string,
  type: ListingType,
  head: PageHead,
  policy: EntryPolicy,
): Promise<() => Listing> {
  const entries = await readEntries(path, head.top, policy)
  const buffered = entries.length <= MOST_BUFFERED
  // Names alone are there already.
  const named = head.order.key === 'name' && type === 'text/plain'
  if (!named && (buffered || head.order.key !== 'name')) await loadAllStats(path, entries)
  await sortEntries(entries, head.order)
  const listing = { type: `${type}; charset=utf-8`, headers: headersFor(type) }
  if (!buffered) {
    return () => {
      const content = new GeneratedContent(generate(type, head, path, entries))
      return { ...listing, content, etag: undefined, lastModified: undefined }
    }
  }
  const { mtimeMs } = await stat(path)
  const bytes = encodeText(openings[type](head) + formatRows(type, entries, 0) + closings[type]())
  const etag = `W/"${createHash('sha1').update(bytes).digest('base64url')}"`
  const lastModified = newest(mtimeMs, entries)
  return () => ({ ...listing, content: new BytesContent(bytes), etag, lastModified })
}

/** What the client likes best; HTML where it likes nothing there is, or does not say. */
function preferredType(accept: string | undefined): ListingType {
  if (accept === undefined || accept === '*/*' || accept.length > 1024) return 'text/html'
  // Loaded with the first such request, not at start.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const Negotiator = require('negotiator') as typeof NegotiatorClass
  const liked = new Negotiator({ headers: { accept } }).mediaType([...mediaTypes])
  return mediaTypes.find((type) => type === liked) ?? 'text/html'
}

function headersFor(type: ListingType): (readonly [string, string])[] {
  const headers: [string, string][] = [
    ['Vary', 'Accept'],
    // Asked for again each time: what is in a directory changes.
    ['Cache-Control', 'no-cache'],
    ['X-Content-Type-Options', 'nosniff'],
  ]
  if (type === 'text/html') headers.push(['Content-Security-Policy', contentSecurityPolicy])
  return headers
}

const openings: Readonly<Record<ListingType, (head: PageHead) => string>> = {
  'text/html': pageStart,
  'application/json': () => '[',
  'text/plain': () => '',
}

const closings: Readonly<Record<ListingType, () => string>> = {
  'text/html': pageEnd,
  'application/json': () => ']\n',
  'text/plain': () => '',
}

/** @param offset - of the first of the entries in the whole listing */
function formatRows(type: ListingType, entries: readonly Entry[], offset: number): string {
  switch (type) {
    case 'text/html':
      return entries.map(pageRow).join('')
    case 'text/plain':
      return entries.map(textRow).join('')
    case 'application/json':
      return entries.map((entry, i) => (offset + i > 0 ? ',\n' : '') + jsonRow(entry)).join('')
  }
}

/** A name with a line feed in it is still one line. */
function textRow({ name, kind }: Entry): string {
  return `${scrub(name)}${kind === 'directory' ? '/' : ''}\n`
}

function jsonRow({ name, kind, link, stats }: Entry): string {
  return JSON.stringify({
    name,
    type: kind,
    ...(link && { link }),
    ...(kind === 'file' && { size: stats?.size }),
    ...(stats !== undefined && { mtime: isoTime(stats.mtimeMs) }),
  })
}

async function* generate(
  type: ListingType,
  head: PageHead,
  path: string,
  entries: readonly Entry[],
): AsyncGenerator<Uint8Array> {
  yield encodeText(openings[type](head))
  for (let i = 0; i < entries.length; i += BATCH) {
    const batch = entries.slice(i, i + BATCH)
    if (type !== 'text/plain') await loadAllStats(path, batch)
    yield encodeText(formatRows(type, batch, i))
  }
  yield encodeText(closings[type]())
}

/** The directory's time changes with its names, an entry's with what it holds. */
function newest(mtimeMs: number, entries: readonly Entry[]): number {
  return entries.reduce((time, { stats }) => Math.max(time, stats?.mtimeMs ?? 0), mtimeMs)
}
