import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '../..')

/** Builds `dist` when a source is newer, so that the tests of the command never run an old one. */
export default function setup(): void {
  const built = ['dist/lib/index.js', 'dist/lib/index.mjs', 'dist/lib/cli/bin.js'].map((name) =>
    join(root, name),
  )
  const oldest = Math.min(...built.map((file) => (existsSync(file) ? statSync(file).mtimeMs : 0)))
  if (oldest > Math.max(...['lib', 'types'].map(newest))) return
  execFileSync(process.execPath, ['.ci/build.mjs'], { cwd: root, stdio: 'inherit' })
}

function newest(folder: string): number {
  const directory = join(root, folder)
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  return Math.max(...names.map((name) => statSync(join(directory, name)).mtimeMs))
}
