import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import { cgiHandler } from '../../lib/middleware/cgi.ts'
import type { Middleware } from '../../types/middleware.ts'
import { makeSite, startCgi, type CgiRun, type Site } from '../helpers/cgi.ts'
import { onEveryHost } from '../helpers/hosts.ts'
import { connect, exchange, parseResponses, type RawResponse } from '../helpers/raw.ts'
import { request, text } from '../helpers/request.ts'

/** Prints what stands, still escaped, in its query; so each test has its script in sight. */
const print = `#!/usr/bin/perl
my $text = $ENV{QUERY_STRING};
$text =~ s/%([0-9A-F]{2})/chr hex $1/ge;
binmode STDOUT;
print $text;
`

let site: Site
beforeAll(() => {
  site = makeSite({
    'print.pl': print,
    'nph-print.pl': print,
    'target.sh': `#!/bin/sh
printf 'Content-Type: text/plain\\nX-Target: yes\\n\\n'
printf '%s|' "$REQUEST_METHOD" "$QUERY_STRING" "$REQUEST_URI" "$REDIRECT_URL" "$HTTP_COOKIE"
printf '%s' "\${CONTENT_LENGTH-unset}"
`,
    'loop.sh': "#!/bin/sh\nprintf 'Location: /cgi-bin/loop.sh\\n\\n'\n",
    // Between the content and the end, since libuv does not tell a reset that comes with data from an end.
    'killed.sh': "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\npart'; sleep 0.1; kill -9 $$\n",
    'nph-killed.sh': "#!/bin/sh\nprintf 'HTTP/1.1 200 OK\\r\\n\\r\\npart'; sleep 0.1; kill -9 $$\n",
    'nph-nothing.sh': '#!/bin/sh\nexit 3\n',
    'fails.sh': '#!/bin/sh\necho "It broke" >&2\nexit 3\n',
    'exits.sh': "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nall of it'; exit 3\n",
    'bad-interpreter': '#!/nonexistent/interpreter\n',
    'crlf.sh': '#!/bin/sh\r\necho\r\n',
    '/page.html': '<p>a page\n',
  })
})
afterAll(() => {
  site.remove()
})

function encode(output: string): string {
  return [...Buffer.from(output, 'latin1')]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')
}

onEveryHost('The response of a script', (host) => {
  async function get(
    output: string,
    { method = 'GET', run }: { method?: string; run?: CgiRun } = {},
  ): Promise<RawResponse> {
    const { port } = run ?? (await startCgi(host, site))
    return request(port, `/cgi-bin/print.pl?${encode(output)}`, { method })
  }

  it.each([
    ['Content-Type: a/b\n\nx', 200, 'OK', 'x'],
    ['Content-Type: a/b\r\nX-A: b\r\n\r\nx\r\n', 200, 'OK', 'x\r\n'],
    ['Status: 404\nContent-Type: a/b\n\nx', 404, 'Not Found', 'x'],
    ['Status: 404 Nowhere At All\n\nx', 404, 'Nowhere At All', 'x'],
    ['status: 299 caf\xe9\n\nx', 299, 'caf\xe9', 'x'],
    ['X-Only: x\n\nno type\n', 200, 'OK', 'no type\n'],
    ['Content-Type: a/b\n\n', 200, 'OK', ''],
  ])('to %j has its status, reason and content', async (output, status, reason, content) => {
    const response = await get(output)
    expect([response.status, response.reason, response.body.toString('latin1')]).toEqual([
      status,
      reason,
      content,
    ])
  })

  it('keeps fields, their order and their bytes', async () => {
    const response = await get(
      'Content-Type: a/b\nSet-Cookie: a=1\nX-Byte: \xe9\nSet-Cookie: b=2\nX-Byte: 2\n\n',
    )
    const own = response.headers.filter(([name]) =>
      /^(content-type|set-cookie|x-byte)$/i.test(name),
    )
    expect(own.filter(([name]) => name === 'Set-Cookie').map(([, value]) => value)).toEqual([
      'a=1',
      'b=2',
    ])
    expect(own.filter(([name]) => name === 'X-Byte').map(([, value]) => value)).toEqual([
      '\xe9',
      '2',
    ])
    expect(response.get('content-type')).toBe('a/b')
  })

  it('sends no type of its own', async () => {
    expect((await get('X-A: b\n\nx')).get('content-type')).toBeUndefined()
  })

  it('drops what concerns the connection', async () => {
    const response = await get(
      'Content-Type: a/b\nConnection: keep-alive\nKeep-Alive: timeout=99\nTransfer-Encoding: chunked\n' +
        'Upgrade: x\nTrailer: y\n\n5\r\nhello\r\n0\r\n\r\n',
    )
    expect(response.body.toString()).toBe('5\r\nhello\r\n0\r\n\r\n')
    const values = response.headers.map(([, value]) => value)
    expect(values.filter((value) => /^(?:keep-alive|.*99|x|y)$/.test(value))).toEqual([])
  })

  it('lets Date and Server of the script stand, once', async () => {
    const response = await get('Date: Thu, 01 Jan 1970 00:00:00 GMT\nServer: Own/1\n\n')
    const names = response.headers.map(([name]) => name.toLowerCase())
    expect(names.filter((name) => name === 'date' || name === 'server').sort()).toEqual([
      'date',
      'server',
    ])
    expect(response.get('date')).toBe('Thu, 01 Jan 1970 00:00:00 GMT')
  })

  it('ends where its Content-Length says', async () => {
    const run = await startCgi(host, site)
    expect(text(await get('Content-Length: 3\n\nabcdef', { run }))).toBe('abc')
    expect(text(await get('Content-Length: 0\n\nabcdef', { run }))).toBe('')
    const short = await exchange(
      run.port,
      `GET /cgi-bin/print.pl?${encode('Content-Length: 9\n\nabc')} HTTP/1.1\r\nHost: h\r\n\r\n`,
    )
    expect(short.toString()).toMatch(/\r\n\r\nabc$/)
    expect(run.stderr.join('\n')).toMatch(/ended 6 octets before its Content-Length/)
  })

  it('has no content for HEAD, 204 and 304', async () => {
    const run = await startCgi(host, site)
    const head = await get('Content-Type: a/b\nContent-Length: 6\n\nabcdef', {
      method: 'HEAD',
      run,
    })
    expect([head.status, head.get('content-length'), head.body.length]).toEqual([200, '6', 0])
    for (const status of [204, 304]) {
      const bare = await get(`Status: ${status}\nX-A: b\n\nabcdef`, { run })
      expect([bare.status, bare.raw.toString().endsWith('\r\n\r\n')]).toEqual([status, true])
    }
    expect(run.stderr).toEqual([])
  })

  it('persists after content of known length', async () => {
    const { port } = await startCgi(host, site)
    const line = `GET /cgi-bin/print.pl?${encode('X-A: b\n\nhello')} HTTP/1.1\r\nHost: h\r\n`
    const received = await exchange(port, `${line}\r\n${line}Connection: close\r\n\r\n`)
    const bodies = parseResponses(received).map((response) => response.body.toString())
    expect(bodies).toEqual(['hello', 'hello'])
  })

  it('is delimited by the connection for HTTP/1.0', async () => {
    const { port } = await startCgi(host, site)
    const received = await exchange(
      port,
      `GET /cgi-bin/print.pl?${encode('X-A: b\n\nhello')} HTTP/1.0\r\n\r\n`,
    )
    const [response] = parseResponses(received)
    expect([response?.body.toString(), response?.get('transfer-encoding')]).toEqual([
      'hello',
      undefined,
    ])
  })

  it.each([
    ['no field', 'Hello, world\n\nbody\n', /no field/],
    ['a status line', 'HTTP/1.1 200 OK\nX: y\n\nbody', /no field/],
    ['no end of the head', 'Content-Type: a/b\n', /before an empty line/],
    ['no fields', '\nbody', /no fields/],
    ['a control character', 'X-A: b\x1b[31m\n\n', /control character/],
    ['a bare CR', 'X-A: b\rX-Injected: c\n\n', /control character/],
    ['a bad status', 'Status: abc\n\n', /no status/],
    ['a long line', `X-A: ${'a'.repeat(9000)}\n`.repeat(9), /too large/],
  ])('is 500 for %s', async (_, output, cause) => {
    const run = await startCgi(host, site, output.length > 9000 ? { maxHeaderSize: 100 } : {})
    const response = await get(output.slice(0, 2000), { run })
    expect([response.status, response.get('x-injected')]).toEqual([500, undefined])
    expect(response.raw.toString()).not.toMatch(/Hello|\nbody|\[31m/)
    expect(run.stderr.join('\n')).toMatch(output.length > 9000 ? /too large/ : cause)
  })

  it.each([
    ['fails.sh', /It broke[\s\S]*exit code 3|exit code 3[\s\S]*It broke/],
    ['bad-interpreter', /no interpreter '\/nonexistent\/interpreter'/],
    ['crlf.sh', /CR LF/],
  ])('is 500 for %s, and the log says why', async (script, cause) => {
    const run = await startCgi(host, site)
    const response = await request(run.port, `/cgi-bin/${script}`)
    expect(response.status).toBe(500)
    expect(response.raw.toString()).not.toMatch(/broke|interpreter/)
    expect(run.stderr.join('\n')).toMatch(cause)
  })

  it('is complete whatever the exit code, which is logged', async () => {
    const run = await startCgi(host, site)
    expect(text(await request(run.port, '/cgi-bin/exits.sh'))).toBe('all of it')
    expect(run.stderr.join('\n')).toMatch(/exits\.sh\[\d+\]: CGI script exit code 3/)
  })

  it.each(['1.1', '1.0'])(
    'never looks complete when a signal has ended it (HTTP/%s)',
    async (version) => {
      const run = await startCgi(host, site)
      const connection = await connect(run.port)
      await connection.send(`GET /cgi-bin/killed.sh HTTP/${version}\r\nHost: h\r\n\r\n`)
      const received = await connection.waitForClose()
      expect(received.toString().endsWith('0\r\n\r\n')).toBe(false)
      // What only the connection's end delimits has to end by a reset.
      if (!received.includes('Transfer-Encoding: chunked')) expect(connection.reset).toBe(true)
      expect(run.stderr.join('\n')).toMatch(/ended by SIGKILL/)
    },
  )

  it('redirects the client', async () => {
    const run = await startCgi(host, site)
    const absolute = await get('Location: http://other.example/x?y\n\n', { run })
    expect([absolute.status, absolute.get('location')]).toEqual([302, 'http://other.example/x?y'])
    const cookie = await get('Location: /cgi-bin/target.sh\nSet-Cookie: a=1\n\n', { run })
    expect([cookie.status, cookie.get('location'), cookie.get('set-cookie')]).toEqual([
      302,
      '/cgi-bin/target.sh',
      'a=1',
    ])
    const created = await get('Status: 201 Made\nLocation: /new\n\nbody', { run })
    expect([created.status, created.get('location'), text(created)]).toEqual([201, '/new', 'body'])
    expect((await get('Location: //other.example/\n\n', { run })).status).toBe(302)
  })

  it('is that of another path after a local redirect', async () => {
    const run = await startCgi(host, site)
    const location = encode('Location: /cgi-bin/target.sh?to=there\n\n')
    const target = `/cgi-bin/print.pl?${location}`
    const head = `POST ${target} HTTP/1.1\r\nHost: h\r\nCookie: c=1\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndata`
    const [response] = parseResponses(await exchange(run.port, head))
    expect([response?.status, response?.get('x-target')]).toEqual([200, 'yes'])
    expect(response?.body.toString()).toBe(`GET|to=there|${target}|/cgi-bin/print.pl|c=1|unset`)
    const bare = await get('Location: /cgi-bin/target.sh\n\n', { method: 'HEAD', run })
    expect([bare.status, bare.get('x-target'), bare.body.length]).toEqual([200, 'yes', 0])
    const missing = await get('Location: /cgi-bin/none\n\n', { run })
    expect(missing.status).toBe(404)
    expect(run.stderr).toEqual([])
  })

  it('is 500 after ten local redirects', async () => {
    const run = await startCgi(host, site)
    expect((await request(run.port, '/cgi-bin/loop.sh')).status).toBe(500)
    expect(run.stderr.join('\n')).toMatch(/redirects more than 10 times/)
  })

  it('is byte for byte that of an nph- script', async () => {
    const { port } = await startCgi(host, site)
    const output = 'HTTP/1.1 299 Odd\r\nX-A:   b \nContent-Length: 2\r\n\r\nhello\0\xff'
    const received = await exchange(
      port,
      `GET /cgi-bin/nph-print.pl?${encode(output)} HTTP/1.1\r\nHost: h\r\n\r\n`,
    )
    expect(received.toString('latin1')).toBe(output)
  })

  it('is 500 for an nph- script that says nothing, and cut off for one that is killed', async () => {
    const run = await startCgi(host, site)
    expect((await request(run.port, '/cgi-bin/nph-nothing.sh')).status).toBe(500)
    const connection = await connect(run.port)
    await connection.send('GET /cgi-bin/nph-killed.sh HTTP/1.1\r\nHost: h\r\n\r\n')
    await connection.waitForClose()
    expect(connection.reset).toBe(true)
  })

  it('is preceded by early hints', async () => {
    const { port } = await startCgi(host, site)
    const output =
      'Status: 103 Early Hints\nLink: </style.css>; rel=preload\n\nContent-Type: a/b\n\nbody'
    const target = `/cgi-bin/print.pl?${encode(output)}`
    const received = await exchange(
      port,
      `GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
    )
    const [hints, final] = parseResponses(received)
    expect([hints?.status, hints?.get('link'), final?.status, final?.body.toString()]).toEqual([
      103,
      '</style.css>; rel=preload',
      200,
      'body',
    ])
    const old = parseResponses(await exchange(port, `GET ${target} HTTP/1.0\r\n\r\n`))
    expect(old.map((response) => response.status)).toEqual([200])
  })

  it('takes a status line for a status when told to', async () => {
    const run = await startCgi(host, site, { acceptStatusLine: true })
    const response = await get('HTTP/1.0 404 Gone Fishing\nX-A: b\n\nx', { run })
    expect([response.status, response.reason]).toEqual([404, 'Gone Fishing'])
  })

  it('keeps what earlier middleware has set', async () => {
    if (host.name === 'HTTPServer') return
    const before: Middleware = (_req, res, next) => {
      res.setHeader('Set-Cookie', 'session=1')
      res.setHeader('X-Frame-Options', 'DENY')
      next?.()
    }
    const { port } = await startCgi(host, site, {}, { before })
    const target = `/cgi-bin/print.pl?${encode('Content-Type: a/b\nSet-Cookie: own=2\n\nx')}`
    const response = await request(port, target)
    const cookies = response.headers.filter(([name]) => name.toLowerCase() === 'set-cookie')
    expect(cookies.map(([, value]) => value)).toEqual(['session=1', 'own=2'])
    expect(response.get('x-frame-options')).toBe('DENY')
  })
})

describe('A local redirect in an Express app', () => {
  it('goes through all of the app', async () => {
    const app = express()
    app.get('/route', (req, res) => {
      res.send(
        `route ${req.method} ${JSON.stringify(req.query)} ${String(req.headers['content-type'])}`,
      )
    })
    app.use('/tools', cgiHandler({ directory: site.directory }))
    const server = app.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const target = `/tools/cgi-bin/print.pl?${encode('Location: /route?a=b\n\n')}`
    const head = `POST ${target} HTTP/1.1\r\nHost: h\r\nContent-Type: a/b\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx`
    const [response] = parseResponses(await exchange(port, head))
    server.close()
    expect(response?.body.toString()).toBe('route GET {"a":"b"} undefined')
  })
})
