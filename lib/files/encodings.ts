import type NegotiatorClass from 'negotiator'
import type { ContentCoding } from '../../types/files.ts'

/** What a coding's sibling adds to the file's name. */
export const codingSuffix: Readonly<Record<ContentCoding, string>> = {
  br: '.br',
  zstd: '.zst',
  gzip: '.gz',
}

interface EncodingNegotiator {
  encodings(available: readonly string[], options: { preferred: readonly string[] }): string[]
}

/** A field that would take long to read is not read; no browser's is a tenth of it. */
const longest = 1024

/**
 * The codings a client accepts of those there may be, best first; what it likes equally in the server's order. Those
 * it likes less than the file as it is are left out (RFC 9110 section 12.5.3).
 *
 * @param acceptEncoding - the field's value; without one no coding is used
 * @param available - codings in the order preferred
 */
export function acceptedCodings(
  acceptEncoding: string | undefined,
  available: readonly ContentCoding[],
): readonly ContentCoding[] {
  if (acceptEncoding === undefined || acceptEncoding.length > longest) return []
  // Loaded with the first such request, not at start.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const Negotiator = require('negotiator') as typeof NegotiatorClass
  // RFC 9110 section 8.4.1.3: x-gzip is another name of gzip.
  const value = acceptEncoding.replace(/(?<![^\s,])x-gzip(?![^\s,;])/gi, 'gzip')
  // The types, of negotiator 0.6, do not know the second argument of encodings(), new in 1.0.
  const negotiator = new Negotiator({
    headers: { 'accept-encoding': value },
  }) as unknown as EncodingNegotiator
  const accepted: ContentCoding[] = []
  for (const coding of negotiator.encodings([...available, 'identity'], { preferred: available })) {
    if (coding === 'identity') break
    const known = available.find((candidate) => candidate === coding)
    if (known !== undefined) accepted.push(known)
  }
  return accepted
}
