import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfSigned } from '../../lib/server/self-signed.ts'

/** Certificates in a folder of their own. */
export interface Certificates {
  readonly folder: string
  /** A certificate and its key, each in a file. */
  readonly cert: string
  readonly key: string
  /** Both in one file. */
  readonly both: string
  /** The key, encrypted with the password `secret`. */
  readonly encryptedKey: string
  /** A file with that password and a line end. */
  readonly password: string
  /** Another certificate and its key. */
  readonly otherCert: string
  readonly otherKey: string
  /** Removes the folder. */
  readonly remove: () => void
}

/** Makes certificates to test with. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = mkdtempSync(join(tmpdir(), 'basehttp-tls-'))
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const [first, second] = await Promise.all([selfSigned(), selfSigned()])
  const encrypted = createPrivateKey(first.key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'secret',
  })
  return {
    folder,
    cert: write('cert.pem', first.cert),
    key: write('key.pem', first.key),
    both: write('both.pem', `${first.key}${first.cert}`),
    encryptedKey: write('encrypted.pem', encrypted.toString()),
    password: write('password', 'secret\n'),
    otherCert: write('other-cert.pem', second.cert),
    otherKey: write('other-key.pem', second.key),
    remove: () => {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
