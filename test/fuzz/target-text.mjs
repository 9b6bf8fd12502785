// Texts of a request that pure functions read: paths, fields, headers of proxies, log lines.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { normalize } from 'node:path'

const load = createRequire(import.meta.url)
const from = (name) => load(`../../dist/lib/${name}.js`)
const { translatePath } = from('files/translate-path')
const { fileSpelling } = from('files/canonical')
const { parsePath } = from('cgi/path')
const { spellingOf, targetSpelling } = from('http/spelling')
const { parseHttpDate, parseEmailDate, formatHttpDate } = from('http/date')
const { parseEntityTagList, strongCompare, weakCompare } = from('http/etag')
const { HTTPMessage } = from('http/message')
const { parseNode } = from('http/address')
const { parseForwarded } = from('http/forwarded')
const { decideRange } = from('http/range')
const { printf } = from('http/printf')
const { compileTrust, readForwarded } = from('http/trust')
const { parseProxyHeader } = from('wire/proxy-header')
const { scrub } = from('log/scrub')
const { escapeHtml } = from('http/escape')
const { quote, unquote } = from('http/quote')

const root = '/srv/site'
const trusts = compileTrust('loopback')

const checks = [
  (text) => {
    const path = translatePath(text, root)
    const plain = path.replace(/\/+$/, '')
    assert(plain === root || plain.startsWith(`${root}/`), path)
    assert.equal(normalize(path), path)
  },
  (text) => {
    const path = `/${text}`
    const spelling = fileSpelling(path, spellingOf(path))
    for (const segment of spelling.segments ?? []) {
      assert(!['', '.', '..'].includes(segment) && !segment.includes('/'), segment)
    }
    if (spelling.kind !== 'misspelt') return
    // The canonical path is of one spelling only, and stays on this server.
    assert.match(spelling.path, /^\/(?!\/)/)
    assert.notEqual(spellingOf(spelling.path).kind, 'misspelt')
  },
  (text) => {
    for (const segment of parsePath(`/${text}`)?.segments ?? []) assert(segment !== '..', text)
  },
  (text) => {
    // Whatever the router before does, no origin of a request's gets into a path to be redirected to.
    for (const cuts of [true, false]) {
      const spelling = targetSpelling(text, () => cuts)
      if (spelling.kind === 'misspelt') assert.match(spelling.path, /^\/(?!\/)/)
    }
  },
  (text) => {
    for (const size of [0, 1, 10, 1e6]) {
      const decision = decideRange(`bytes=${text}`, size)
      const ranges = decision.kind === 'single' ? [decision] : (decision.ranges ?? [])
      let total = 0
      for (const { start, end } of ranges) {
        assert(start >= 0 && start <= end && end < size, JSON.stringify(decision))
        total += end - start + 1
      }
      assert(total <= size)
    }
  },
  (text) => {
    const time = parseHttpDate(text)
    if (time !== undefined) assert.equal(parseHttpDate(formatHttpDate(time)), time)
    const date = parseEmailDate(text)
    assert(date === undefined || Number.isFinite(date.time))
  },
  (text) => {
    const tags = parseEntityTagList(text)
    if (!Array.isArray(tags)) return
    for (const tag of tags) {
      assert(weakCompare(tag, tag))
      assert.equal(strongCompare(tag, tag), !tag.weak)
    }
  },
  (text) => {
    for (const element of parseForwarded(text) ?? []) {
      for (const value of Object.values(element)) assert.equal(typeof value, 'string')
      const node = parseNode(element.for ?? '')
      if (node !== undefined) assert(node.port >= 0 && node.port <= 65_535)
    }
    const fields = { forwarded: text, 'x-forwarded-for': text, 'x-forwarded-host': text }
    for (const name of Object.keys(fields)) {
      const told = readForwarded(
        { address: '127.0.0.1', port: 1 },
        (field) => (field === name ? text : undefined),
        trusts,
      )
      assert.match(told.address, /^[\da-f.:]+$/i)
      assert.match(told.host ?? 'a', /^[\w.~[\]:-]+$/)
      assert.equal(
        readForwarded({ address: '192.0.2.1', port: 1 }, () => text, trusts),
        undefined,
      )
    }
  },
  (text) => {
    const clean = scrub(text)
    assert.doesNotMatch(clean, /\p{Cc}/u)
    assert(!/[<>"']/.test(escapeHtml(text)))
  },
  (text) => {
    // Python raises for a wrong format, and so do we, with an error of these kinds.
    try {
      printf(text.slice(0, 40), text, 1, 2.5)
    } catch (error) {
      assert(
        error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError,
        error,
      )
    }
  },
  (text) => {
    assert.equal(unquote(quote(text), 'replace'), text)
    unquote(text, 'surrogatepass')
  },
  (text) => {
    const raw = text.split('\n')
    if (raw.length % 2 === 1) raw.push('')
    const message = new HTTPMessage(raw)
    assert.equal(message.items().length, raw.length / 2)
    for (const name of message.keys()) assert.notEqual(message.get(name), null)
    message.getContentType()
    message.getContentCharset()
  },
  (text, random) => {
    const bytes = Buffer.from(text, 'latin1')
    const whole = parseProxyHeader(bytes)
    const part = parseProxyHeader(bytes.subarray(0, random.below(bytes.length + 1)))
    // What came first was either not enough, or the same verdict.
    if (part !== 'incomplete') assert.deepEqual(part, whole)
  },
]

export default {
  name: 'text',
  dictionary: [
    '/',
    '..',
    '../',
    '%2e',
    '%2F',
    '%5c',
    '\\',
    '//',
    '%00',
    '%',
    '%c3%a9',
    '%ed%b2%80',
    '?',
    '#',
    ';',
    ',',
    '=',
    '"',
    '-',
    '0-',
    '-1',
    '5-2',
    'W/',
    '"a"',
    '*',
    'bytes=',
    'for=',
    'proto=https',
    'host=',
    '[::1]',
    '[::ffff:1.2.3.4]:80',
    '127.0.0.1',
    '192.0.2.1',
    'unknown',
    'PROXY TCP4 ',
    'PROXY UNKNOWN',
    '1.2.3.4 5.6.7.8 1 2\r\n',
    '\r\n\r\n\0\r\nQUIT\n',
    '\x21\x11\0\x0c',
    '\x20\0\0\0',
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
    ' +0000',
    ' -0000',
    ' EST',
    '%s',
    '%d',
    '%(a)s',
    '%-5.2f',
    '%x',
    '%%',
    '%r',
    '\x1b[',
    '\n',
    '\r',
    '\x85',
    '; charset="utf-8"',
    'text/html',
  ],
  run(bytes, random) {
    const text = random.below(4) === 0 ? bytes.toString('utf8') : bytes.toString('latin1')
    for (const check of checks) check(text, random)
  },
}
