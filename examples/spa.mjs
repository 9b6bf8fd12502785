// A single-page application with precompressed files: node examples/spa.mjs [port]
import { fileURLToPath } from 'node:url'
import { simpleHandler } from 'basehttp'
import express from 'express'

const site = fileURLToPath(new URL('site', import.meta.url))
const app = express()
app.get('/api/time', (_req, res) => {
  res.json({ time: new Date() })
})
// /any/page is index.html; /missing.js is not found, nor is /any/page to who asks for JSON.
app.use(simpleHandler(site, { spa: true, listing: false, precompressed: true }))

const server = app.listen(Number(process.argv[2] ?? 8000), () => {
  const address = server.address()
  if (typeof address === 'object') console.log(`http://localhost:${address?.port}/`)
})
