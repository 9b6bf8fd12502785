import { request, type CorpusEntry } from '../entry.ts'

const methods = ['GET', 'GET', 'GET', 'GET', 'HEAD', 'HEAD', 'SPAM', 'POST', 'OPTIONS']
const segments = [
  'hello.txt',
  'nested',
  'deep',
  'file.txt',
  'indexed',
  'links',
  'dir',
  'up',
  'names',
  'd%C3%A9',
  'd\xe9',
  '%41',
  '%2541',
  '.dir',
  '..',
  '..',
  '.',
  '',
  '%2e%2e',
  '%2E',
  '%2f',
  '..%2f',
  '%5C..',
  '%',
  '%zz',
  '%20',
  '%c3%28',
  '\xff',
  'missing',
  'a+b',
  'q%3fdir',
  ';x',
  '~',
  ':',
  '@',
  '*',
  'a\\b',
]
const queries = [
  '',
  '',
  '',
  '?',
  '?a=b',
  '?a=b?c',
  '?../',
  '?%41%ff',
  '#f',
  '?a#f',
  '?<&>',
  '?\xe9',
]
const fields = [
  'Host: example.com',
  'Accept: */*',
  'User-Agent: corpus/1.0',
  'X-Odd: \xe9\t"quoted"',
  'If-Modified-Since: Thu, 29 Feb 2024 12:34:56 GMT',
  'If-Modified-Since: nonsense',
  'If-None-Match: "x"',
  'Range: bytes=0-3',
  'Connection: close',
  'Connection: keep-alive',
  'Content-Length: 0',
]

/** Requests put together from parts by a fixed sequence: all valid, on both kinds of server. */
export const generated: readonly CorpusEntry[] = make(160)

function make(count: number): readonly CorpusEntry[] {
  const next = sequence(20240229)
  const pick = <T>(list: readonly T[]): T => {
    const item = list[Math.floor(next() * list.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }
  return Array.from({ length: count }, (_, index) => {
    const depth = 1 + Math.floor(next() * 5)
    const path = Array.from({ length: depth }, () => pick(segments)).join('/')
    const target = `/${path}${next() < 0.4 ? '/' : ''}${pick(queries)}`
    const version = next() < 0.6 ? 'HTTP/1.1' : 'HTTP/1.0'
    const line = `${pick(methods)} ${target} ${version}`
    const some = new Set(Array.from({ length: Math.floor(next() * 4) }, () => pick(fields)))
    const options = next() < 0.4 ? { protocol: 'HTTP/1.1' as const } : {}
    return request(`generated ${index + 1}: ${line}`, line, distinct([...some]), options)
  })
}

/** One line a field: a second Host or Content-Length would be refused. */
function distinct(list: readonly string[]): string[] {
  return [...new Map(list.map((field) => [field.slice(0, field.indexOf(':')), field])).values()]
}

/** Numbers from 0 to 1 that are the same on every run (mulberry32). */
function sequence(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
