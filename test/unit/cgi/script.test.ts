import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parsePath } from '../../../lib/cgi/path.ts'
import { findScript, splitCgiPath, type ScriptRules } from '../../../lib/cgi/script.ts'

const directories = [['cgi-bin'], ['a', 'b']]

function split(target: string, options: Parameters<typeof splitCgiPath>[2] = {}) {
  const path = parsePath(target)
  return path === undefined ? undefined : splitCgiPath(path, directories, options)
}

describe('splitCgiPath()', () => {
  it.each([
    ['/cgi-bin/x.sh', ['cgi-bin'], ['x.sh']],
    ['/cgi-bin/x.sh/info/', ['cgi-bin'], ['x.sh', 'info', '']],
    ['/a/b/x', ['a', 'b'], ['x']],
    ['/x/../cgi-bin%2fx.sh', ['cgi-bin'], ['x.sh']],
    ['/cgi-bin/', ['cgi-bin'], ['']],
    ['/cgi-bin', ['cgi-bin'], []],
  ])('takes %s', (target, directory, rest) => {
    expect(split(target)).toEqual({ directory, rest })
  })

  it.each(['/', '/index.html', '/cgi-binary/x', '/a/x', '/cgi-bin/../x', '/CGI-BIN/x'])(
    'leaves %s',
    (target) => {
      expect(split(target)).toBeUndefined()
    },
  )

  it('leaves a CGI directory without slash to the file handler under strict', () => {
    expect(split('/cgi-bin', { strict: true })).toBeUndefined()
    expect(split('/cgi-bin/', { strict: true })).toEqual({ directory: ['cgi-bin'], rest: [''] })
  })

  it('ignores case where the file system does', () => {
    expect(split('/CGI-Bin/x', { ignoreCase: true })).toEqual({
      directory: ['CGI-Bin'],
      rest: ['x'],
    })
  })

  it('takes every path when the root is a CGI directory', () => {
    const path = parsePath('/')
    expect(path && splitCgiPath(path, [[]])).toEqual({ directory: [], rest: [''] })
  })
})

describe('findScript()', () => {
  let root = ''
  let rules: ScriptRules

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'basehttp-test-'))
    mkdirSync(join(root, 'cgi-bin/sub/deeper'), { recursive: true })
    for (const name of ['cgi-bin/x.sh', 'cgi-bin/sub/y.sh', 'cgi-bin/sub/deeper/z', 'outside']) {
      writeFileSync(join(root, name), '#!/bin/sh\n')
      chmodSync(join(root, name), 0o755)
    }
    writeFileSync(join(root, 'cgi-bin/plain.txt'), '')
    writeFileSync(Buffer.from(`${root}/cgi-bin/caf\xe9`, 'latin1'), '#!/bin/sh\n', { mode: 0o755 })
    symlinkSync('../outside', join(root, 'cgi-bin/link'))
    symlinkSync('nowhere', join(root, 'cgi-bin/dangling'))
    rules = {
      hides: () => false,
      translate: (path) => root + path,
      mayRun: (file) => !file.endsWith('.txt'),
      permits: () => Promise.resolve(true),
    }
  })

  afterAll(() => {
    rmSync(root, { recursive: true })
  })

  const find = (target: string, changed: Partial<ScriptRules> = {}) => {
    const path = split(target)
    if (path === undefined) throw new Error('not CGI')
    return findScript(path, { ...rules, ...changed })
  }

  it.each([
    ['/cgi-bin/x.sh', '/cgi-bin/x.sh', ''],
    ['/cgi-bin/x.sh/', '/cgi-bin/x.sh', '/'],
    ['/cgi-bin/x.sh/a/b%20c/', '/cgi-bin/x.sh', '/a/b c/'],
    ['/cgi-bin/sub/y.sh/i', '/cgi-bin/sub/y.sh', '/i'],
    ['/cgi-bin/sub/deeper/z', '/cgi-bin/sub/deeper/z', ''],
    ['/cgi-bin/caf%E9/i', '/cgi-bin/caf\xe9', '/i'],
  ])('finds %s', async (target, name, pathInfo) => {
    expect(await find(target)).toEqual({
      kind: 'script',
      script: { name, file: root + name, pathInfo },
    })
  })

  it.each([
    ['/cgi-bin/none', 'missing', '/cgi-bin/none'],
    ['/cgi-bin/none/info', 'missing', '/cgi-bin/none'],
    ['/cgi-bin/dangling', 'missing', '/cgi-bin/dangling'],
    ['/cgi-bin/sub', 'notFile', '/cgi-bin/sub'],
    ['/cgi-bin/sub/', 'notFile', '/cgi-bin/sub/'],
    ['/cgi-bin/', 'notFile', '/cgi-bin/'],
    ['/cgi-bin', 'notFile', '/cgi-bin'],
    ['/cgi-bin/plain.txt', 'notExecutable', '/cgi-bin/plain.txt'],
  ])('refuses %s as %s', async (target, kind, name) => {
    expect(await find(target)).toEqual({ kind, name })
  })

  it('follows links only if it may', async () => {
    expect(await find('/cgi-bin/link')).toEqual({
      kind: 'script',
      script: { name: '/cgi-bin/link', file: `${root}/cgi-bin/link`, pathInfo: '' },
    })
    const permits = () => Promise.resolve(false)
    expect(await find('/cgi-bin/link', { permits })).toEqual({
      kind: 'hidden',
      name: '/cgi-bin/link',
    })
  })

  it('finds nothing for a path that can name no file', async () => {
    const translate = (): undefined => undefined
    expect(await find('/cgi-bin/x.sh', { translate })).toEqual({
      kind: 'missing',
      name: '/cgi-bin/x.sh',
    })
  })
})
