import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals'
import express from 'express'
import { cgiHandler } from '../../lib/middleware/cgi.ts'
import { makeSite, type Site } from '../helpers/cgi.ts'
import { request, text } from '../helpers/request.ts'
import { describeWith, findTool, runTool } from '../helpers/tools.ts'

// Their clients send content of their own kinds in both directions, in many requests.
jest.setTimeout(30_000)

let site: Site
let server: Server
let origin = ''

async function serve(): Promise<number> {
  server = createServer(express().use(cgiHandler({ directory: site.directory })))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  origin = `http://127.0.0.1:${port}`
  return port
}

/** The user that scripts run as writes there. */
function share(path: string): Promise<string> {
  return runTool('chmod', ['-R', 'a+rwX', path])
}

describeWith(['hg'], "Mercurial's hgweb", () => {
  let port = 0
  const hg = (directory: string, ...args: string[]): Promise<string> =>
    runTool('hg', args, {
      cwd: join(site.directory, directory),
      env: { HGRCPATH: join(site.directory, 'hgrc'), HGPLAIN: '1' },
    })

  beforeAll(async () => {
    site = makeSite()
    const config = site.write(
      '/hgrc',
      '[ui]\nusername = T\n[trusted]\nusers = *\n[web]\npush_ssl = false\nallow-push = *\n',
    )
    const repository = join(site.directory, 'out/repository')
    mkdirSync(repository)
    await hg('out/repository', 'init')
    writeFileSync(join(repository, 'file.txt'), 'first\n')
    await hg('out/repository', 'commit', '--addremove', '-q', '-m', 'Zwölf Boxkämpfer')
    await share(repository)
    // By the Python that has its modules.
    const [line = ''] = readFileSync(findTool('hg') ?? '', 'utf8').split('\n')
    site.write(
      'hgweb',
      `${line}
import os
os.environ['HGRCPATH'] = '${config}'
from mercurial.hgweb import hgweb, wsgicgi
wsgicgi.launch(hgweb(b'${repository}'))
`,
    )
    port = await serve()
  })
  afterAll(() => {
    server.close()
    site.remove()
  })

  it('shows pages and files', async () => {
    expect(text(await request(port, '/cgi-bin/hgweb/rev/tip'))).toContain('Zwölf Boxkämpfer')
    expect(text(await request(port, '/cgi-bin/hgweb/raw-file/tip/file.txt'))).toBe('first\n')
    expect((await request(port, '/cgi-bin/hgweb/raw-file/tip/none.txt')).status).toBe(404)
  })

  it('gives a clone and takes a push', async () => {
    await hg('.', 'clone', '-q', `${origin}/cgi-bin/hgweb`, 'clone')
    const clone = join(site.directory, 'clone')
    expect(readFileSync(join(clone, 'file.txt'), 'utf8')).toBe('first\n')
    writeFileSync(join(clone, 'file.txt'), 'second\n'.repeat(100_000))
    await hg('clone', 'commit', '-q', '-m', 'second')
    await hg('clone', 'push', '-q')
    expect(await hg('out/repository', 'log', '-T', '{desc}\n')).toBe('second\nZwölf Boxkämpfer\n')
  })
})

describeWith(['fossil'], 'Fossil', () => {
  let port = 0
  const fossil = (directory: string, ...args: string[]): Promise<string> =>
    runTool('fossil', args, {
      cwd: join(site.directory, directory),
      env: { HOME: join(site.directory, 'home'), USER: 'tester' },
    })

  beforeAll(async () => {
    site = makeSite()
    mkdirSync(join(site.directory, 'home'))
    mkdirSync(join(site.directory, 'work'))
    await fossil('out', 'init', '--admin-user', 'tester', 'project.fossil')
    await fossil('work', 'open', '../out/project.fossil')
    writeFileSync(join(site.directory, 'work/file.txt'), 'of this version\n')
    await fossil('work', 'add', 'file.txt')
    await fossil('work', 'commit', '-m', 'Zwölf Boxkämpfer', '--no-warnings')
    await share(join(site.directory, 'out'))
    const program = findTool('fossil') ?? ''
    const repository = join(site.directory, 'out/project.fossil')
    chmodSync(site.write('project', `#!${program}\nrepository: ${repository}\n`), 0o755)
    port = await serve()
  })
  afterAll(() => {
    server.close()
    site.remove()
  })

  it('shows pages, files and the way to the first', async () => {
    expect(text(await request(port, '/cgi-bin/project/timeline'))).toContain('Zwölf Boxkämpfer')
    const file = await request(port, '/cgi-bin/project/doc/trunk/file.txt')
    expect(text(file)).toContain('of this version')
    const start = await request(port, '/cgi-bin/project')
    expect(start.status).toBe(302)
    expect(start.get('location')).toMatch(/\/cgi-bin\/project\/\w+$/)
  })

  it('gives a clone, by content of its own kind', async () => {
    await fossil('.', 'clone', `${origin}/cgi-bin/project`, 'clone.fossil')
    mkdirSync(join(site.directory, 'clone'))
    await fossil('clone', 'open', '../clone.fossil')
    const file = readFileSync(join(site.directory, 'clone/file.txt'), 'utf8')
    expect(file).toBe('of this version\n')
  })
})
