import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { startCli } from '../helpers/cli.ts'
import type { RunningServer } from '../helpers/process.ts'
import { exchange } from '../helpers/raw.ts'
import { makeTree, type Tree } from '../helpers/tree.ts'
import { additions } from './additions.ts'

let tree: Tree
let loose: RunningServer
let strict: RunningServer

beforeAll(async () => {
  tree = await makeTree([
    { path: 'hello.txt', content: 'hello\n' },
    { path: 'a.hjson', content: '{}' },
    { path: 'odd<dir>', directory: true },
  ])
  const args = ['0', '-b', '127.0.0.1', '-d', tree.directory, '-H', 'X-Added', 'yes']
  ;[loose, strict] = await Promise.all([startCli(args), startCli([...args, '--strict'])])
})

afterAll(async () => {
  await Promise.all([loose.stop(), strict.stop()])
  await tree.remove()
})

it.each(additions.map((row) => [row.addition, row] as const))(
  'without strict, and not with it: %s',
  async (_, row) => {
    const bytes = `${row.request.join('\r\n')}\r\n\r\n`
    const [with_, without] = await Promise.all(
      [strict, loose].map(async ({ port }) => (await exchange(port, bytes)).toString('latin1')),
    )
    expect(without).toMatch(row.shown)
    expect(with_).not.toMatch(row.shown)
  },
)
