import { execFileSync } from 'node:child_process'
import { lutimesSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The modification time of everything in a tree; it has a fraction of a second, which HTTP dates drop. */
export const treeMtime: Date = new Date('2024-02-29T12:34:56.789Z')

/** One thing in a tree. `path` is relative, with `/`; bytes that are not UTF-8 come as a `Buffer`. */
export type TreeNode =
  | { readonly path: string | Buffer; readonly content: string | Buffer; readonly mode?: number }
  | { readonly path: string | Buffer; readonly directory: true }
  | { readonly path: string | Buffer; readonly link: string }
  | { readonly path: string; readonly fifo: true }
  | { readonly path: string; readonly socket: true }

/** A directory made for a test. */
export interface Tree extends AsyncDisposable {
  /** Its absolute path, without a trailing slash. */
  readonly directory: string
  /** Removes it and everything in it. */
  remove(): Promise<void>
}

/** Makes a tree in a new temporary directory. Directories on the way are made as needed. */
export async function makeTree(nodes: readonly TreeNode[]): Promise<Tree> {
  const directory = mkdtempSync(join(tmpdir(), 'basehttp-'))
  const servers: Server[] = []
  const paths: Buffer[] = []
  for (const node of nodes) {
    const path = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(node.path)])
    mkdirSync(path.subarray(0, path.lastIndexOf(0x2f)), { recursive: true })
    const server = await makeNode(node, path)
    if (server !== undefined) servers.push(server)
    paths.push(path)
  }
  for (const path of paths.reverse()) lutimesSync(path, treeMtime, treeMtime)
  const remove = async (): Promise<void> => {
    await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
    rmSync(directory, { recursive: true, force: true })
  }
  return { directory, remove, [Symbol.asyncDispose]: remove }
}

async function makeNode(node: TreeNode, path: Buffer): Promise<Server | undefined> {
  if ('content' in node) {
    writeFileSync(path, node.content, node.mode === undefined ? {} : { mode: node.mode })
  } else if ('directory' in node) {
    mkdirSync(path, { recursive: true })
  } else if ('link' in node) {
    symlinkSync(node.link, path)
  } else if ('fifo' in node) {
    execFileSync('mkfifo', [path.toString()])
  } else {
    const server = createServer()
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path.toString(), resolve)
    })
    return server
  }
  return undefined
}

const page = (title: string): string =>
  `<!DOCTYPE html>\n<title>${title}</title>\n<p>This is ${title}.\n`

/** Names that are legal in a file system and awkward everywhere else. */
const oddNames: readonly string[] = [
  ' leading',
  'trailing ',
  'a b.txt',
  "q'uote.txt",
  'dq"uote.txt',
  '<img src=x onerror=alert(1)>.txt',
  '<test&>.txt',
  '&amp;.txt',
  '%.txt',
  '%41.txt',
  '%zz.txt',
  '%2e%2e',
  'a#b?c.txt',
  'semi;colon=1.txt',
  'plus+sign.txt',
  'tilde~.txt',
  'back\\slash.txt',
  'new\nline.txt',
  'carriage\rreturn.txt',
  'tab\there.txt',
  '\x01control',
  '\x1b[31mred',
  '\x7fdel',
  '\x85nel',
  '\xa0nbsp',
  '-dash',
  '--help',
  '.leading',
  '..two',
  '...',
  'a:b',
  'c:',
  '@at',
  '$dollar',
  'comma,',
  '=equals',
  '!bang',
  '(round)',
  '[square]',
  '{curly}',
  'pipe|',
  'caret^',
  '`tick`',
  '*star',
  'caf\u00e9.txt',
  'de\u0301compose\u0301.txt',
  '\u65e5\u672c\u8a9e.txt',
  '\u{1f600}.txt',
  '\uff5e.txt',
  '\u202eltr.txt',
  'zero\u200bwidth',
  'null\u2400.txt',
  '\ufb01ligature',
  '\ufeffbom',
  '__proto__',
  'constructor',
]

/** Names whose order by lower-cased code points differs from most other orders; no two are equal in lower case. */
const sortNames: readonly string[] = [
  'B.txt',
  'a.txt',
  'C.txt',
  '_under',
  '[bracket',
  'Z',
  '10',
  '9',
  '\u00e9',
  '\u00c9a',
  '\u0130stanbul',
  'istanbul',
  '\u039f\u0394\u039f\u03a3',
  '\u03bf\u03b4\u03bf\u03c3x',
  '\u1e9e',
  '\u00df\u00df',
  '\uff5e',
  '\u{1d400}',
  '\u{10400}',
]

/** Files whose names say what type they are, or fail to. */
const typeNames: readonly string[] = [
  ...'a.html a.htm a.HTML a.txt a.TXT a.css a.js a.mjs a.json a.map a.xml a.csv a.md a.py a.pyc a.c a.h'.split(
    ' ',
  ),
  ...'a.sh a.png a.PNG a.jpg a.jpeg a.gif a.svg a.webp a.ico a.avif a.bmp a.tiff a.mp3 a.wav a.mp4'.split(
    ' ',
  ),
  ...'a.webm a.mov a.ogg a.pdf a.zip a.tar a.gz a.tgz a.tar.gz a.html.gz a.svgz a.Z a.tar.Z a.z'.split(
    ' ',
  ),
  ...'a.bz2 a.tar.bz2 a.tbz2 a.xz a.tar.xz a.br a.wasm a.woff a.woff2 a.ttf a.otf a.bin a.so a.exe'.split(
    ' ',
  ),
  ...'a.webmanifest a.ts a.tsx a.jsx a.yaml a.toml a.rst a.tex a.java a.rs a.go a.php a.pl a.rtf'.split(
    ' ',
  ),
  ...'a.doc a.docx a.xls a.ppt a.eml a.mht a.ps a.swf a.xhtml a.vcf a.ics a.nq a.unknown noext dot. .html'.split(
    ' ',
  ),
  ...'.txt ..txt a.b.c.txt README Makefile a.tar.GZ a.GZ a.BZ2'.split(' '),
  'a b.txt',
  'a.txt~',
  'a.txt?x=.png',
  'a.txt#.png',
  'a;b.png',
  'data:text',
]

/** The tree behind the differential tests. Its bytes and times never change between runs. */
export const corpusTree: readonly TreeNode[] = [
  { path: 'hello.txt', content: 'Hello, world!\n' },
  { path: 'README.md', content: '# A tree to serve\n' },
  { path: 'empty.txt', content: '' },
  { path: 'big.bin', content: Buffer.from(Array.from({ length: 70_000 }, (_, i) => i % 251)) },
  { path: 'UPPER.TXT', content: 'upper\n' },
  { path: '.hidden', content: 'hidden\n' },
  { path: '.dir/inside.txt', content: 'inside\n' },
  { path: 'space dir/file.txt', content: 'space\n' },
  { path: '\u00e9.txt', content: 'e acute\n' },
  { path: 'd\u00e9/file.txt', content: 'in d\u00e9\n' },
  { path: 'q?dir/file.txt', content: 'question\n' },
  { path: 'h#dir/file.txt', content: 'hash\n' },
  { path: '%41/file.txt', content: 'percent\n' },
  { path: 'back\\slash/file.txt', content: 'backslash\n' },
  { path: 'http:/example.com/page.txt', content: 'a path like an absolute form\n' },
  { path: 'semi;colon/file.txt', content: 'semicolon\n' },
  { path: 'empty', directory: true },
  { path: 'indexed/index.html', content: page('indexed/index.html') },
  { path: 'indexed/other.txt', content: 'other\n' },
  { path: 'indexed-htm/index.htm', content: page('indexed-htm/index.htm') },
  { path: 'both/index.htm', content: page('both/index.htm') },
  { path: 'both/index.html', content: page('both/index.html') },
  { path: 'upper-index/INDEX.HTML', content: page('upper-index/INDEX.HTML') },
  { path: 'index-dir/index.html', directory: true },
  { path: 'index-dir-htm/index.html', directory: true },
  { path: 'index-dir-htm/index.htm', content: page('index-dir-htm/index.htm') },
  { path: 'index-link/index.html', link: '../hello.txt' },
  { path: 'index-dangling/index.html', link: 'nowhere' },
  { path: 'nested/file.txt', content: 'nested\n' },
  { path: 'nested/deep/er/file.txt', content: 'deep\n' },
  { path: 'links/good', link: '../hello.txt' },
  { path: 'links/dir', link: '../nested' },
  { path: 'links/up', link: '..' },
  { path: 'links/dangling', link: 'nowhere' },
  { path: 'links/loop', link: 'loop' },
  { path: 'links/ping', link: 'pong' },
  { path: 'links/pong', link: 'ping' },
  { path: 'special/fifo', fifo: true },
  { path: 'special/socket', socket: true },
  { path: 'special/plain.txt', content: 'plain\n' },
  ...typeNames.map((name) => ({ path: `types/${name}`, content: `${name}\n` })),
  ...oddNames.map((name) => ({ path: `names/${name}`, content: 'odd\n' })),
  { path: 'names/dir <b>', directory: true },
  ...sortNames.map((name) => ({ path: `sort/${name}`, content: '' })),
]

/** What only a file system that keeps names as bytes can hold (Linux; not macOS, not Windows). */
export const bytesTree: readonly TreeNode[] = [
  { path: Buffer.from('bytes/\xe9.txt', 'latin1'), content: 'not UTF-8\n' },
  { path: Buffer.from('bytes/\xff\xfe', 'latin1'), content: 'bytes\n' },
  { path: Buffer.from('bytes/<\x80>', 'latin1'), content: 'markup\n' },
  { path: Buffer.from('bytes/\xf0\x9f\x98', 'latin1'), content: 'cut short\n' },
  { path: Buffer.from('bytes/\xed\xb2\x80', 'latin1'), content: 'an encoded surrogate\n' },
  { path: Buffer.from('bytes/d\x80r/file.txt', 'latin1'), content: 'in a directory\n' },
  { path: Buffer.from('bytes/i\x80x/index.html', 'latin1'), content: page('index') },
  { path: 'bytes/plain.txt', content: 'plain\n' },
]
