import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, jest } from '@jest/globals'
import ts from 'typescript'

// The compiler reads the types of Node and Express.
jest.setTimeout(60_000)

const root = join(__dirname, '../..')

/** The programs that a page shows, by a name that their imports are resolved from. */
function programsOf(page: string): [name: string, program: string][] {
  const text = readFileSync(join(root, page), 'utf8')
  const blocks = [...text.matchAll(/^```(?:js|ts)\n(.*?)^```/gms)].map(([, code = '']) => code)
  return blocks.map((code, i) => {
    const names = ['cgiHandler', 'simpleHandler'].filter((name) => code.includes(`${name}(`))
    // What goes on where another block has left off.
    const imports = code.includes('import ')
      ? ''
      : `import { ${names.join(', ')} } from 'basehttp'\n`
    const app = code.includes('const app') ? '' : "declare const app: import('express').Express\n"
    return [join(root, `${page.replaceAll('/', '-')}.${i}.mts`), imports + app + code]
  })
}

it('README and docs show programs whose types hold', () => {
  const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)]
  const programs = new Map(pages.filter((name) => name.endsWith('.md')).flatMap(programsOf))
  expect(programs.size).toBeGreaterThanOrEqual(7)
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    noImplicitOverride: false,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    noEmit: true,
    types: ['node'],
  }
  const host = ts.createCompilerHost(options)
  const fileExists = host.fileExists.bind(host)
  const getSourceFile = host.getSourceFile.bind(host)
  host.fileExists = (name) => programs.has(name) || fileExists(name)
  host.getSourceFile = (name, version, ...rest) => {
    const program = programs.get(name)
    if (program !== undefined) return ts.createSourceFile(name, program, version)
    return getSourceFile(name, version, ...rest)
  }
  const program = ts.createProgram([...programs.keys()], options, host)
  const shown = ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line
    return `${file?.fileName ?? ''}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
  })
  expect(shown).toEqual([])
})
