import { resolve } from 'node:path'
import { toOctets } from '../cgi/octets.ts'
import { fsDecode, fsEncode, quote } from '../http/quote.ts'

// Handlers have paths as Python's strings (lib/http/quote.ts), scripts are given octets: this is where the two meet.

/** Octets as a string that Python would have for them. */
export function octetsToPath(octets: string): string {
  return fsDecode(Buffer.from(octets, 'latin1'))
}

/** The octets of such a string; `undefined` if it can name no file. */
export function pathToOctets(path: string): string | undefined {
  const encoded = fsEncode(path)
  if (encoded === undefined) return undefined
  return typeof encoded === 'string' ? toOctets(encoded) : encoded.toString('latin1')
}

/**
 * Maps a decoded path to a file by way of a handler's `translatePath`, which takes it encoded.
 *
 * @returns an absolute path, octets; `undefined` if it can name no file
 */
export function translateOctets(
  translatePath: (path: string) => string,
  path: string,
): string | undefined {
  const file = translatePath(quote(octetsToPath(path)))
  return pathToOctets(file.startsWith('/') ? file : absolute(file))
}

/** A path from the current directory on, a slash at its end kept. */
function absolute(file: string): string {
  const path = resolve(file)
  return file.endsWith('/') && !path.endsWith('/') ? `${path}/` : path
}
