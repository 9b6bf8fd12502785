import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import { cgiHandler } from '../../lib/middleware/cgi.ts'
import { makeSite, startCgi, type Site } from '../helpers/cgi.ts'
import { onEveryHost } from '../helpers/hosts.ts'
import { exchange, parseResponses } from '../helpers/raw.ts'
import { request, text } from '../helpers/request.ts'

const print = `#!/bin/sh
printf 'Content-Type: text/plain\\n\\n'
env
`
const args = `#!/bin/sh
printf 'Content-Type: text/plain\\n\\n'
for word in "$@"; do printf '<%s>' "$word"; done
`
const bytes = `#!/bin/sh
printf 'Content-Type: text/plain\\n\\n'
printf '%s' "$PATH_INFO|$HTTP_X_BYTES|$1" | od -An -tx1 | tr -d ' \\n'
`

let site: Site
beforeAll(() => {
  site = makeSite({ 'print.sh': print, 'args.sh': args, 'bytes.sh': bytes })
  site.write(Buffer.from('by\xe9tes.sh', 'latin1').toString('latin1'), bytes)
})
afterAll(() => {
  site.remove()
})

function variables(content: string): Record<string, string> {
  const lines = content.split('\n').filter((line) => line.includes('='))
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
}

onEveryHost('The environment of a script', (host) => {
  async function environment(
    head: string,
    options: Parameters<typeof startCgi>[2] = {},
  ): Promise<Record<string, string>> {
    const { port } = await startCgi(host, site, options)
    const received = await exchange(
      port,
      head.replaceAll('\n', '\r\n').replaceAll('PORT', String(port)),
    )
    const [response] = parseResponses(received)
    return { ...variables(response?.body.toString('latin1') ?? ''), PORT: String(port) }
  }

  it('has what RFC 3875 and the other servers have', async () => {
    const { PORT, PATH, REMOTE_PORT, SERVER_SOFTWARE, ...rest } = await environment(
      'GET /cgi-bin/print.sh/x%20y?a=%20b HTTP/1.1\nHost: Test.example:PORT\nX-Custom: v\nConnection: close\n\n',
    )
    const inherited = ['LANG', 'LANGUAGE', 'TZ', 'LD_LIBRARY_PATH', 'PWD', 'SHLVL', '_', 'OLDPWD']
    const own = Object.entries(rest).filter(
      ([name]) => !inherited.includes(name) && !name.startsWith('LC_'),
    )
    expect(Object.fromEntries(own)).toEqual({
      DOCUMENT_ROOT: site.directory,
      GATEWAY_INTERFACE: 'CGI/1.1',
      HTTP_CONNECTION: 'close',
      HTTP_HOST: `Test.example:${PORT ?? ''}`,
      HTTP_X_CUSTOM: 'v',
      PATH_INFO: '/x y',
      PATH_TRANSLATED: `${site.directory}/x y`,
      QUERY_STRING: 'a=%20b',
      REDIRECT_STATUS: '200',
      REMOTE_ADDR: '127.0.0.1',
      REQUEST_METHOD: 'GET',
      REQUEST_SCHEME: 'http',
      REQUEST_URI: '/cgi-bin/print.sh/x%20y?a=%20b',
      SCRIPT_FILENAME: `${site.directory}/cgi-bin/print.sh`,
      SCRIPT_NAME: '/cgi-bin/print.sh',
      SERVER_ADDR: '127.0.0.1',
      SERVER_NAME: 'test.example',
      SERVER_PORT: PORT,
      SERVER_PROTOCOL: 'HTTP/1.1',
    })
    expect(PATH).not.toBe('')
    expect(REMOTE_PORT).toMatch(/^\d+$/)
    expect(SERVER_SOFTWARE).toMatch(/Node/)
  })

  it('has no secrets of the server, nor what a client must not set', async () => {
    process.env['BASEHTTP_TEST_SECRET'] = 'secret'
    const found = await environment(
      'GET /cgi-bin/print.sh HTTP/1.1\nHost: h\nProxy: secret\nAuthorization: secret\n' +
        'Proxy-Authorization: secret\nX_Under: secret\nX.Dot: secret\nConnection: close\n\n',
    )
    delete process.env['BASEHTTP_TEST_SECRET']
    expect(Object.entries(found).filter(([, value]) => value === 'secret')).toEqual([])
  })

  it('has what options add and take', async () => {
    process.env['BASEHTTP_TEST_WANTED'] = 'wanted'
    const found = await environment(
      'GET /cgi-bin/print.sh HTTP/1.1\nHost: h\nAuthorization: Basic x\nConnection: close\n\n',
      {
        passEnv: ['BASEHTTP_TEST_WANTED'],
        passAuthorization: true,
        env: (req) => ({ REMOTE_USER: 'é', AUTH_TYPE: req.method, SERVER_SOFTWARE: undefined }),
      },
    )
    delete process.env['BASEHTTP_TEST_WANTED']
    expect(found).toMatchObject({
      BASEHTTP_TEST_WANTED: 'wanted',
      HTTP_AUTHORIZATION: 'Basic x',
      REMOTE_USER: '\xc3\xa9',
      AUTH_TYPE: 'GET',
    })
    expect(found).not.toHaveProperty('SERVER_SOFTWARE')
  })

  it('joins fields that come more than once', async () => {
    const found = await environment(
      'GET /cgi-bin/print.sh HTTP/1.1\nHost: h\nX-A: 1\nCookie: a=1\nX-A: 2\nCookie: b=2\nConnection: close\n\n',
    )
    expect(found).toMatchObject({ HTTP_X_A: '1, 2', HTTP_COOKIE: 'a=1; b=2' })
  })

  it('keeps bytes as they are', async () => {
    const { port } = await startCgi(host, site)
    const received = await exchange(
      port,
      'GET /cgi-bin/bytes.sh/%E9%C3%A9?%FF HTTP/1.1\r\nHost: h\r\nX-Bytes: \xe9\r\nConnection: close\r\n\r\n',
    )
    expect(parseResponses(received)[0]?.body.toString()).toBe('2fe9c3a97ce97cff')
    const named = await request(port, '/cgi-bin/by%C3%A9tes.sh/x')
    expect([named.status, text(named)]).toEqual([200, '2f787c7c'])
  })

  it.each([
    ['a+b%20c', '<a><b c>'],
    ['%3Da+$x', '<=a><\\$x>'],
    ['a=b', ''],
    ['', ''],
    ['-s', ''],
    ['a+%2Dd', ''],
    ['a%00b', ''],
  ])('has words for the query ?%s', async (query, expected) => {
    const { port } = await startCgi(host, site)
    expect(text(await request(port, `/cgi-bin/args.sh?${query}`))).toBe(expected)
    expect(text(await request(port, `/cgi-bin/args.sh?${query}`, { method: 'POST' }))).toBe('')
  })

  it('refuses what no process can be given', async () => {
    const { port, stderr } = await startCgi(host, site, { env: { LARGE: 'x'.repeat(200_000) } })
    expect((await request(port, '/cgi-bin/args.sh')).status).toBe(431)
    expect(stderr.join('\n')).toMatch(/cannot be started: .*E2BIG/)
  })
})

describe('cgiHandler() behind a trusted proxy', () => {
  it('tells what the proxy was asked', async () => {
    const app = express()
    app.set('trust proxy', true)
    app.use(cgiHandler({ directory: site.directory }))
    const server = app.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const headers = {
      'X-Forwarded-For': '192.0.2.7',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'public.example',
    }
    const found = variables(text(await request(port, '/cgi-bin/print.sh', { headers })))
    server.close()
    expect(found).toMatchObject({
      REMOTE_ADDR: '192.0.2.7',
      REMOTE_PORT: '0',
      HTTPS: 'on',
      REQUEST_SCHEME: 'https',
      SERVER_NAME: 'public.example',
      SERVER_PORT: '443',
    })
  })
})
