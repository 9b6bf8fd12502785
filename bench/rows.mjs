// What is measured against whom, and the goals: the least ratio of ours to the peer's.
import { fileURLToPath } from 'node:url'

/**
 * @typedef {object} Row
 * @property {string} id
 * @property {string} title
 * @property {string} ours name of our server
 * @property {Record<string, number | undefined>} peers goals; `undefined` for a peer that is there to be seen
 * @property {string} path
 * @property {number} [connections]
 * @property {string[]} [headers]
 * @property {string} [script] a file for wrk
 * @property {number} [warm] seconds of load before the measurement
 * @property {boolean} [quick] `false` for a row that `--quick` leaves out
 * @property {'cpu' | 'rate'} [by] which ratio counts: that of processor time, unless the client is what takes the time
 */

/** @type {Row[]} */
export const rows = [
  {
    id: '1k-node',
    title: '1 KB, keep-alive, simpleHandler on node:http',
    ours: 'basehttp',
    peers: {
      bare: 0.9,
      sirv: 3.5,
      'sirv-production': undefined,
      'serve-static': undefined,
      'fastify-static': undefined,
      'serve-handler': undefined,
      'http-server': undefined,
    },
    path: '/1k.html',
  },
  {
    id: '1k-express',
    title: '1 KB, keep-alive, inside Express 5',
    ours: 'express-basehttp',
    peers: { 'express-bare': 0.85, 'express-static': 2 },
    path: '/1k.html',
  },
  {
    id: '1k-standalone',
    title: '1 KB, keep-alive, standalone with -p HTTP/1.1, logging to a file',
    ours: 'standalone',
    peers: { bare: 1.2, nginx: 0.65, cpython: 6, 'cpython-nagle': undefined },
    path: '/1k.html',
  },
  {
    id: '1k-close',
    title: '1 KB, HTTP/1.0, a connection a request',
    ours: 'standalone-1.0',
    peers: { 'bare-close': 1, 'cpython-1.0': 2.5, nginx: undefined },
    path: '/1k.html',
    script: fileURLToPath(new URL('http10.lua', import.meta.url)),
  },
  {
    id: '1k-override',
    title: '1 KB, keep-alive, standalone, a class that overrides endHeaders()',
    ours: 'standalone-override',
    peers: { bare: undefined, sirv: undefined, cpython: undefined },
    path: '/1k.html',
  },
  {
    id: '100k',
    title: '100 KB, keep-alive, simpleHandler on node:http',
    ours: 'basehttp',
    peers: { sirv: 2, 'serve-static': undefined, 'fastify-static': undefined, nginx: undefined },
    path: '/100k.bin',
  },
  {
    id: '100m-standalone',
    by: 'rate',
    title: '100 MB, standalone',
    ours: 'standalone',
    peers: { nginx: 0.95, sirv: 1.2, cpython: undefined },
    path: '/100m.bin',
    connections: 2,
  },
  {
    id: '100m-node',
    quick: false,
    by: 'rate',
    title: '100 MB, simpleHandler on node:http',
    ours: 'basehttp',
    peers: { nginx: 0.95, sirv: 1.2, 'serve-static': undefined },
    path: '/100m.bin',
    connections: 2,
  },
  {
    id: 'listing',
    title: 'listing of 1,000 entries, standalone',
    ours: 'standalone',
    peers: { nginx: 0.8, 'serve-index': 10, cpython: 3 },
    path: '/list/',
  },
  {
    id: 'listing-strict',
    quick: false,
    title: 'listing of 1,000 entries, standalone with --strict',
    ours: 'standalone-strict',
    peers: { nginx: 0.8, cpython: 3 },
    path: '/list/',
  },
  {
    id: 'cgi-c',
    title: 'CGI, static C program',
    ours: 'standalone-cgi',
    peers: { lighttpd: 0.5, 'cpython-cgi': 2.5 },
    path: '/cgi-bin/hello',
    connections: 8,
    // A few hundred requests a second take longer to have all code compiled.
    warm: 5,
  },
  {
    id: 'cgi-sh',
    title: 'CGI, shell',
    ours: 'standalone-cgi',
    peers: { lighttpd: undefined, 'cpython-cgi': undefined },
    path: '/cgi-bin/hello.sh',
    connections: 8,
  },
  {
    id: 'cgi-python',
    title: 'CGI, Python',
    ours: 'standalone-cgi',
    peers: { lighttpd: undefined, 'cpython-cgi': undefined },
    path: '/cgi-bin/hello.py',
    connections: 8,
  },
]

/** Peers by whom a row says something else than who works faster, and why. */
export const notes = {
  'cpython-nagle': "waits 40 ms an answer: Nagle's algorithm against delayed acknowledgements",
}
