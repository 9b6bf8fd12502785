import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express, { type RequestHandler } from 'express'
import { scratchDirectory } from '../../lib/cgi/scratch.ts'
import { cgiHandler } from '../../lib/middleware/cgi.ts'
import { isAlive, makeSite, startCgi, type Site } from '../helpers/cgi.ts'
import { hosts, onEveryHost } from '../helpers/hosts.ts'
import {
  connect,
  exchange,
  parseResponses,
  responses,
  type RawConnection,
  type RawResponse,
} from '../helpers/raw.ts'
import { until } from '../helpers/wait.ts'

const echo = `#!/bin/sh
printf 'Content-Type: text/plain\\n\\n'
printf '%s|%s|' "\${CONTENT_LENGTH-unset}" "$CONTENT_TYPE"
cat
`
const count = `#!/bin/sh
printf 'Content-Type: text/plain\\n\\n'
printf '%s ' "$CONTENT_LENGTH"; wc -c < /dev/stdin | tr -d '\\n'; printf ' '; wc -c
`
const ignore = `#!/bin/sh
printf 'Content-Type: text/plain\\n\\nignored\\n'
`

const sum = `#!/bin/sh
printf 'Content-Type: text/plain\\n\\n'
printf '%s ' "$CONTENT_LENGTH"; wc -c
`
const wait = `#!/bin/sh
echo $$ > ../out/wait
cat > /dev/null
sleep 60
`

let site: Site
beforeAll(() => {
  site = makeSite({
    'echo.sh': echo,
    'count.sh': count,
    'ignore.sh': ignore,
    'sum.sh': sum,
    'wait.sh': wait,
  })
})
afterAll(() => {
  site.remove()
})

function spooled(): string[] {
  // Named pipes in stock lie there, too.
  return readdirSync(scratchDirectory(), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
}

/** The process of a script that leaves its number in a file, once it has begun. */
async function startedPid(name: string): Promise<number> {
  const file = `${site.directory}/out/${name}`
  await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'), 'the script')
  const pid = Number(readFileSync(file, 'utf8'))
  rmSync(file)
  return pid
}

async function post(
  port: number,
  script: string,
  fields: string,
  content: string | Buffer,
): Promise<RawResponse> {
  const head = `POST /cgi-bin/${script} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${fields}\r\n`
  const received = await exchange(port, Buffer.concat([Buffer.from(head), Buffer.from(content)]))
  const final = parseResponses(received).find((response) => response.status >= 200)
  if (final === undefined) throw new Error('no response')
  return final
}

/**
 * Sends content until something has come. Its pauses make it slow enough for a script to be started, yet are shorter
 * than any timeout here.
 *
 * @returns how much was sent
 */
async function sendSlowly(connection: RawConnection, expected: string): Promise<number> {
  let sent = 0
  let next = 0
  await until(async () => {
    if (performance.now() >= next) {
      await connection.send('x'.repeat(5000))
      sent += 5000
      next = performance.now() + 700
    }
    return connection.received.includes(expected)
  }, JSON.stringify(expected))
  return sent
}

onEveryHost('The content of a request', (host) => {
  it.each([
    [
      'with a length',
      'Content-Length: 5\r\nContent-Type: a/b\r\n',
      'a\0b\xff\n',
      '5|a/b|a\0b\xff\n',
    ],
    [
      'in chunks',
      'Transfer-Encoding: chunked\r\n',
      '3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n',
      '5||abcde',
    ],
    ['empty', 'Content-Length: 0\r\n', '', '0||'],
    ['empty in chunks', 'Transfer-Encoding: chunked\r\n', '0\r\n\r\n', '0||'],
    ['not there', '', '', 'unset||'],
  ])('reaches the script when it is %s', async (_, fields, content, expected) => {
    const { port } = await startCgi(host, site)
    const response = await post(port, 'echo.sh', fields, Buffer.from(content, 'latin1'))
    expect(response.body.toString('latin1')).toBe(expected)
  })

  it('can be large, and read twice', async () => {
    const { port } = await startCgi(host, site)
    const size = 3_000_000
    const content = Buffer.alloc(size, 'x')
    const sized = await post(port, 'count.sh', `Content-Length: ${size}\r\n`, content)
    expect(sized.body.toString().trim()).toBe(`${size} ${size} ${size}`)
    const chunk = `${size.toString(16)}\r\n`
    const chunked = Buffer.concat([Buffer.from(chunk), content, Buffer.from('\r\n0\r\n\r\n')])
    const response = await post(port, 'count.sh', 'Transfer-Encoding: chunked\r\n', chunked)
    expect(response.body.toString().trim()).toBe(`${size} ${size} ${size}`)
    await until(() => spooled().length === 0, 'the files to be removed')
  })

  it('needs not be read by the script', async () => {
    const { port } = await startCgi(host, site)
    const response = await post(
      port,
      'ignore.sh',
      'Content-Length: 100000\r\n',
      Buffer.alloc(100_000),
    )
    expect(response.body.toString()).toBe('ignored\n')
  })

  it('is refused when it is too large, before it is sent if that can be told', async () => {
    const { port } = await startCgi(host, site, { maxBodySize: 10 })
    const head = 'POST /cgi-bin/echo.sh HTTP/1.1\r\nHost: h\r\n'
    const answered = { until: responses(1) }
    const sized = await exchange(port, `${head}Content-Length: 11\r\n\r\n`, answered)
    const chunked = await exchange(
      port,
      `${head}Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n6\r\nghijkl\r\n`,
      answered,
    )
    expect([sized, chunked].map((bytes) => parseResponses(bytes)[0]?.status)).toEqual([413, 413])
    expect((await post(port, 'echo.sh', 'Content-Length: 10\r\n', '0123456789')).status).toBe(200)
    await until(() => spooled().length === 0, 'the files to be removed')
  })

  it('is asked for once it is known to be wanted', async () => {
    const { port } = await startCgi(host, site)
    const connection = await connect(port)
    const head =
      'HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n'
    await connection.send(`POST /cgi-bin/echo.sh ${head}`)
    await connection.waitFor((bytes) => bytes.includes('\r\n\r\n'), 'an interim response')
    expect(connection.received.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    await connection.send('data')
    const received = await connection.waitForClose()
    const [interim, final] = parseResponses(received)
    expect([interim?.status, final?.body.toString()]).toEqual([100, '4||data'])

    if (host.name !== 'HTTPServer') return
    const refused = await exchange(port, `POST /cgi-bin/none ${head}`)
    expect(refused.toString()).toMatch(/^HTTP\/1\.1 404 /)
  })

  it('that ends too early runs nothing and leaves nothing', async () => {
    const { port, stderr } = await startCgi(host, site)
    const connection = await connect(port)
    await connection.send(
      'POST /cgi-bin/echo.sh HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\npart',
    )
    await until(() => spooled().length === 1, 'a file with the content')
    connection.destroy({ reset: true })
    await until(() => spooled().length === 0, 'the file to be removed')
    expect(stderr).toEqual([])
  })
})

// Slow on purpose, so on one host of each kind.
const slowHosts = hosts.filter(({ name }) => name === 'node:http' || name === 'HTTPServer')

describe.each(slowHosts.map((host) => [host.name, host] as const))('Content on %s', (_, host) => {
  it('that comes slowly keeps no script from answering', async () => {
    const { port } = await startCgi(host, site)
    const connection = await connect(port)
    await connection.send(
      'POST /cgi-bin/ignore.sh HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\npart',
    )
    const answer = await connection.waitFor((bytes) => bytes.includes('ignored'), 'the answer')
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    connection.destroy({ reset: true })
    await until(() => spooled().length === 0, 'the file to be removed')
  })

  it('that comes slowly reaches the script whole', async () => {
    const timeout = 1500
    const { port, stderr } = await startCgi(host, site, { timeout })
    const connection = await connect(port)
    const head = `POST /cgi-bin/sum.sh HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 400000\r\n\r\n`
    await connection.send(head)
    let sent = await sendSlowly(connection, '400000 ')
    // For longer than the script may be silent, but there is progress.
    const begun = performance.now()
    await until(async () => {
      await connection.send('x'.repeat(500))
      sent += 500
      return performance.now() - begun > timeout + 500
    }, 'an end of it')
    await connection.send('x'.repeat(400_000 - sent))
    const [response] = parseResponses(await connection.waitForClose())
    expect([response?.status, response?.body.toString().trim()]).toEqual([200, '400000 400000'])
    expect(stderr).toEqual([])
  })

  it('that comes slowly and ends too early ends its script', async () => {
    const { port, stderr } = await startCgi(host, site)
    const connection = await connect(port)
    await connection.send(
      'POST /cgi-bin/wait.sh HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\npart',
    )
    const pid = await startedPid('wait')
    connection.destroy({ reset: true })
    await until(() => !isAlive(pid), 'the script to end')
    expect(stderr).toEqual([])
  })
})

describe.each(slowHosts.map((host) => [host.name, host] as const))(
  'Slow clients on %s',
  (_, host) => {
    const head = 'HTTP/1.1\r\nHost: h\r\nConnection: close\r\n'

    /** Clients that send an octet and no more. */
    function slowClients(port: number, script: string): Promise<RawConnection[]> {
      return Promise.all(
        ['Content-Length: 10', 'Content-Length: 10', 'Transfer-Encoding: chunked'].map(
          async (framing) => {
            const connection = await connect(port)
            await connection.send(`POST /cgi-bin/${script} ${head}${framing}\r\n\r\n1`)
            return connection
          },
        ),
      )
    }

    it('leave places to others', async () => {
      const { port, stderr } = await startCgi(host, site, { maxConcurrent: 2, maxQueue: 1 })
      const slow = await slowClients(port, 'wait.sh')
      await until(() => spooled().length === 3, 'three files')
      const post = (): Promise<Buffer> =>
        exchange(port, `POST /cgi-bin/echo.sh ${head}Content-Length: 1\r\n\r\nx`)
      const refused = parseResponses(await post())
      expect([refused[0]?.status, refused[0]?.get('retry-after')]).toEqual([503, '1'])
      // One of them is given a script ahead of time, never both.
      const pid = await startedPid('wait')
      for (let i = 0; i < 2; i++) {
        const served = parseResponses(await exchange(port, `GET /cgi-bin/ignore.sh ${head}\r\n`))
        expect(served[0]?.status).toBe(200)
      }
      expect(spooled()).toHaveLength(3)
      for (const connection of slow) connection.destroy({ reset: true })
      await until(() => !isAlive(pid), 'the script to end')
      await until(() => spooled().length === 0, 'the files to be removed')
      // The places are given back soon after.
      await until(async () => {
        const [served] = parseResponses(await post())
        return served?.status === 200 && served.body.toString() === '1||x'
      }, 'an answer to content')
      expect(stderr).toEqual([])
    })

    it('have so much time only, whether or not there is a script that waits for them', async () => {
      const { port, stderr } = await startCgi(host, site, { maxConcurrent: 2, timeout: 1500 })
      const slow = await slowClients(port, 'wait.sh')
      const answers = await Promise.all(slow.map((connection) => connection.waitForClose()))
      const status = answers.map((answer) => parseResponses(answer)[0]?.status)
      expect(status).toEqual([408, 408, 408])
      await until(() => spooled().length === 0, 'the files to be removed')
      const after = parseResponses(
        await exchange(port, `POST /cgi-bin/echo.sh ${head}Content-Length: 1\r\n\r\nx`),
      )
      expect(after[0]?.body.toString()).toBe('1||x')
      expect(stderr).toEqual([])
    })

    it('have an answer broken off that has begun', async () => {
      const { port, stderr } = await startCgi(host, site, { timeout: 2000 })
      const connection = await connect(port)
      await connection.send(`POST /cgi-bin/echo.sh ${head}Content-Length: 300000\r\n\r\n`)
      await sendSlowly(connection, '300000||')
      const answer = (await connection.waitForClose()).toString('latin1')
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
      expect(answer).not.toMatch(/0\r\n\r\n$/)
      await until(() => spooled().length === 0, 'the files to be removed')
      expect(stderr).toEqual([])
    })
  },
)

describe('cgiHandler() after a body parser', () => {
  async function answer(
    before: RequestHandler,
    fields: string,
    content: string | Buffer,
  ): Promise<{ response: RawResponse; stderr: string }> {
    const app = express()
    let stderr = ''
    app.use(before)
    app.use(cgiHandler({ directory: site.directory, stderr: (line) => (stderr += line) }))
    const server = app.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const head = `${fields}Content-Length: ${Buffer.byteLength(content)}\r\n`
    const response = await post(port, 'echo.sh', head, content)
    server.close()
    return { response, stderr }
  }

  it.each([
    ['express.raw()', express.raw({ type: '*/*' }), 'Content-Type: a/b\r\n', 'a\0b'],
    ['express.text()', express.text({ type: '*/*' }), 'Content-Type: a/b\r\n', 'caf\xc3\xa9'],
    [
      'express.text() of latin-1',
      express.text({ type: '*/*' }),
      'Content-Type: a/b; charset=ISO-8859-1\r\n',
      'caf\xe9',
    ],
    [
      'a parser that keeps the bytes',
      express.json({
        verify: (req, _res, bytes) => {
          Object.assign(req, { rawBody: bytes })
        },
      }),
      'Content-Type: application/json\r\n',
      '{"a": 1}',
    ],
    ['a parser that does not apply', express.json(), 'Content-Type: a/b\r\n', 'text'],
  ])('has what %s has read', async (_, parser, fields, content) => {
    const { response } = await answer(parser, fields, Buffer.from(content, 'latin1'))
    const body = response.body.toString('latin1')
    expect(body.startsWith(`${content.length}|`)).toBe(true)
    expect(body.endsWith(`|${content}`)).toBe(true)
  })

  it.each([
    [
      'express.json()',
      express.json(),
      'Content-Type: application/json\r\n',
      '{"a":1}',
      /req\.body is of type object/,
    ],
    [
      'express.urlencoded()',
      express.urlencoded({ extended: false }),
      'Content-Type: application/x-www-form-urlencoded\r\n',
      'a=1',
      /req\.body is of type object/,
    ],
  ])('says why there is nothing left after %s', async (_, parser, fields, content, reason) => {
    const { response, stderr } = await answer(parser, fields, content)
    expect([response.status, response.body.includes('req.body')]).toEqual([500, false])
    expect(stderr).toMatch(/ERR_CGI_BODY_CONSUMED/)
    expect(stderr).toMatch(reason)
  })

  it('does not mind a parser when there is no content', async () => {
    const { response } = await answer(express.json(), 'Content-Type: application/json\r\n', '')
    expect(response.body.toString()).toBe('0|application/json|')
  })
})
