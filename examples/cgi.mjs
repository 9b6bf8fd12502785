// A Perl and a Python script in an Express app: node examples/cgi.mjs [port]
import { fileURLToPath } from 'node:url'
import { cgiHandler, simpleHandler } from 'basehttp'
import express from 'express'

const directory = fileURLToPath(new URL('site', import.meta.url))
const app = express()
// Before body parsers and before whatever serves files: /cgi-bin is run or refused, never sent.
app.use(
  cgiHandler({
    directory,
    interpreters: { '.pl': 'perl', '.py': 'python3' },
    // As whoever runs this, who can read the checkout; a service leaves it at nobody.
    user: false,
    timeout: 30_000,
  }),
)
app.use(simpleHandler(directory))

const server = app.listen(Number(process.argv[2] ?? 8000), () => {
  const address = server.address()
  if (typeof address === 'object') console.log(`http://localhost:${address?.port}/cgi-bin/hello.pl`)
})
