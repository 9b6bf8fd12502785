import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '../..')

/**
 * Builds `dist` when a source is newer, so that the tests of the command never run an old one. Without a build that
 * succeeds there is no command, and its tests fail; the others still run.
 */
export default function setup(): void {
  if (process.env['BASEHTTP_CLI'] !== undefined) return
  const built = ['dist/lib/index.js', 'dist/lib/index.mjs', 'dist/lib/cli/bin.js'].map((name) =>
    join(root, name),
  )
  const oldest = Math.min(...built.map((file) => (existsSync(file) ? statSync(file).mtimeMs : 0)))
  if (oldest > Math.max(...['lib', 'types'].map(newest))) return
  try {
    execFileSync(process.execPath, ['.ci/build.mjs'], { cwd: root, stdio: 'inherit' })
  } catch {
    process.stderr.write('the build failed, so the tests of the command will fail\n')
  }
}

function newest(folder: string): number {
  const directory = join(root, folder)
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  return Math.max(...names.map((name) => statSync(join(directory, name)).mtimeMs))
}
