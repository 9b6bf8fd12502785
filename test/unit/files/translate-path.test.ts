import { execFileSync } from 'node:child_process'
import { describe, expect, it } from '@jest/globals'
import { decodePath, endsWithSlash, translatePath } from '../../../lib/files/translate-path.ts'
import { findPython } from '../../helpers/python.ts'

/** Targets and what CPython 3.13 makes of them below `/root`. */
const translations: readonly (readonly [target: string, path: string])[] = [
  ['/', '/root/'],
  ['', '/root'],
  ['/filename', '/root/filename'],
  ['/filename?foo=bar', '/root/filename'],
  ['/filename?foo=bar&spam=eggs#x', '/root/filename'],
  ['/filename#x?y', '/root/filename'],
  ['filename', '/root/filename'],
  ['//filename', '/root/filename'],
  ['//filename//', '/root/filename/'],
  ['//filename?foo=bar', '/root/filename'],
  ['/..', '/root'],
  ['/../', '/root/'],
  ['/../..', '/root'],
  ['/a/..', '/root'],
  ['/a/../', '/root/'],
  ['/a/b/../../../../etc/passwd', '/root/etc/passwd'],
  ['/%2e%2e/%2e%2e/etc/passwd', '/root/etc/passwd'],
  ['/..%2f..%2fetc/passwd', '/root/etc/passwd'],
  ['../../x', '/root/x'],
  ['a/../../b', '/root/b'],
  ['/./a/./b/.', '/root/a/b'],
  ['/a%2fb', '/root/a/b'],
  ['/a%2F', '/root/a'],
  ['/a%5cb', '/root/a\\b'],
  ['/...', '/root/...'],
  ['/.hidden', '/root/.hidden'],
  ['/%41%zz%', '/root/A%zz%'],
  ['/caf%C3%A9', '/root/caf\u00e9'],
  ['/%ff', '/root/\ufffd'],
  ['/%ED%B3%BF', '/root/\udcff'],
  ['/%00', '/root/\0'],
  ['/a%20 b', '/root/a  b'],
  ['/dir/ ', '/root/dir/ /'],
  ['/a;b=c', '/root/a;b=c'],
  ['http://host/a', '/root/http:/host/a'],
]

describe('translatePath()', () => {
  it.each(translations)('maps %j to %j', (target, path) => {
    expect(translatePath(target, '/root')).toBe(path)
  })

  it.each([
    ['/tmp/', '/tmp//'],
    ['', '/'],
    ['relative', 'relative/'],
  ])('keeps the root %j as it is', (directory, path) => {
    expect(translatePath('/', directory)).toBe(path)
    expect(translatePath('/x', '/tmp/')).toBe('/tmp/x')
  })

  it('takes time in proportion to the path', () => {
    const many = translatePath('/a'.repeat(32_000), '/root')
    expect(many).toBe(`/root${'/a'.repeat(32_000)}`)
    const started = performance.now()
    for (let i = 0; i < 20; i++) {
      translatePath('/a'.repeat(32_000), '/root')
      endsWithSlash(`/${'\xa0'.repeat(64_000)}x`)
    }
    // Either was a second and more for each when it went over the text again for each of its parts.
    expect(performance.now() - started).toBeLessThan(3000)
  })

  it('agrees with a live CPython', () => {
    const python = findPython()
    const theirs = python === undefined ? translations : askPython(python.command)
    expect(theirs).toEqual(translations)
  })
})

/** What `SimpleHTTPRequestHandler.translate_path` says, through JSON, which keeps lone surrogates. */
function askPython(command: string): unknown {
  const program = `
import http.server, json, sys
handler = http.server.SimpleHTTPRequestHandler.__new__(http.server.SimpleHTTPRequestHandler)
handler.directory = '/root'
targets = json.load(sys.stdin)
print(json.dumps([[target, handler.translate_path(target)] for target in targets]))`
  const input = JSON.stringify(translations.map(([target]) => target))
  return JSON.parse(execFileSync(command, ['-c', program], { input, encoding: 'utf8' }))
}

describe('the parts of a path', () => {
  it('sees a slash before blanks', () => {
    expect(endsWithSlash('/a/')).toBe(true)
    expect(endsWithSlash('/a/\x85\xa0 ')).toBe(true)
    expect(endsWithSlash('/a')).toBe(false)
    expect(endsWithSlash('/a%2f')).toBe(false)
  })

  it('decodes what is not UTF-8 to replacement characters', () => {
    expect(decodePath('/%e9%C3%A9')).toBe('/\ufffd\u00e9')
  })
})
