// How each server is started: on the first core, alone, its log going to a file.
import { spawn } from 'node:child_process'
import { openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
/** The build that is measured: a copy, so that it stands still whatever else builds meanwhile. */
let dist = join(here, '../dist')

/** @param {string} folder */
export function useBuild(folder) {
  dist = folder
}

const python = process.env.PYTHON ?? 'python3'

/** @typedef {{ root: string, work: string }} Tree */

const cli =
  (...more) =>
  ({ root }, port) => [
    process.execPath,
    join(dist, 'lib/cli/bin.js'),
    String(port),
    '-b',
    '127.0.0.1',
    '-d',
    root,
    ...more,
  ]
const onNode =
  (name) =>
  ({ root }, port) => [process.execPath, join(here, 'servers/node.mjs'), name, root, String(port)]
const cpython =
  (protocol, nagle, cgi) =>
  ({ root }, port) => [
    python,
    join(here, 'servers/cpython.py'),
    root,
    String(port),
    protocol,
    nagle,
    cgi,
  ]

/** Commands by name; what is not here is a name of servers/node.mjs. */
const commands = {
  standalone: cli('-p', 'HTTP/1.1'),
  'standalone-strict': cli('-p', 'HTTP/1.1', '--strict'),
  'standalone-1.0': cli(),
  'standalone-cgi': cli('-p', 'HTTP/1.1', '--cgi'),
  cpython: cpython('HTTP/1.1', '0', '0'),
  'cpython-nagle': cpython('HTTP/1.1', '1', '0'),
  'cpython-1.0': cpython('HTTP/1.0', '0', '0'),
  'cpython-cgi': cpython('HTTP/1.0', '0', '1'),
  nginx: (tree, port) => ['nginx', '-c', nginxConfig(tree, port)],
  lighttpd: (tree, port) => ['lighttpd', '-D', '-f', lighttpdConfig(tree, port)],
}

/** The program that a name stands for, and its arguments. */
export function commandOf(name, tree, port) {
  return (commands[name] ?? onNode(name))(tree, port)
}

/**
 * @param {string} name @param {Tree} tree @param {{ env?: Record<string, string> }} [options]
 * @returns {Promise<{ name: string, port: number, pid: number, stop: () => Promise<void> }>}
 */
export async function start(name, tree, { env = {} } = {}) {
  const port = await freePort()
  const [file, ...args] = commandOf(name, tree, port)
  const log = openSync(join(tree.work, `${name}.log`), 'w')
  const child = spawn('taskset', ['-c', '0', file, ...args], {
    stdio: ['ignore', log, log],
    cwd: tree.root,
    env: { ...process.env, NODE_ENV: 'production', BASEHTTP_DIST: dist, ...env },
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  await Promise.race([
    reachable(port),
    ended.then(() => {
      const text = readFileSync(join(tree.work, `${name}.log`), 'utf8').slice(-2000)
      throw new Error(`${name} has not started: ${text}`)
    }),
  ])
  const stop = async () => {
    child.kill('SIGKILL')
    await ended
  }
  return { name, port, pid: child.pid, stop }
}

/**
 * Nanoseconds for which a process, its threads, its children that have ended, and those that live, with theirs, ran;
 * and for which its main thread waited for the core. The system tells the former in ticks of a hundredth of a second.
 */
export function cpuOf(pid) {
  const [, wait] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
  const all = processes()
  const ticksOf = (parent) =>
    (all.get(parent)?.ticks ?? 0) +
    [...all].reduce((sum, [id, one]) => sum + (one.parent === parent ? ticksOf(id) : 0), 0)
  return { run: ticksOf(pid) * 1e7, wait: Number(wait) }
}

/** The parents of all processes, and the ticks that they and their ended children ran. */
function processes() {
  const all = new Map()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
      const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
      all.set(Number(name), { parent: Number(fields[1]), ticks })
    } catch {
      // It has ended meanwhile.
    }
  }
  return all
}

/** Bytes of memory of a process: now, or at most so far. */
export function memoryOf(pid, field = 'VmRSS') {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)[1]) * 1024
}

export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

async function reachable(port) {
  for (let attempt = 0; attempt < 400; attempt++) {
    const open = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
      socket.once('close', () => resolve(false))
      setTimeout(() => socket.destroy(), 500).unref()
      socket.once('connect', () => socket.destroy())
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`nobody listens on port ${port}`)
}

function nginxConfig({ root, work }, port) {
  const file = join(work, 'nginx.conf')
  writeFileSync(
    file,
    `daemon off; master_process off; worker_processes 1; pid ${work}/nginx.pid; error_log ${work}/nginx-error.log;
events { worker_connections 16384; }
http {
  include /etc/nginx/mime.types; default_type application/octet-stream;
  sendfile on; tcp_nopush on; keepalive_requests 1000000000;
  access_log ${work}/nginx-access.log;
  client_body_temp_path ${work}; proxy_temp_path ${work}; fastcgi_temp_path ${work};
  uwsgi_temp_path ${work}; scgi_temp_path ${work};
  server { listen 127.0.0.1:${port} backlog=511; root ${root}; autoindex on; }
}
`,
  )
  return file
}

function lighttpdConfig({ root, work }, port) {
  const file = join(work, 'lighttpd.conf')
  writeFileSync(
    file,
    `server.document-root = "${root}"
server.port = ${port}
server.bind = "127.0.0.1"
server.modules = ("mod_cgi", "mod_accesslog")
accesslog.filename = "${work}/lighttpd-access.log"
server.max-keep-alive-requests = 1000000000
$HTTP["url"] =~ "^/cgi-bin/" { cgi.assign = ( "" => "" ) }
`,
  )
  return file
}
