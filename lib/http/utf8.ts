/**
 * Length of the well-formed UTF-8 sequence at an offset (Unicode table 3-7): 1 to 4, or 0 if there is none.
 *
 * @param bytes - The bytes.
 * @param offset - Where the sequence starts.
 * @param surrogates - Whether U+D800–DFFF count as well-formed, as in Python's `surrogatepass`.
 */
export function sequenceLength(bytes: Uint8Array, offset: number, surrogates: boolean): number {
  const first = bytes[offset] ?? 0
  if (first < 0x80) return 1
  if (first < 0xc2 || first > 0xf4) return 0
  // The second byte excludes overlong forms, surrogates and what lies beyond U+10FFFF; those after it do not matter.
  let low = 0x80
  let high = 0xbf
  if (first === 0xe0) low = 0xa0
  else if (first === 0xed && !surrogates) high = 0x9f
  else if (first === 0xf0) low = 0x90
  else if (first === 0xf4) high = 0x8f
  const second = bytes[offset + 1] ?? 0
  if (second < low || second > high) return 0
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  for (let i = 2; i < length; i++) {
    if (((bytes[offset + i] ?? 0) & 0xc0) !== 0x80) return 0
  }
  return length
}
