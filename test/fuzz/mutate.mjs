/** Random numbers that a seed repeats (mulberry32). */
export class Random {
  #state

  constructor(seed) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 on, less than `bound`. */
  below(bound) {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % bound
  }

  of(list) {
    return list[this.below(list.length)]
  }
}

/** Longest input: what is longer says nothing new. */
const longest = 4096

const numbers = [
  '0',
  '1',
  '-1',
  '00',
  '5',
  '255',
  '256',
  '65536',
  '4294967296',
  '9007199254740993',
  '1e9',
  '0x10',
  'ffffffffffffffff',
]

/** Changes bytes in a few places. */
export function mutate(bytes, random, dictionary, corpus) {
  let result = bytes
  for (let times = 1 + random.below(4); times > 0; times--) {
    result = random.of(mutations)(result, random, dictionary, corpus)
  }
  return result.subarray(0, longest)
}

// --- Internal ---

const mutations = [
  (bytes, random) => replace(bytes, random, 1, Buffer.of(random.below(256))),
  (bytes, random) =>
    replace(bytes, random, 1, Buffer.from(random.of('\r\n \t:;,=/?#%"\\\0.'), 'latin1')),
  (bytes, random) => replace(bytes, random, 0, Buffer.of(random.below(256))),
  (bytes, random) => replace(bytes, random, 1 + random.below(8), Buffer.alloc(0)),
  (bytes, random, dictionary) =>
    replace(bytes, random, 0, Buffer.from(random.of(dictionary), 'latin1')),
  (bytes, random, dictionary) =>
    replace(bytes, random, random.below(8), Buffer.from(random.of(dictionary), 'latin1')),
  (bytes, random) => replace(bytes, random, 0, span(bytes, random)),
  (bytes, random, _, corpus) => replace(bytes, random, 0, span(random.of(corpus), random)),
  (bytes, random, _, corpus) =>
    Buffer.concat([
      bytes.subarray(0, random.below(bytes.length + 1)),
      span(random.of(corpus), random),
    ]),
  (bytes, random, _, corpus) => Buffer.concat([bytes, random.of(corpus)]),
  (bytes, random) => {
    const digits = [...bytes.toString('latin1').matchAll(/\d+/g)]
    if (digits.length === 0) return bytes
    const { index, 0: found } = random.of(digits)
    const after = bytes.subarray(index + found.length)
    return Buffer.concat([bytes.subarray(0, index), Buffer.from(random.of(numbers)), after])
  },
  (bytes, random) => {
    const piece = span(bytes, random)
    return replace(bytes, random, 0, Buffer.concat(Array(1 + random.below(40)).fill(piece)))
  },
]

function replace(bytes, random, length, by) {
  const at = random.below(bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + length)])
}

function span(bytes, random) {
  const start = random.below(bytes.length + 1)
  return bytes.subarray(start, start + random.below(Math.min(64, bytes.length - start + 1)))
}
