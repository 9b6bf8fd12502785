import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { CGIHTTPRequestHandler } from '../../lib/handlers/cgi.ts'
import { configure } from '../../lib/handlers/configure.ts'
import { HTTPServer } from '../../lib/server/http-server.ts'
import { makeSite, type Site } from '../helpers/cgi.ts'
import type { RunningServer } from '../helpers/process.ts'
import { findPython, startPython } from '../helpers/python.ts'
import { connect } from '../helpers/raw.ts'
import { describeWith } from '../helpers/tools.ts'

const names = [
  'AUTH_TYPE CONTENT_LENGTH CONTENT_TYPE DOCUMENT_ROOT GATEWAY_INTERFACE HTTPS HTTP_ACCEPT',
  'HTTP_AUTHORIZATION HTTP_COOKIE HTTP_HOST HTTP_REFERER HTTP_USER_AGENT HTTP_X_OTHER PATH_INFO PATH_TRANSLATED',
  'QUERY_STRING REDIRECT_STATUS REMOTE_ADDR REMOTE_HOST REMOTE_PORT REMOTE_USER REQUEST_METHOD REQUEST_URI',
  'SCRIPT_FILENAME SCRIPT_NAME SERVER_PROTOCOL',
]
  .join(' ')
  .split(' ')

// SERVER_NAME is left out: http.server asks the name server for it.
const env = `#!/bin/sh
printf 'Content-Type: text/plain\\n\\n'
for name in ${names.join(' ')}; do eval "printf '%s=<%s>\\n' $name \\"\\\${$name-unset}\\""; done
printf '%s words:' $#
for word in "$@"; do printf ' <%s>' "$word"; done
printf '\\n'
id -u
`

/** A head, its lines; what is said of HTTP/1.0 holds for 1.1 alike, which http.server answers as 1.0. */
const get = (target: string, ...fields: string[]): string =>
  [`GET ${target} HTTP/1.0`, ...fields, '', ''].join('\r\n')

const requests: Readonly<Record<string, string>> = {
  'a script': get('/cgi-bin/env.sh'),
  'an empty query': get('/cgi-bin/env.sh?'),
  'a query that is a form': get('/cgi-bin/env.sh?a=b&c=%20d'),
  'a query that is words': get('/cgi-bin/env.sh?a+b%20c'),
  'a query of a POST': 'POST /cgi-bin/env.sh?a+b HTTP/1.0\r\n\r\n',
  PATH_INFO: get('/cgi-bin/env.sh/x/y%20z/?q'),
  'PATH_INFO that is decoded twice': get('/cgi-bin/env.sh/%2541'),
  'PATH_INFO with an encoded question mark': get('/cgi-bin/env.sh/a%3Fb?c'),
  'PATH_INFO with doubled slashes and dots': get('/cgi-bin/env.sh//a/./b/../c//d/.'),
  'a script in a directory below': get('/cgi-bin/sub/env.sh/x'),
  'the other directory': get('/htbin/env.sh'),
  'doubled slashes': get('//cgi-bin//env.sh'),
  dots: get('/x/../cgi-bin/./env.sh'),
  'an encoded slash': get('/cgi-bin%2fenv.sh'),
  fields: get(
    '/cgi-bin/env.sh',
    'Host: somewhere',
    'Accept: a/b',
    'accept: c/d',
    'Cookie: e=f',
    'Cookie: g=h',
    'User-Agent: i',
    'Referer: j',
    'X-Other: k',
    'Content-Type: l/m',
  ),
  'Basic credentials': get('/cgi-bin/env.sh', 'Authorization: Basic dXNlcjpwYXNz'),
  'a password with a colon': get('/cgi-bin/env.sh', 'Authorization: Basic dXNlcjpwYTpzcw=='),
  'other credentials': get('/cgi-bin/env.sh', 'Authorization: Bearer token'),
  content: 'POST /cgi-bin/read.sh HTTP/1.0\r\nContent-Length: 7\r\n\r\ncontent',
  'content that waits for 100 Continue, from a server of HTTP/1.0':
    'POST /cgi-bin/read.sh HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 7\r\n\r\ncontent',
  'a status of its own': get('/cgi-bin/status.sh'),
  'a redirect of its own': get('/cgi-bin/redirect.sh'),
  'a name that begins with nph-': get('/cgi-bin/nph-x.sh'),
  'no head': get('/cgi-bin/hello.sh'),
  'CR LF': get('/cgi-bin/crlf.sh'),
  'an exit code': get('/cgi-bin/exit.sh'),
  'a signal': get('/cgi-bin/signal.sh'),
  'no output': get('/cgi-bin/nothing.sh'),
  'a missing script': get('/cgi-bin/none.sh'),
  'a missing script by POST': 'POST /cgi-bin/none.sh HTTP/1.0\r\n\r\n',
  'a missing script by HEAD': 'HEAD /cgi-bin/none.sh HTTP/1.0\r\n\r\n',
  "a missing script's PATH_INFO": get('/cgi-bin/none/x/y'),
  'a name with quotes': get("/cgi-bin/it's%0a"),
  'a file that is not executable': get('/cgi-bin/plain.txt'),
  'a directory': get('/cgi-bin/sub'),
  'a directory with its slash': get('/cgi-bin/sub/'),
  'the CGI directory': get('/cgi-bin'),
  'the CGI directory with its slash': get('/cgi-bin/'),
  'a file': get('/page.txt'),
  'POST to a file': 'POST /page.txt HTTP/1.0\r\n\r\n',
  'PUT to a script': 'PUT /cgi-bin/env.sh HTTP/1.0\r\n\r\n',
  'DELETE of a file': 'DELETE /page.txt HTTP/1.0\r\n\r\n',
  'a name like a CGI directory': get('/cgi-binary/x'),
}

/** What strict knowingly does otherwise; see docs/compatibility.md. */
const deviating: Readonly<Record<string, readonly [request: string, expected: RegExp]>> = {
  'HEAD ends with the head': [
    'HEAD /cgi-bin/env.sh HTTP/1.0\r\n\r\n',
    /^HTTP\/1\.0 200 Script output follows\r\n(?:.+\r\n)+Content-Type: text\/plain\n\n$/,
  ],
  'content that never comes is not waited for': [
    'POST /cgi-bin/read.sh HTTP/1.0\r\n\r\n',
    /\n\n<>\n$/,
  ],
  'a path above the root': [get('/..//cgi-bin/env.sh'), /SCRIPT_NAME=<\/cgi-bin\/env\.sh>/],
  'a script outside by double encoding': [
    get('/cgi-bin/%252e%252e/outside.sh'),
    /^HTTP\/1\.0 404 No such CGI script/,
  ],
  'an option as a word': [get('/cgi-bin/env.sh?-s'), /0 words:\n/],
  'the secrets of the server': [get('/cgi-bin/secret.sh'), /secret=<>\n$/],
}

describeWith(findPython() === undefined ? ['python3.13'] : [], 'CGI under strict', () => {
  let site: Site
  let python: RunningServer
  let server: HTTPServer
  const log: string[] = []

  beforeAll(async () => {
    const print = (output: string, rest = ''): string => `#!/bin/sh\nprintf '${output}'\n${rest}\n`
    site = makeSite({
      'env.sh': env,
      'sub/env.sh': env,
      'read.sh': print('X-A: b\\n\\n<', 'cat; printf ">\\n"'),
      'status.sh': print('Status: 404 Nowhere\\nContent-Type: text/plain\\n\\nx\\n'),
      'redirect.sh': print('Location: /page.txt\\n\\n'),
      'nph-x.sh': print('HTTP/1.0 299 Odd\\r\\n\\r\\nx'),
      'hello.sh': print('Hello, world\\n'),
      'crlf.sh': print('X-A: b\\r\\n\\r\\nx\\r\\n'),
      'exit.sh': print('X-A: b\\n\\nx', 'exit 3'),
      'signal.sh': print('X-A: b\\n\\nx\\n', 'sleep 0.1; kill $$'),
      'nothing.sh': '#!/bin/sh\n',
      'secret.sh': print('X-A: b\\n\\n', `echo "secret=<$BASEHTTP_TEST_SECRET>"`),
      '/cgi-bin/plain.txt': 'plain\n',
      '/page.txt': 'page\n',
      '/cgi-binary/x': 'no script\n',
    })
    site.write('/htbin/env.sh', env, 0o755)
    site.write('/outside.sh', env, 0o755)
    process.env['BASEHTTP_TEST_SECRET'] = 'told'
    const found = findPython()
    if (found === undefined) throw new Error('there is no Python')
    python = await startPython(found, { directory: site.directory, cgi: true })
    const Handler = configure(CGIHTTPRequestHandler, { directory: site.directory })
    server = new HTTPServer(['127.0.0.1', 0], Handler, {
      strict: true,
      log: (line) => log.push(line),
    })
    await server.listen()
  })

  afterAll(async () => {
    delete process.env['BASEHTTP_TEST_SECRET']
    await server.shutdown()
    await python.stop()
    site.remove()
  })

  async function answer(port: number, request: string, closes = true): Promise<string> {
    const connection = await connect(port)
    await connection.send(request)
    // http.server's scripts read from the connection, to its end.
    if (closes) connection.halfClose()
    const received = await connection.waitForClose()
    connection.destroy()
    return received
      .toString('latin1')
      .replace(/^Date: .*\r$/gm, 'Date: <date>\r')
      .replace(/\b(?:Python|Node)\/[\d.]+/g, '<system>')
  }

  it.each(Object.entries(requests))('is the same for %s', async (_, request) => {
    log.length = 0
    const before = python.stderr.length
    const [ours, theirs] = [
      await answer(server.serverPort, request),
      await answer(python.port, request),
    ]
    expect(ours).toBe(theirs)
    await python.waitUntil(() => python.stderr.slice(before).endsWith('\n'), 'a log line')
    const messages = (text: string): string[] =>
      text
        .replace(/^.*?\] /gm, '')
        .split(/(?<=\n)/)
        .filter(Boolean)
        .sort()
    expect(messages(log.join(''))).toEqual(messages(python.stderr.slice(before)))
  })

  it.each(Object.entries(deviating))('differs: %s', async (_, [request, expected]) => {
    const ours = await answer(server.serverPort, request, false)
    expect(ours).toMatch(expected)
  })
})
