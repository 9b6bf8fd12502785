// Files and listings in an Express app, compressed on the fly: node examples/express.mjs [port]
import { fileURLToPath } from 'node:url'
import { simpleHandler } from 'basehttp'
import compression from 'compression'
import express from 'express'

const site = fileURLToPath(new URL('site', import.meta.url))
const app = express()
app.use(compression())
app.get('/hello', (_req, res) => {
  res.send('Hello\n')
})
app.use('/files', simpleHandler(site, { maxAge: '1h' }))

const server = app.listen(Number(process.argv[2] ?? 8000), () => {
  const address = server.address()
  if (typeof address === 'object') console.log(`http://localhost:${address?.port}/files/`)
})
