import { copyFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { makeCertificates, type Certificates } from '../helpers/certificates.ts'
import { runCli } from '../helpers/cli.ts'
import { cliSite } from '../helpers/cli-site.ts'
import { exchange, responses } from '../helpers/raw.ts'
import { connectSecurely, exchangeSecurely } from '../helpers/tls.ts'

const site = cliSite()
const request = 'GET /a.txt HTTP/1.0\r\n\r\n'
let certificates: Certificates

beforeAll(async () => {
  certificates = await makeCertificates()
})

afterAll(() => {
  certificates.remove()
})

async function serialOf(port: number): Promise<string> {
  const { socket, connection } = await connectSecurely(port)
  const { serialNumber } = socket.getPeerCertificate()
  connection.destroy()
  return serialNumber
}

describe('basehttp over TLS', () => {
  it('says so, and serves', async () => {
    const { cert, encryptedKey, password } = certificates
    const flags = ['--tls-cert', cert, '--tls-key', encryptedKey, '--tls-password-file', password]
    const server = await site.start(flags)
    expect(server.firstLine).toBe(
      `Serving HTTPS on 127.0.0.1 port ${server.port} (https://127.0.0.1:${server.port}/) ...`,
    )
    expect(await exchangeSecurely(server.port, request)).toMatch(/^HTTP\/1\.0 200 OK[^]*hello\n$/)
    const plain = await exchange(server.port, request)
    expect(plain.toString()).toMatch(/^HTTP\/1\.1 400 Client sent an HTTP request to an HTTPS/)
    expect(await server.stop()).toEqual({ code: 0, signal: null })
  })

  it('makes a certificate on the spot, and one for all workers', async () => {
    const server = await site.start(['--tls-self-signed', '--workers', '2'])
    const serials = await Promise.all([0, 1, 2, 3].map(() => serialOf(server.port)))
    expect(new Set(serials).size).toBe(1)
    server.child.kill('SIGHUP')
    expect(await exchangeSecurely(server.port, request)).toMatch(/hello\n$/)
  })

  it('resumes sessions whichever worker answers', async () => {
    const flags = ['--tls-cert', certificates.cert, '--tls-key', certificates.key]
    const server = await site.start([...flags, '--workers', '2', '-p', 'HTTP/1.1'])
    const first = await connectSecurely(server.port, { maxVersion: 'TLSv1.2' })
    const session = first.socket.getSession()
    const reused = await Promise.all(
      [0, 1, 2, 3].map(async () => {
        const { socket } = await connectSecurely(server.port, {
          maxVersion: 'TLSv1.2',
          ...(session === undefined ? {} : { session }),
        })
        const answer = socket.isSessionReused()
        socket.destroy()
        return answer
      }),
    )
    expect(reused).toEqual([true, true, true, true])
    first.connection.destroy()
  })

  it('offers HTTP/2 if asked to', async () => {
    const server = await site.start(['--tls-self-signed', '--http2'])
    const { socket } = await connectSecurely(server.port, { ALPNProtocols: ['h2', 'http/1.1'] })
    expect(socket.alpnProtocol).toBe('h2')
    socket.destroy()
  })

  it('redirects plain HTTP if asked to', async () => {
    const server = await site.start(['--tls-self-signed', '--tls-redirect'])
    const answer = await exchange(server.port, 'GET /a.txt HTTP/1.1\r\nHost: h:1\r\n\r\n')
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 301 [^]*\r\nLocation: https:\/\/h:1\/a\.txt\r\n/)
  })

  it.each([[[]], [['--workers', '2']]])(
    'takes up a renewed certificate at SIGHUP, connections going on, with %j',
    async (args) => {
      const [cert, key] = [site.path('cert.pem'), site.path('key.pem')]
      copyFileSync(certificates.cert, cert)
      copyFileSync(certificates.key, key)
      const server = await site.start(['--tls-cert', cert, '--tls-key', key, ...args])
      const before = await serialOf(server.port)
      const open = await connectSecurely(server.port)
      copyFileSync(certificates.otherCert, cert)
      // Half of it renewed: the old one stays.
      server.child.kill('SIGHUP')
      await server.waitUntil(() => server.stderr.includes('not reloaded'), 'a word on that')
      expect(server.stderr).toMatch(
        /^basehttp: not reloaded: Cannot use the certificate: the key in .*key\.pem does not belong to .*cert\.pem\n$/,
      )
      expect(await serialOf(server.port)).toBe(before)
      copyFileSync(certificates.otherKey, key)
      server.child.kill('SIGHUP')
      while ((await serialOf(server.port)) === before);
      await open.connection.send('GET /a.txt HTTP/1.0\r\n\r\n')
      await open.connection.waitFor(responses(1), 'an answer on the old connection')
      open.connection.destroy()
    },
  )

  it.each<[string, () => string[], RegExp]>([
    ['a missing file', () => ['--tls-cert', '/none.pem'], /No such file or directory: \/none\.pem/],
    [
      'a key that does not fit',
      () => ['--tls-cert', certificates.cert, '--tls-key', certificates.otherKey],
      /does not belong to/,
    ],
    [
      'the same in workers',
      () => ['--tls-cert', certificates.cert, '--tls-key', certificates.otherKey, '--workers', '2'],
      /does not belong to/,
    ],
    [
      'a key without its password',
      () => ['--tls-cert', certificates.cert, '--tls-key', certificates.encryptedKey],
      /is encrypted and needs a password/,
    ],
  ])('answers %s with one line and exit code 1', async (_, flags, message) => {
    const { code, stdout, stderr } = await runCli(['0', '-b', '127.0.0.1', ...flags()])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/^basehttp: [^\n]*\n$/)
  })
})
