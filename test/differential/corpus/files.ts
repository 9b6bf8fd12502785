import { corpusTree } from '../../helpers/tree.ts'
import { answeredLike, errorLog, get, refused, request, type CorpusEntry } from '../entry.ts'

const directories = [
  'empty',
  'indexed',
  'indexed-htm',
  'both',
  'upper-index',
  'index-dir',
  'index-dir-htm',
  'index-link',
  'index-dangling',
  'nested/deep',
]

const links = [
  'good',
  'dir',
  'dir/',
  'dir/file.txt',
  'up',
  'up/hello.txt',
  'dangling',
  'loop',
  'loop/',
  'ping',
]

/** Types introduced by 3.12 or 3.13. */
const newTypes: Readonly<Record<string, '3.12' | '3.13'>> = {
  'a.js': '3.12',
  'a.mjs': '3.12',
  'a.md': '3.13',
  'a.rst': '3.13',
  'a.rtf': '3.13',
  'a.webp': '3.13',
}

/** Files by type and by name, directories with and without index, links and what is no file. */
export const files: readonly CorpusEntry[] = [
  ...directories.flatMap((name) => [
    get(`directory ${name} without slash`, `/${name}`),
    get(`directory ${name}`, `/${name}/`),
    get(`directory ${name} with a query`, `/${name}/?a=b`),
  ]),
  request('index with HEAD', 'HEAD /indexed/ HTTP/1.0'),
  request('index by its name', 'GET /indexed/index.html HTTP/1.0'),
  get('index that is a directory, by its name', '/index-dir/index.html'),
  ...links.map((name) => get(`link ${name}`, `/links/${name}`)),
  get('socket', '/special/socket'),
  get('socket with a slash', '/special/socket/'),
  refused(
    get('FIFO', '/special/fifo', [], { python: 'hangs' }),
    'special-file',
    404,
    'File not found',
  ),
  answeredLike(
    request('FIFO with HEAD', 'HEAD /special/fifo HTTP/1.0', [], { python: 'hangs' }),
    'special-file',
    ['method HEAD, missing file'],
    errorLog('HEAD /special/fifo HTTP/1.0', 404, 'File not found'),
  ),
  get('FIFO with a slash', '/special/fifo/'),
  ...filesIn('types').map((name): CorpusEntry => {
    const since = newTypes[name]
    return request(
      `type of ${name}`,
      `HEAD /types/${quote(name)} HTTP/1.0`,
      [],
      since === undefined ? { systemTypes: true } : { systemTypes: true, since },
    )
  }),
  ...filesIn('names').map((name) => get(`name ${JSON.stringify(name)}`, `/names/${quote(name)}`)),
  ...filesIn('names').map((name) =>
    get(`name ${JSON.stringify(name)} with everything encoded`, `/names/${quoteAll(name)}`),
  ),
]

/** http.server's quoting: all but letters, digits and `_.-~`. */
export function quote(name: string): string {
  return quoteBytes(name, (byte) => /[\w.~-]/.test(String.fromCharCode(byte)))
}

function quoteAll(name: string): string {
  return quoteBytes(name, () => false)
}

function quoteBytes(name: string, safe: (byte: number) => boolean): string {
  return Array.from(Buffer.from(name), (byte) =>
    safe(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('')
}

function filesIn(folder: string): string[] {
  const prefix = `${folder}/`
  return corpusTree
    .filter((node) => 'content' in node)
    .map((node) => node.path.toString())
    .filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length))
}
