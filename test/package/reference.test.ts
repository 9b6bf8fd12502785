import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import ts from 'typescript'

const root = join(__dirname, '../..')

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

function filesIn(folder: string, extension: string): string[] {
  return readdirSync(join(root, folder), { encoding: 'utf8', recursive: true })
    .filter((name) => name.endsWith(extension))
    .map((name) => join(folder, name))
}

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...filesIn('docs', '.md'),
]

/** A page without what stands in code. */
function proseOf(page: string): string {
  return read(page)
    .replace(/^```[^]*?^```$/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ' '))
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): Set<string> {
  const found = new Set<string>()
  const text = read(page).replace(/^```[^]*?^```$/gm, '')
  for (const [, heading = ''] of text.matchAll(/^#{1,6} +(.+)$/gm)) {
    const anchor = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-')
    let unique = anchor
    for (let n = 1; found.has(unique); n++) unique = `${anchor}-${n}`
    found.add(unique)
  }
  return found
}

/** The links of a page that lead into this repository. */
function linksOf(page: string): string[] {
  const text = proseOf(page)
  const links = [...text.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)|(?:src|srcset|href)="([^"]+)"/g)]
  const definitions = [...text.matchAll(/^\[[^\]]+\]: (\S+)/gm)]
  return [...links, ...definitions]
    .map(([, first, second]) => first ?? second ?? '')
    .filter((link) => !/^[a-z]+:/.test(link))
}

describe.each(pages)('%s', (page) => {
  it('links to what is there', () => {
    const broken = linksOf(page).filter((link) => {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? page : relative(root, join(root, dirname(page), path))
      if (!existsSync(join(root, target))) return true
      return anchor !== undefined && (!target.endsWith('.md') || !anchorsOf(target).has(anchor))
    })
    expect(broken).toEqual([])
  })
})

describe('links', () => {
  it('are found', () => {
    expect(linksOf('README.md')).toEqual(expect.arrayContaining(['docs/files.md', 'SECURITY.md']))
    expect(linksOf('docs/cgi.md')).toContain('#speed')
  })
})

describe("README.md's codes of errors", () => {
  // Those that Node or OpenSSL give their errors.
  const foreign = /^ERR_(?:STREAM|HTTP2|OSSL|SSL|INVALID_ARG)_/

  it('are those of lib/', () => {
    const code = filesIn('lib', '.ts')
      .flatMap((file) => read(file).match(/(?<=')ERR_[A-Z_]+(?=')/g) ?? [])
      .filter((name) => !foreign.test(name))
    const rows = read('README.md').matchAll(/^\| `(ERR_[A-Z_]+)` /gm)
    expect([...rows].map(([, name]) => name).sort()).toEqual([...new Set(code)].sort())
  })
})

/** A member of an interface, and what its comment says. */
interface Member {
  readonly name: string
  readonly tags: readonly string[]
}

function membersOf(file: string, name: string): Member[] {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true)
  const found = source.statements.find(
    (node): node is ts.InterfaceDeclaration =>
      ts.isInterfaceDeclaration(node) && node.name.text === name,
  )
  return (found?.members ?? []).map((member) => ({
    name: member.name?.getText(source) ?? '',
    tags: ts.getJSDocTags(member).map((tag) => tag.tagName.text),
  }))
}

const options: readonly (readonly [name: string, file: string, page: string])[] = [
  ['SimpleHandlerOptions', 'types/options.ts', 'docs/files.md'],
  ['CacheOptions', 'types/files.ts', ''],
  ['CgiHandlerOptions', 'types/cgi.ts', 'docs/cgi.md'],
  ['ToMiddlewareOptions', 'lib/middleware/handler.ts', ''],
  ['HTTPServerOptions', 'types/server.ts', 'docs/server.md'],
  ['TlsOptions', 'types/server.ts', 'docs/server.md'],
  ['WireOptions', 'types/wire.ts', 'docs/server.md'],
  ['ServeOptions', 'lib/server/serve-options.ts', 'docs/server.md'],
  ['LogOptions', 'types/logger.ts', 'docs/server.md'],
  ['ProxyOptions', 'types/proxy.ts', 'docs/server.md'],
]

describe.each(options)('%s', (name, file) => {
  it('says the default of each option', () => {
    const members = membersOf(file, name)
    expect(members.length).toBeGreaterThan(0)
    const silent = members.filter(({ tags }) => !tags.includes('defaultValue'))
    expect(silent.map((member) => member.name)).toEqual([])
  })
})

describe.each(options.filter(([, , page]) => page !== ''))('%s', (name, file, page) => {
  it(`has each option in ${page}`, () => {
    const text = read(page)
    const missing = membersOf(file, name).filter(
      (member) => !new RegExp(`\`[^\`\n]*\\b${member.name}\\b`).test(text),
    )
    expect(missing.map((member) => member.name)).toEqual([])
  })
})

describe("README.md's table of options", () => {
  it('has each option of simpleHandler() that serve-static has not', () => {
    const shared = [
      ...['acceptRanges', 'cacheControl', 'dotfiles', 'etag', 'extensions', 'fallthrough'],
      ...['immutable', 'index', 'lastModified', 'maxAge', 'redirect', 'setHeaders'],
    ]
    const start = read('README.md').split('## As middleware')[1]?.split('## As a handler class')[0]
    const named = [...(start ?? '').matchAll(/^\| (`[^|]+`) /gm)].flatMap(
      ([, cell = '']) => cell.match(/\w+/g) ?? [],
    )
    const own = [
      ...membersOf('types/options.ts', 'SimpleHandlerOptions'),
      ...membersOf('types/logger.ts', 'LogOptions'),
      ...membersOf('types/proxy.ts', 'ProxyOptions'),
    ].map(({ name }) => name)
    expect(named.sort()).toEqual(own.filter((name) => !shared.includes(name)).sort())
  })
})
