import { describe, expect, it } from '@jest/globals'
import type { FoundFile, Sendfile } from '../../../types/files.ts'
import { handoverOf, type SendfileSettings } from '../../../lib/handlers/sendfile.ts'

const settings: SendfileSettings = {
  directory: '/srv/site',
  strict: false,
  sendfile: 'x-accel-redirect',
  sendfilePrefix: undefined,
}

function found(path: string, coding?: FoundFile['coding']): FoundFile {
  // Nothing else of the file is looked at.
  return { kind: 'file', path, file: { path }, coding, negotiated: false } as FoundFile
}

const told = (path: string, changes: Partial<SendfileSettings> = {}): string | undefined =>
  handoverOf({ ...settings, ...changes }, found(path))?.join(': ')

describe('handoverOf()', () => {
  it.each([
    ['/srv/site/a/b.txt', 'X-Accel-Redirect: /internal/a/b.txt'],
    ['/srv/site/%41 \u00e9?#.txt', 'X-Accel-Redirect: /internal/%2541%20%C3%A9%3F%23.txt'],
  ])('encodes %j once', (path, expected) => {
    expect(told(path)).toBe(expected)
  })

  it('takes another prefix', () => {
    expect(told('/srv/site/a', { sendfilePrefix: '/files' })).toBe('X-Accel-Redirect: /files/a')
    const changes = { sendfile: 'x-sendfile' as Sendfile, sendfilePrefix: '/mnt/site/' }
    expect(told('/srv/site/a', changes)).toBe('X-Sendfile: /mnt/site/a')
  })

  it('names the file itself to other servers, if all of them read it the same', () => {
    expect(told('/srv/site/a.txt', { sendfile: 'x-sendfile' })).toBe('X-Sendfile: /srv/site/a.txt')
    expect(told('/srv/site/a b', { sendfile: 'x-sendfile' })).toBeUndefined()
  })

  it.each([
    '/srv/other/a',
    '/srv/site-2/a',
    '/srv/site',
    '/srv/site/../a',
    '/srv/site//etc/passwd',
    '/srv/site/a\nb',
    '/srv/site/a\u007f',
    '/srv/site/\udce9',
  ])('leaves %j alone', (path) => {
    expect(told(path)).toBeUndefined()
  })

  it('leaves encoded files alone, and all under strict or unless asked', () => {
    const coding = { name: 'gzip', start: Buffer.alloc(0) } as const
    expect(handoverOf(settings, found('/srv/site/a', coding))).toBeUndefined()
    expect(told('/srv/site/a', { strict: true })).toBeUndefined()
    expect(told('/srv/site/a', { sendfile: false })).toBeUndefined()
  })
})
