// simpleHandler() in the place of express.static(): node examples/drop-in.mjs [port]
import { fileURLToPath } from 'node:url'
import { simpleHandler } from 'basehttp'
import express from 'express'

const site = fileURLToPath(new URL('site', import.meta.url))
const options = { maxAge: '1d', extensions: ['html', 'md'], setHeaders: addPolicy }

/** @param {import('node:http').ServerResponse} res */
function addPolicy(res) {
  res.setHeader('Content-Security-Policy', "default-src 'self'")
}

const app = express()
// Before: app.use(express.static(site, options))
app.use(simpleHandler(site, { ...options, listing: false }))
// Nobody gets by a guard with another spelling of the path.
app.use('/shared/docs', (_req, res) => {
  res.status(401).send('Not for you\n')
})
app.use('/shared', simpleHandler(site))

const server = app.listen(Number(process.argv[2] ?? 8000), () => {
  const address = server.address()
  if (typeof address === 'object') console.log(`http://localhost:${address?.port}/`)
})
