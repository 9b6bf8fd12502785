// Every server that runs on Node but the command itself. Arguments: name, folder, port.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [name, root, port] = process.argv.slice(2)
const file = readFileSync(join(root, '1k.html'))

const basehttp = () => import(pathToFileURL(join(process.env.BASEHTTP_DIST, 'lib/index.js')))
const express = async () => (await import('express')).default

const apps = {
  bare: () => (req, res) => res.end(file),
  'bare-close': () => (req, res) => {
    res.setHeader('Connection', 'close')
    res.end(file)
  },
  // With the fields that a file's answer has, so that the same number of bytes is written.
  'bare-fields': () => (req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Length': 1024 })
    res.end(file)
  },
  basehttp: async () => (await basehttp()).simpleHandler(root),
  'basehttp-no-cache': async () => (await basehttp()).simpleHandler(root, { cache: false }),
  sirv: async () => (await import('sirv')).default(root, { etag: true, dev: true }),
  'sirv-production': async () => (await import('sirv')).default(root, { etag: true }),
  'serve-static': async () => {
    const serve = (await import('serve-static')).default(root)
    return (req, res) => serve(req, res, () => res.writeHead(404).end())
  },
  'serve-index': async () => {
    const serve = (await import('serve-index')).default(root, { view: 'details' })
    return (req, res) => serve(req, res, () => res.writeHead(404).end())
  },
  'serve-handler': async () => {
    const serve = (await import('serve-handler')).default
    return (req, res) => serve(req, res, { public: root, cleanUrls: false })
  },
  'express-bare': async () => (await express())().use((req, res) => res.end(file)),
  'express-basehttp': async () => (await express())().use((await basehttp()).simpleHandler(root)),
  'express-static': async () => {
    const serve = await express()
    return serve().use(serve.static(root))
  },
}

const others = {
  'http-server': async () =>
    (await import('http-server')).default
      .createServer({ root, cache: -1 })
      .listen(port, '127.0.0.1'),
  'fastify-static': async () => {
    const app = (await import('fastify')).default()
    await app.register((await import('@fastify/static')).default, { root })
    await app.listen({ port: Number(port), host: '127.0.0.1' })
  },
  // For connections that are idle longer than the default allows.
  'bare-idle': () => {
    const server = createServer(apps.bare())
    server.keepAliveTimeout = 600_000
    server.listen(port, '127.0.0.1')
  },
  'standalone-idle': async () => {
    const { HTTPServer, SimpleHTTPRequestHandler } = await basehttp()
    class Handler extends SimpleHTTPRequestHandler {
      directory = root
      protocolVersion = 'HTTP/1.1'
      log = false
    }
    await new HTTPServer(['127.0.0.1', Number(port)], Handler, {
      keepAliveTimeout: 600_000,
    }).listen()
  },
  // A class that adds a field to each response: all its requests take the long way.
  'standalone-override': async () => {
    const { HTTPServer, SimpleHTTPRequestHandler } = await basehttp()
    class Handler extends SimpleHTTPRequestHandler {
      directory = root
      protocolVersion = 'HTTP/1.1'
      endHeaders() {
        this.sendHeader('Access-Control-Allow-Origin', '*')
        super.endHeaders()
      }
    }
    await new HTTPServer(['127.0.0.1', Number(port)], Handler).listen()
  },
}

if (name in others) await others[name]()
else createServer(await apps[name]()).listen(port, '127.0.0.1')
