import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import express, { type Express } from 'express'
import type { Server } from 'node:http'
import { cgiHandler } from '../../lib/middleware/cgi.ts'
import { simpleHandler } from '../../lib/middleware/simple.ts'
import type { CgiHandlerOptions } from '../../types/cgi.ts'
import { makeSite, type Site } from '../helpers/cgi.ts'
import { request, text } from '../helpers/request.ts'
import { exchange, parseResponses } from '../helpers/raw.ts'
import { describeWith, findTool, runTool } from '../helpers/tools.ts'

/** Programs are run on an Express app, the host that most people have. */
async function serve(mount: string, options: CgiHandlerOptions): Promise<[Server, number]> {
  return listen(express().use(mount, cgiHandler(options)))
}

async function listen(app: Express): Promise<[Server, number]> {
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  return [server, typeof address === 'object' && address !== null ? address.port : 0]
}

const backend = [
  '/usr/lib/git-core/git-http-backend',
  '/usr/libexec/git-core/git-http-backend',
  '/Library/Developer/CommandLineTools/usr/libexec/git-core/git-http-backend',
].find((path) => existsSync(path))

describeWith(['git', backend ?? 'git-http-backend'], 'git http-backend', () => {
  let site: Site
  let server: Server
  let url = ''
  let work = ''

  const git = (args: string[], cwd: string): Promise<string> =>
    runTool('git', args, {
      cwd,
      env: {
        GIT_CONFIG_GLOBAL: join(site.directory, 'gitconfig'),
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_TERMINAL_PROMPT: '0',
      },
    })

  beforeAll(async () => {
    site = makeSite()
    writeFileSync(
      join(site.directory, 'gitconfig'),
      '[user]\n name = T\n email = t@example\n[init]\n defaultBranch = main\n[safe]\n directory = *\n',
    )
    const root = join(site.directory, 'out')
    await git(['init', '-q', '--bare', 'project.git'], root)
    await git(['-C', 'project.git', 'config', 'http.receivepack', 'true'], root)
    await git(['-C', 'project.git', 'config', 'uploadpack.allowFilter', 'true'], root)
    // The user that scripts run as writes to it.
    await runTool('chmod', ['-R', 'a+rwX', join(root, 'project.git')])
    const [started, port] = await serve('/git', {
      script: backend ?? '',
      env: {
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '',
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
      },
    })
    server = started
    url = `http://127.0.0.1:${port}/git/project.git`
    work = join(site.directory, 'work')
    mkdirSync(work)
    await git(['init', '-q'], work)
    for (let i = 0; i < 3; i++) {
      writeFileSync(join(work, 'file.txt'), `version ${i}\n`)
      await git(['add', '.'], work)
      await git(['commit', '-q', '-m', `commit ${i}`], work)
    }
  })
  afterAll(() => {
    server.close()
    site.remove()
  })

  it('takes a push', async () => {
    await git(['push', '-q', url, 'main'], work)
    expect(await git(['ls-remote', url, 'main'], work)).toMatch(/\trefs\/heads\/main\n$/)
  })

  it('takes a push above a megabyte, which comes in chunks', async () => {
    writeFileSync(join(work, 'large.bin'), randomBytes(3_000_000))
    await git(['add', '.'], work)
    await git(['commit', '-q', '-m', 'large'], work)
    await git(['push', '-q', url, 'main'], work)
    const head = (await git(['rev-parse', 'HEAD'], work)).trim()
    expect(await git(['ls-remote', url, 'main'], work)).toContain(head)
  })

  it('gives a clone', async () => {
    await git(['clone', '-q', url, 'clone'], site.directory)
    const cloned = join(site.directory, 'clone')
    expect(readFileSync(join(cloned, 'file.txt'), 'utf8')).toBe('version 2\n')
    expect(await git(['rev-list', '--count', 'HEAD'], cloned)).toBe('4\n')
    const large = readFileSync(join(cloned, 'large.bin'))
    expect(large.equals(readFileSync(join(work, 'large.bin')))).toBe(true)
  })

  it('gives a shallow clone, asked for with compressed content', async () => {
    await git(['clone', '-q', '--depth', '1', url, 'shallow'], site.directory)
    expect(await git(['rev-list', '--count', 'HEAD'], join(site.directory, 'shallow'))).toBe('1\n')
  })

  it('gives a clone without files, and those when they are asked for', async () => {
    await git(['clone', '-q', '--filter=blob:none', url, 'partial'], site.directory)
    expect(readFileSync(join(site.directory, 'partial/file.txt'), 'utf8')).toBe('version 2\n')
  })

  it.each(['0', '1', '2'])('speaks version %s of the protocol', async (version) => {
    const refs = await git(['-c', `protocol.version=${version}`, 'ls-remote', url, 'main'], work)
    expect(refs).toMatch(/\trefs\/heads\/main\n$/)
  })

  it('reads compressed content', async () => {
    const { port } = new URL(url)
    const head = (await git(['rev-parse', 'HEAD'], work)).trim()
    const wants = gzipSync(`0032want ${head}\n00000009done\n`)
    const fields = `POST /git/project.git/git-upload-pack HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/x-git-upload-pack-request\r\nContent-Encoding: gzip\r\nContent-Length: ${wants.length}\r\n\r\n`
    const received = await exchange(Number(port), Buffer.concat([Buffer.from(fields), wants]))
    const [response] = parseResponses(received)
    expect(response?.status).toBe(200)
    expect(response?.body.toString('latin1')).toMatch(/^0008NAK\nPACK/)
  })

  it('serves files to clients that know no more', async () => {
    const { port } = new URL(url)
    const response = await request(Number(port), '/git/project.git/HEAD')
    expect([response.status, text(response)]).toEqual([200, 'ref: refs/heads/main\n'])
  })

  it('refuses what it refuses by its own status', async () => {
    const { port } = new URL(url)
    const response = await request(Number(port), '/git/none.git/info/refs?service=git-upload-pack')
    expect(response.status).toBe(404)
  })
})

describeWith(['php-cgi'], 'php-cgi', () => {
  const page = `<?php
header('X-Php: yes');
setcookie('a', 'b');
if (isset($_GET['missing'])) http_response_code(404);
echo $_SERVER['REQUEST_METHOD'], '|', $_GET['q'] ?? '', '|', $_POST['p'] ?? '', '|';
echo $_SERVER['SCRIPT_NAME'], '|', $_SERVER['PATH_INFO'] ?? 'none', '|', $_SERVER['PHP_SELF'], '|';
echo basename(__FILE__), '|', strlen(file_get_contents('php://input'));
`
  let site: Site
  let server: Server
  let port = 0

  beforeAll(async () => {
    site = makeSite({ '/page.php': page, '/sub/page.php': page, '/picture.txt': 'a picture' })
    const [started, at] = await serve('/app', {
      directory: site.directory,
      cgiDirectories: ['/'],
      interpreters: { '.php': findTool('php-cgi') ?? '' },
    })
    server = started
    port = at
  })
  afterAll(() => {
    server.close()
    site.remove()
  })

  it('runs a page, for which it needs REDIRECT_STATUS', async () => {
    const response = await request(port, '/app/page.php?q=x%20y')
    expect([response.status, response.get('x-php'), response.get('set-cookie')]).toEqual([
      200,
      'yes',
      'a=b',
    ])
    expect(text(response)).toBe('GET|x y||/app/page.php|none|/app/page.php|page.php|0')
  })

  it('has PATH_INFO, content and a status', async () => {
    const content = 'p=posted'
    const head = `POST /app/sub/page.php/a/b?missing HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: ${content.length}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n`
    const [response] = parseResponses(await exchange(port, head + content))
    expect(response?.status).toBe(404)
    expect(response?.body.toString()).toBe(
      'POST||posted|/app/sub/page.php|/a/b|/app/sub/page.php/a/b|page.php|8',
    )
  })

  // docs/cgi.md shows it: scripts among other files, and one that answers every other path.
  it.each([
    ['/page.php/rest', 200, '|/page.php|/rest|/page.php/rest|page.php|'],
    ['/sub/page.php', 200, '|/sub/page.php|none|/sub/page.php|page.php|'],
    ['/picture.txt', 200, 'a picture'],
    ['/any/other?x', 200, '||/any/other|/any/other|page.php|'],
    ['/', 200, '||/|/|page.php|'],
    ['/sub', 301, ''],
    ['/none.php', 404, "No such CGI script ('/none.php')"],
    ['/PAGE.PHP', 404, "No such CGI script ('/PAGE.PHP')"],
    ['/%70age.php', 301, ''],
    ['/page%2ephp', 301, ''],
  ])('serves an application: %s', async (path, status, part) => {
    const { directory } = site
    const options = { directory, interpreters: { '.php': findTool('php-cgi') ?? '' } }
    const app = express()
    app.all(/\.php(\/|$)/i, cgiHandler({ ...options, cgiDirectories: ['/'] }))
    app.use(simpleHandler(directory, { listing: false, index: false }))
    app.use(cgiHandler({ ...options, script: join(directory, 'page.php') }))
    const [other, at] = await listen(app)
    const response = await request(at, path)
    other.close()
    expect(response.status).toBe(status)
    expect(text(response).replaceAll('&#x27;', "'")).toContain(part)
    expect(text(response)).not.toContain('<?php')
  })

  it('takes no options from a query', async () => {
    const response = await request(port, '/app/page.php?-s')
    expect(text(response)).not.toContain('strlen')
    expect(text(response)).toMatch(/^GET\|/)
  })
})

const languages = [
  ['perl', '#!/usr/bin/env perl', 'print "Content-Type: text/plain\\n\\n$ENV{QUERY_STRING} $]";'],
  [
    'python3',
    '#!/usr/bin/env python3',
    'import os; print("Content-Type: text/plain\\n\\n" + os.environ["QUERY_STRING"])',
  ],
] as const

describeWith(
  languages.map(([name]) => name),
  'Scripts',
  () => {
    it.each(languages)('in %s run', async (name, line, program) => {
      const site = makeSite({ [`script.${name}`]: `${line}\n${program}\n` })
      // Wherever it is installed, the script's user has to get at it: the system's comes first.
      const [server, port] = await serve('/', {
        directory: site.directory,
        env: { PATH: `/usr/bin:/usr/local/bin:${process.env['PATH'] ?? ''}` },
      })
      const response = await request(port, `/cgi-bin/script.${name}?it=runs`)
      server.close()
      site.remove()
      expect([response.status, text(response)]).toEqual([200, expect.stringMatching(/^it=runs/)])
    })
  },
)

describeWith(['gcc'], 'A C program', () => {
  it('runs', async () => {
    const site = makeSite()
    const source = site.write(
      '/main.c',
      '#include <stdio.h>\n#include <stdlib.h>\nint main(void) { printf("Content-Type: text/plain\\n\\n%s", getenv("REQUEST_METHOD")); return 0; }\n',
    )
    mkdirSync(join(site.directory, 'cgi-bin'))
    await runTool('gcc', ['-o', join(site.directory, 'cgi-bin/program'), source])
    const [server, port] = await serve('/', { directory: site.directory })
    const response = await request(port, '/cgi-bin/program')
    server.close()
    site.remove()
    expect(text(response)).toBe('GET')
  })
})

const gitweb = '/usr/share/gitweb/gitweb.cgi'
const cgit = '/usr/lib/cgit/cgit.cgi'

describeWith(['git', gitweb, cgit], 'Viewers of git', () => {
  let site: Site
  let server: Server
  let port = 0

  beforeAll(async () => {
    site = makeSite()
    const root = join(site.directory, 'repositories')
    const git = (...args: string[]): Promise<string> =>
      runTool('git', ['-c', 'user.name=T', '-c', 'user.email=t@example', ...args], {
        cwd: site.directory,
        env: { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
      })
    await git('init', '-q', '-b', 'main', 'work')
    writeFileSync(join(site.directory, 'work/file.txt'), 'of this version\n')
    await git('-C', 'work', 'add', '.')
    await git('-C', 'work', 'commit', '-q', '-m', 'Zwölf Boxkämpfer')
    await git('clone', '-q', '--bare', 'work', join(root, 'project.git'))
    const config = site.write('/gitweb.conf', `$projectroot = '${root}';\n1;\n`)
    const cgitrc = site.write(
      '/cgitrc',
      `virtual-root=/cgit/\nrepo.url=project\nrepo.path=${root}/project.git\n`,
    )
    const app = express()
    const env = {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      GITWEB_CONFIG: config,
      CGIT_CONFIG: cgitrc,
    }
    app.use('/gitweb', cgiHandler({ script: gitweb, env }))
    app.use('/cgit', cgiHandler({ script: cgit, env }))
    server = app.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    port = typeof address === 'object' && address !== null ? address.port : 0
  })
  afterAll(() => {
    server.close()
    site.remove()
  })

  it.each([
    ['/gitweb', /project\.git/],
    ['/gitweb?p=project.git;a=summary', /Zwölf Boxkämpfer/],
    ['/gitweb/project.git/log', /Zwölf Boxkämpfer/],
    ['/gitweb/project.git/blob_plain/HEAD:/file.txt', /^of this version\n$/],
    ['/cgit/', /project/],
    ['/cgit/project/log/', /Zwölf Boxkämpfer/],
    ['/cgit/project/plain/file.txt', /^of this version\n$/],
  ])('show %s', async (target, expected) => {
    const response = await request(port, target)
    expect(response.status).toBe(200)
    expect(text(response)).toMatch(expected)
  })

  it.each(['/gitweb?p=none.git;a=summary', '/cgit/none/'])('say 404 to %s', async (target) => {
    expect((await request(port, target)).status).toBe(404)
  })
})

describeWith(['perl', gitweb], "Perl's CGI.pm", () => {
  // It comes with gitweb.
  const form = `#!/usr/bin/perl
use CGI;
my $q = CGI->new;
my $file = $q->upload('file');
my $size = $file ? length(do { local $/; <$file> }) : 'none';
print $q->header(-type => 'text/plain', -status => '202 Taken', -cookie => $q->cookie(-name => 'c', -value => 'v'));
print join('|', $q->request_method, scalar $q->param('a'), $size, $q->path_info, $q->script_name, $q->cookie('k'));
`
  let site: Site
  let server: Server
  let port = 0
  beforeAll(async () => {
    const nph = `#!/usr/bin/perl
use CGI;
print CGI->new->header(-type => 'text/plain', -nph => 1), "by itself";
`
    const redirect =
      '#!/usr/bin/perl\nuse CGI;\nprint CGI->new->redirect("http://other.example/");\n'
    site = makeSite({ 'form.pl': form, 'nph-all.pl': nph, 'redirect.pl': redirect })
    ;[server, port] = await serve('/', { directory: site.directory })
  })
  afterAll(() => {
    server.close()
    site.remove()
  })

  it('reads a form with a file, in chunks', async () => {
    const part = (name: string, content: string): string =>
      `--b\r\nContent-Disposition: form-data; ${name}\r\n\r\n${content}\r\n`
    const content = `${part('name="a"', 'x y')}${part('name="file"; filename="f"', 'z'.repeat(100_000))}--b--\r\n`
    const fields =
      'POST /cgi-bin/form.pl/info HTTP/1.1\r\nHost: h\r\nConnection: close\r\nCookie: j=1\r\nCookie: k=2\r\nContent-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n'
    const half = content.slice(0, 50_000)
    const rest = content.slice(50_000)
    const chunks = [half, rest, ''].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
    const [response] = parseResponses(await exchange(port, fields + chunks.join('')))
    expect([response?.status, response?.reason, response?.get('set-cookie')]).toEqual([
      202,
      'Taken',
      'c=v; path=/',
    ])
    expect(response?.body.toString()).toBe('POST|x y|100000|/info|/cgi-bin/form.pl|2')
  })

  it('redirects', async () => {
    const response = await request(port, '/cgi-bin/redirect.pl')
    expect([response.status, response.get('location')]).toEqual([302, 'http://other.example/'])
  })

  it('writes the whole response of an nph- script', async () => {
    const received = (
      await exchange(port, 'GET /cgi-bin/nph-all.pl HTTP/1.1\r\nHost: h\r\n\r\n')
    ).toString()
    expect(received).toMatch(/^HTTP\/1\.[01] 200 OK\r\nServer: [^]*\r\n\r\nby itself$/)
    expect(received.match(/^date:/gim)).toHaveLength(1)
  })
})
