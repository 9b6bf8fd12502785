// A client of listings as JSON: node examples/json-listing.mjs [port]
import { fileURLToPath } from 'node:url'
import { HTTPServer, SimpleHTTPRequestHandler } from 'basehttp'

class Site extends SimpleHTTPRequestHandler {
  directory = fileURLToPath(new URL('site', import.meta.url))
  /** @type {string[]} */
  indexPages = []
}

/** @typedef {{ name: string, type: string, size?: number }} Entry */

/** @param {URL} url */
async function print(url) {
  const response = await fetch(url, { headers: { Accept: 'application/json' } })
  const entries = /** @type {Entry[]} */ (await response.json())
  for (const { name, type, size } of entries) {
    const child = new URL(encodeURIComponent(name) + (type === 'directory' ? '/' : ''), url)
    console.log(type === 'file' ? `${child.pathname} ${size}` : child.pathname)
    if (type === 'directory') await print(child)
  }
}

const server = await new HTTPServer(['', Number(process.argv[2] ?? 8000)], Site).listen()
await print(new URL(`http://localhost:${server.serverPort}/`))
console.log(`http://localhost:${server.serverPort}/`)
