import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readdirSync, writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, it } from '@jest/globals'
import type { Command } from '../../../lib/cgi/command.ts'
import { terminate } from '../../../lib/cgi/group.ts'
import { removeScratch, scratchDirectory, scratchName } from '../../../lib/cgi/scratch.ts'
import { Spawner, type ScriptProcess } from '../../../lib/cgi/spawner.ts'

const shell = (script: string, ...words: string[]): Command => ({
  file: '/bin/sh',
  args: ['-c', script, 'sh', ...words],
  env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
  cwd: '/',
})

const root = process.getuid?.() === 0
const nobody = root ? { uid: 65534, gid: 65534 } : undefined

describe.each([
  ['in this process', false],
  ['by a helper', true],
])('Spawner %s', (_, mode) => {
  const spawner = new Spawner()

  afterAll(() => {
    spawner.stop()
    removeScratch()
  })

  const start = (command: Command, user = nobody): Promise<ScriptProcess> =>
    spawner.spawn({ command, user, stdin: undefined }, mode)

  it('runs a program and tells how it ended', async () => {
    const script = await start(shell('echo out; echo err >&2; exit 3'))
    const [out, err, exit] = await Promise.all([
      text(script.stdout),
      text(script.stderr),
      script.exited,
    ])
    expect([out, err, exit]).toEqual(['out\n', 'err\n', { code: 3, signal: null }])
    expect(script.running).toBe(false)
  })

  it('gives streams that a script can open again', async () => {
    const script = await start(
      shell(
        'echo a > /dev/stdout; echo b > /dev/stderr; cat /dev/stdin; echo c >> /proc/self/fd/1',
      ),
    )
    expect(await text(script.stdout)).toBe('a\nc\n')
    expect(await text(script.stderr)).toBe('b\n')
  })

  it('gives a file as standard input', async () => {
    const path = scratchName()
    writeFileSync(path, 'content', { mode: 0o644 })
    const descriptor = openSync(path, 'r')
    const command = shell('cat; cat /dev/stdin')
    const script = await spawner.spawn({ command, user: nobody, stdin: { path, descriptor } }, mode)
    closeSync(descriptor)
    expect(await text(script.stdout)).toBe('contentcontent')
  })

  it('makes it the leader of a group and, when root, somebody else', async () => {
    const script = await start(
      shell('ps -o pgid= -p $$ 2>/dev/null || cut -d" " -f5 /proc/$$/stat; id -u; id -g; id -G'),
    )
    const lines = (await text(script.stdout)).trim().split(/\s+/)
    expect(lines[0]).toBe(String(script.pid))
    if (root) expect(lines.slice(1)).toEqual(['65534', '65534', '65534'])
    else expect(lines[1]).toBe(String(process.getuid?.()))
  })

  it('gives a script nothing but its three streams', async () => {
    const script = await start(shell('ls /proc/self/fd'))
    // Those that the test was started with are not Node's to close. One is that of ls itself, for the directory.
    const inherited = execFileSync('ls', ['/proc/self/fd'], { encoding: 'utf8' })
    expect(await text(script.stdout)).toBe(inherited)
  })

  it.each([
    ['ENOENT', { ...shell(''), file: '/nonexistent/program' }],
    ['EACCES', { ...shell(''), file: '/etc/passwd' }],
    ['E2BIG', { ...shell(''), env: { LARGE: 'x'.repeat(200_000) } }],
    ['ENOENT', { ...shell(''), cwd: '/nonexistent' }],
  ])('rejects with %s', async (code, command) => {
    await expect(start(command)).rejects.toMatchObject({ code })
  })

  it('leaves no names and no descriptors behind', async () => {
    const count = (): number => readdirSync('/proc/self/fd').length
    await (
      await start(shell(''))
    ).exited
    const before = count()
    for (let i = 0; i < 80; i++) {
      const script = await start(shell('echo x'))
      await Promise.all([text(script.stdout), text(script.stderr), script.exited])
      await start({ ...shell(''), file: '/nonexistent' }).catch(() => undefined)
    }
    expect(count()).toBeLessThanOrEqual(before + 1)
    expect(readdirSync(scratchDirectory()).length).toBeLessThanOrEqual(64 + 16)
  })

  it('survives that its temporary directory is removed', async () => {
    removeScratch()
    const script = await start(shell('echo x'))
    expect(await text(script.stdout)).toBe('x\n')
  })

  it('ends a group, also members whose leader has ended', async () => {
    const script = await start(shell('sleep 60 & echo $!'))
    const first = await new Promise<string>((resolve) => {
      script.stdout.once('data', (chunk: Buffer) => {
        resolve(chunk.toString())
      })
    })
    await script.exited
    await terminate(script)
    const child = Number(first)
    expect(() => process.kill(child, 0)).toThrow(/ESRCH/)
  })
})

describe('Spawner', () => {
  it('goes on without a helper that has died', async () => {
    const spawner = new Spawner()
    const command = shell('cat /proc/$$/stat')
    const parentOf = async (mode: boolean): Promise<number> => {
      const script = await spawner.spawn({ command, user: undefined, stdin: undefined }, mode)
      return Number((await text(script.stdout)).split(' ')[3])
    }
    const helper = await parentOf(true)
    expect(helper).not.toBe(process.pid)
    expect(await parentOf(false)).toBe(process.pid)
    process.kill(helper, 'SIGKILL')
    const after = await parentOf(true)
    expect(after).not.toBe(helper)
    spawner.stop()
  })

  it('makes pipes without a helper that is lost meanwhile', async () => {
    const spawner = new Spawner()
    const command = shell('cat /proc/$$/stat')
    const start = (): Promise<ScriptProcess> =>
      spawner.spawn({ command, user: undefined, stdin: undefined }, true)
    const first = await start()
    const helper = Number((await text(first.stdout)).split(' ')[3])
    // It takes orders, but answers none.
    process.kill(helper, 'SIGSTOP')
    // More than there are pipes in stock, so that some have to be made.
    const all = Array.from({ length: 40 }, start)
    await new Promise((resolve) => setImmediate(resolve))
    process.kill(helper, 'SIGKILL')
    const outputs = await Promise.all(all.map(async (script) => text((await script).stdout)))
    expect(outputs.every((output) => /^\d+ \(/.test(output))).toBe(true)
    spawner.stop()
  })
})
