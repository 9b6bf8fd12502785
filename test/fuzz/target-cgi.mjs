// What a script writes: whatever it is, it becomes a head that can be sent, or is malformed.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { pieces } from './pieces.mjs'

const { HeadParser } = createRequire(import.meta.url)('../../dist/lib/cgi/response.js')

function parse(chunks, acceptStatusLine) {
  const parser = new HeadParser({ maxHeaderSize: 3000, acceptStatusLine })
  const heads = []
  const queue = [...chunks]
  while (queue.length > 0) {
    const progress = parser.push(queue.shift())
    if (progress.kind === 'malformed') return { heads, malformed: progress.cause }
    if (progress.kind === 'more') continue
    heads.push(progress.head)
    if (progress.head.kind !== 'hints') {
      const rest = Buffer.concat([progress.rest, ...queue])
      return { heads, rest: rest.toString('latin1') }
    }
    if (progress.rest.length > 0) queue.unshift(progress.rest)
  }
  return { heads, malformed: parser.end() }
}

const token = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/
const text = /^[\t\x20-\x7e\x80-\xff]*$/

function check(head) {
  if (head.kind === 'localRedirect') {
    assert.match(head.location, /^\/(?!\/)/)
    assert.match(head.location, text)
    return
  }
  for (const [name, value] of head.fields) {
    assert.match(name, token)
    assert.match(value, text)
    assert.doesNotMatch(
      name,
      /^(?:status|connection|transfer-encoding|keep-alive|upgrade|trailer)$/i,
    )
  }
  if (head.kind === 'hints') return
  assert(
    Number.isInteger(head.status) && head.status >= 200 && head.status <= 999,
    `status ${head.status}`,
  )
  assert.match(head.reason ?? '', text)
  assert(head.length === undefined || (Number.isSafeInteger(head.length) && head.length >= 0))
}

export default {
  name: 'cgi',
  dictionary: [
    '\n',
    '\r\n',
    '\n\n',
    '\r\n\r\n',
    'Status: ',
    'Status: 404 Not Found\n',
    'Status: 103\n',
    'Status: 304\n',
    'Content-Type: text/plain\n',
    'Content-Length: ',
    'Location: ',
    'Location: /a\n',
    'Location: http://a/\n',
    'Location: //a\n',
    'Location: /\\a\n',
    'Connection: close\n',
    'Transfer-Encoding: chunked\n',
    'Set-Cookie: a=b\n',
    'HTTP/1.1 200 OK\r\n',
    ': ',
    ' ',
    '\t',
    '\0',
    '\r',
    '\x85',
    '\xff',
  ],
  run(bytes, random) {
    const acceptStatusLine = random.below(2) === 0
    const whole = parse([bytes], acceptStatusLine)
    assert.deepEqual(parse(pieces(bytes, random), acceptStatusLine), whole)
    for (const head of whole.heads) check(head)
  },
}
