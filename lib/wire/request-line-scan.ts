import { CR, LF, octets, SP, TARGET, TOKEN } from './octets.ts'
import type { RequestLine } from './request-line.ts'

const SLASH = 0x2f
const ZERO = 0x30
// "HTTP/1." as bytes.
const http1 = [0x48, 0x54, 0x54, 0x50, 0x2f, 0x31, 0x2e]

/**
 * Takes the usual request line apart in one pass: `method SP /target SP HTTP/1.x CRLF`, single spaces.
 *
 * @returns `undefined` for anything else, which is for `parseRequestLine` to judge: good, bad or incomplete
 */
export function scanRequestLine(
  buffer: Buffer,
  start: number,
  end: number,
): RequestLine | undefined {
  let i = start
  while (i < end && is(buffer, i, TOKEN)) i++
  const methodEnd = i
  if (i === start || buffer[i] !== SP || buffer[i + 1] !== SLASH) return undefined
  i += 2
  while (i < end && is(buffer, i, TARGET)) i++
  const targetEnd = i
  // " HTTP/1.x\r\n" is 11 bytes.
  if (i + 11 > end || buffer[i] !== SP || buffer[i + 9] !== CR || buffer[i + 10] !== LF) {
    return undefined
  }
  for (let j = 0; j < http1.length; j++) if (buffer[i + 1 + j] !== http1[j]) return undefined
  const versionMinor = (buffer[i + 8] ?? 0) - ZERO
  if (versionMinor < 0 || versionMinor > 9) return undefined
  const text = buffer.toString('latin1', start, targetEnd)
  const method = text.substring(0, methodEnd - start)
  return {
    method,
    target: text.substring(methodEnd + 1 - start),
    version: versionMinor === 1 ? 'HTTP/1.1' : `HTTP/1.${versionMinor}`,
    versionMajor: 1,
    versionMinor,
    simple: false,
    authority: undefined,
  }
}

// --- Internal ---

function is(buffer: Buffer, index: number, bit: number): boolean {
  return ((octets[buffer[index] ?? 0] ?? 0) & bit) !== 0
}
