import { readFile } from 'node:fs/promises'
import type { TlsOptions } from '../../types/server.ts'
import { errorCode } from '../http/error.ts'
import { selfSigned } from './self-signed.ts'

/** A certificate and what proves that it is the server's. */
export interface Credentials {
  /** The chain in PEM. */
  readonly cert: string | Buffer
  /** The private key in PEM. */
  readonly key: string | Buffer
  /** What decrypts the key. */
  readonly passphrase?: string
}

/** The certificate of an `HTTPSServer` cannot be used. Its message names the files and says why. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
  /** Stable. */
  readonly code = 'ERR_TLS_CERTIFICATE'
}

/**
 * Reads the certificate and the key that options name, or makes them.
 *
 * @throws the system's error for a file that cannot be read, as a rejection
 */
export async function readCredentials(options: TlsOptions): Promise<Credentials> {
  if (options.selfSigned === true) return selfSigned()
  const cert = options.cert ?? (await readFile(options.certfile ?? ''))
  const key =
    options.key ?? (options.keyfile === undefined ? cert : await readFile(options.keyfile))
  const password =
    typeof options.password === 'function' ? await options.password() : options.password
  if (password === undefined) return { cert, key }
  return { cert, key, passphrase: password.toString() }
}

/** What is wrong with a certificate, of the error that OpenSSL has thrown. */
export function explainCertificate(error: unknown, options: TlsOptions): CertificateError {
  const cert = options.certfile ?? 'the certificate'
  const key = options.keyfile ?? options.certfile ?? 'the key'
  const encrypted =
    options.password === undefined
      ? `the key in ${key} is encrypted and needs a password`
      : `wrong password for the key in ${key}`
  const reasons: Readonly<Record<string, string>> = {
    ERR_OSSL_X509_KEY_VALUES_MISMATCH: `the key in ${key} does not belong to ${cert}`,
    ERR_OSSL_BAD_DECRYPT: encrypted,
    ERR_OSSL_EVP_BAD_DECRYPT: encrypted,
    ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED: encrypted,
    ERR_OSSL_PEM_NO_START_LINE: `no certificate in ${cert}, or no key in ${key}`,
    ERR_OSSL_UNSUPPORTED: `no key in ${key}`,
    ERR_OSSL_SSL_EE_KEY_TOO_SMALL: `the key in ${key} is too small`,
    ERR_SSL_EE_KEY_TOO_SMALL: `the key in ${key} is too small`,
  }
  const reason = reasons[errorCode(error)] ?? String(error)
  return new CertificateError(`Cannot use the certificate: ${reason}`)
}
