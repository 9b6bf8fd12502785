/** The same bytes in pieces: all of them single, or cut in a few places. */
export function pieces(bytes, random) {
  const single = bytes.length <= 64 && random.below(2) === 0
  const cuts = single
    ? Array.from({ length: bytes.length }, (_, at) => at)
    : Array.from({ length: 1 + random.below(6) }, () => random.below(bytes.length + 1))
  const edges = [...new Set([0, ...cuts, bytes.length])].sort((a, b) => a - b)
  // Copies, as a socket's are.
  return edges.slice(1).map((end, i) => Buffer.from(bytes.subarray(edges[i], end)))
}
