import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { describeWith, findTool, runTool } from '../helpers/tools.ts'
import { RunningProgram } from '../helpers/process.ts'
import { exchange, parseResponses } from '../helpers/raw.ts'

const folder = join(__dirname, '../../examples')
const started = new Set<RunningProgram>()

afterEach(async () => {
  for (const program of started) await program.stop('SIGINT')
  started.clear()
})

/** Starts an example on a free port and resolves with its port. */
async function start(name: string, ...args: string[]): Promise<number> {
  const program = new RunningProgram(process.execPath, [join(folder, name), '0', ...args])
  started.add(program)
  const port = (): string | undefined => /:(\d+)\//.exec(program.stdout)?.[1]
  await program.waitUntil(() => port() !== undefined, 'a URL on standard output')
  return Number(port())
}

async function send(port: number, request: string): Promise<string> {
  return (await exchange(port, `${request}\r\nHost: a\r\nConnection: close\r\n\r\n`)).toString()
}

describe('examples', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.mjs'))

  it.each(names)('%s fits on a screen', (name) => {
    const lines = readFileSync(join(folder, name), 'utf8').trimEnd().split('\n')
    expect(lines.length).toBeLessThanOrEqual(name === 'methods.mjs' ? 32 : 30)
  })

  it('hello', async () => {
    const port = await start('hello.mjs')
    expect(await send(port, 'GET /x HTTP/1.1')).toMatch(/^HTTP\/1\.0 200 OK[^]*Hello from \/x\n$/)
  })

  it('methods', async () => {
    const port = await start('methods.mjs')
    expect(await send(port, 'SPAM / HTTP/1.1')).toMatch(/spam, spam, spam\n$/)
    const put = 'PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc'
    expect((await exchange(port, put)).toString()).toMatch(/\r\n\r\n3 bytes\n$/)
  })

  it('static', async () => {
    const port = await start('static.mjs')
    expect(await send(port, 'GET / HTTP/1.1')).toMatch(/<h1>It works<\/h1>/)
    expect(await send(port, 'GET /docs/ HTTP/1.1')).toContain('Gr%C3%BC%C3%9Fe')
  })

  it('express', async () => {
    const port = await start('express.mjs')
    expect(await send(port, 'GET /hello HTTP/1.1')).toMatch(/Hello\n$/)
    const file = await send(port, 'GET /files/style.css HTTP/1.1')
    expect(file).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(file).toMatch(/^Cache-Control: public, max-age=3600\r$/m)
  })

  it('drop-in', async () => {
    const port = await start('drop-in.mjs')
    const page = await send(port, 'GET / HTTP/1.1')
    expect(page).toMatch(/^Cache-Control: public, max-age=86400\r$/m)
    expect(page).toMatch(/^Content-Security-Policy: default-src 'self'\r$/m)
    expect(await send(port, 'GET /docs/notes HTTP/1.1')).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(await send(port, 'GET /docs/ HTTP/1.1')).toMatch(/^HTTP\/1\.1 404 /)
    expect(await send(port, 'GET /shared/style.css HTTP/1.1')).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(await send(port, 'GET /shared/docs/ HTTP/1.1')).toMatch(/^HTTP\/1\.1 401 /)
    expect(await send(port, 'GET /shared/%64ocs/ HTTP/1.1')).toMatch(/^HTTP\/1\.1 301 /)
    expect(await send(port, 'GET /shared/docs%2fnotes.md HTTP/1.1')).toMatch(/^HTTP\/1\.1 404 /)
  })

  it('spa', async () => {
    const port = await start('spa.mjs')
    const html = '\r\nAccept: text/html'
    expect(await send(port, `GET /any/page HTTP/1.1${html}`)).toContain('<h1>It works</h1>')
    expect(await send(port, `GET /missing.js HTTP/1.1${html}`)).toMatch(/^HTTP\/1\.1 404 /)
    const json = 'GET /any/page HTTP/1.1\r\nAccept: application/json'
    expect(await send(port, json)).toMatch(/^HTTP\/1\.1 404 /)
    expect(await send(port, 'GET /api/time HTTP/1.1')).toMatch(/"time":"20/)
  })

  it('json-listing', async () => {
    const program = new RunningProgram(process.execPath, [join(folder, 'json-listing.mjs'), '0'])
    started.add(program)
    await program.waitUntil(() => /:\d+\/\n$/.test(program.stdout), 'a URL on standard output')
    const lines = program.stdout.split('\n')
    expect(lines).toContain('/docs/')
    expect(lines).toContain('/index.html 344')
    expect(program.stdout).toContain('/docs/Gr%C3%BC%C3%9Fe%20aus%20K%C3%B6ln.txt ')
  })

  it('connect', async () => {
    const port = await start('connect.mjs')
    expect(await send(port, 'GET /clock HTTP/1.1')).toMatch(/GMT\n/)
  })

  it('cors', async () => {
    const port = await start('cors.mjs')
    for (const target of ['/', '/nothing', '/docs', '/docs/']) {
      expect(await send(port, `GET ${target} HTTP/1.1`)).toContain(
        '\r\nAccess-Control-Allow-Origin: *\r\n',
      )
    }
  })
})

describeWith(['perl', 'python3'], 'the example of CGI', () => {
  it('runs a Perl and a Python script, and shows the source of neither', async () => {
    const port = await start('cgi.mjs')
    const perl = await send(port, 'GET /cgi-bin/hello.pl?x HTTP/1.1')
    expect(perl).toMatch(/Perl says hello to 127\.0\.0\.1, who asks for 'x'\n/)
    const post =
      'POST /cgi-bin/form.py HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\na=b'
    const [python] = parseResponses(await exchange(port, post))
    expect(python?.body.toString()).toBe("Python got [('a', ['b'])]\n")
    for (const target of ['/cgi-bin%2fhello.pl', '/cgi-bin/', '/x/../cgi-bin/hello.pl']) {
      expect(await send(port, `GET ${target} HTTP/1.1`)).not.toContain('use strict')
    }
  })
})

describeWith(['git'], 'the example of git', () => {
  it('takes a push and gives a clone', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'basehttp-git-'))
    try {
      const identity = ['-c', 'user.name=T', '-c', 'user.email=t@example.org']
      const git = (...args: string[]): Promise<string> =>
        runTool(findTool('git') ?? 'git', [...identity, ...args], {
          cwd: directory,
          env: { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
        })
      await git('init', '-q', '--bare', 'project.git')
      const url = `http://localhost:${await start('git.mjs', directory)}/git/project.git`
      await git('clone', '-q', url, 'work')
      await git('-C', 'work', 'commit', '-q', '--allow-empty', '-m', 'first')
      await expect(git('-C', 'work', 'push', '-q', url, 'HEAD:main')).rejects.toThrow(/403/)
      const somebody = ['-c', 'http.extraHeader=X-User: somebody']
      await git('-C', 'work', ...somebody, 'push', '-q', url, 'HEAD:main')
      expect(await git('ls-remote', url)).toMatch(/\trefs\/heads\/main\n$/)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
})
