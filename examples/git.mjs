// Git repositories over HTTP, to clone and to push: node examples/git.mjs [port] [directory of repositories]
import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { cgiHandler } from 'basehttp'
import express from 'express'

const git = execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim()
const app = express()
app.use(
  '/git',
  cgiHandler({
    script: join(git, 'git-http-backend'),
    env: (req) => ({
      GIT_PROJECT_ROOT: resolve(process.argv[3] ?? '.'),
      GIT_HTTP_EXPORT_ALL: '1',
      // Whoever pushes has to be somebody: pass on whom your own login has found.
      REMOTE_USER: req.headers['x-user']?.toString(),
    }),
    user: false,
    timeout: 10 * 60_000,
  }),
)

const server = app.listen(Number(process.argv[2] ?? 8000), () => {
  const address = server.address()
  if (typeof address === 'object') console.log(`http://localhost:${address?.port}/git/`)
})
