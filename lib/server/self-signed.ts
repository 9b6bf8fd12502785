import { hostname } from 'node:os'
import type * as SelfSigned from 'selfsigned'

const day = 86_400_000

/** Makes a certificate for `localhost` and this machine's name, valid for 30 days, and its key on the curve P-256. */
export async function selfSigned(): Promise<{ cert: string; key: string }> {
  // Loaded only when asked for: it brings a cryptography library of its own.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { generate } = require('selfsigned') as typeof SelfSigned
  const names = ['localhost', hostname()].filter((name, i, all) => all.indexOf(name) === i)
  const now = Date.now()
  const pem = await generate([{ name: 'commonName', value: names[0] ?? 'localhost' }], {
    algorithm: 'sha256',
    keyType: 'ec',
    curve: 'P-256',
    // A clock that is a little behind finds it valid, too.
    notBeforeDate: new Date(now - day),
    notAfterDate: new Date(now + 30 * day),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...names.map((value) => ({ type: 2 as const, value })),
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  })
  return { cert: pem.cert, key: pem.private }
}
