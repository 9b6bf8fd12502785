// What is no matter of requests a second: memory of idle connections, the command's start, and who waits for whom.
import { execFileSync, spawn } from 'node:child_process'
import { get } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median, onSecondCore, probe } from './load.mjs'
import { printLines } from './report.mjs'
import { commandOf, freePort, memoryOf, start } from './servers.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/**
 * @typedef {object} Special
 * @property {string} id
 * @property {boolean} quick whether `--quick` measures it
 * @property {(options: { tree: object, rounds: number, quick: boolean }) => Promise<Record<string, number>>} measure
 *   prints a table; resolves with ratios of which more is better
 */

/** @type {Special[]} */
export const specials = [
  { id: 'idle', quick: false, measure: measureIdle },
  { id: 'start', quick: true, measure: measureStart },
  { id: 'beside', quick: false, measure: measureBeside },
]

// --- Idle connections ---

async function measureIdle({ tree, quick }) {
  const count = quick ? 1000 : 10_000
  const servers = ['standalone-idle', 'bare-idle']
  const sizes = {}
  const latency = {}
  for (const name of servers) {
    const server = await start(name, tree)
    try {
      // What the first connections make the process allocate is not theirs.
      close(await openMany(server.port, 500))
      await sleep(500)
      const alone = await probe(server, { path: '/1k.html', seconds: 2 })
      const before = memoryOf(server.pid)
      const sockets = await openMany(server.port, count)
      await sleep(2000)
      sizes[name] = (memoryOf(server.pid) - before) / count
      const beside = await probe(server, { path: '/1k.html', seconds: 2 })
      latency[name] = [alone.p99, beside.p99]
      close(sockets)
    } finally {
      await server.stop()
    }
  }
  console.log(`\nidle: ${count.toLocaleString('en')} idle keep-alive connections`)
  printLines([
    ['', 'bytes each', 'p99 ms alone', 'beside', ''],
    ...servers.map((name) => [
      name,
      Math.round(sizes[name]).toLocaleString('en'),
      latency[name][0].toFixed(2),
      latency[name][1].toFixed(2),
      name === 'standalone-idle'
        ? `goal ≤ 6,144: ${sizes[name] <= 6144 ? 'reached' : 'MISSED'}`
        : '',
    ]),
  ])
  return { 'bare-idle': sizes['bare-idle'] / sizes['standalone-idle'] }
}

/** Connections on each of which one request was answered. */
async function openMany(port, count) {
  const sockets = []
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(200, count - sockets.length) }, () => openOne(port))
    sockets.push(...(await Promise.all(some)))
  }
  return sockets
}

function openOne(port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write('GET /1k.html HTTP/1.1\r\nHost: localhost\r\n\r\n')
    })
    socket.once('error', reject)
    socket.once('data', () => {
      socket.removeAllListeners()
      socket.on('error', () => undefined)
      resolve(socket)
    })
  })
}

function close(sockets) {
  for (const socket of sockets) socket.destroy()
}

// --- Start ---

async function measureStart({ tree, rounds, quick }) {
  const times = { standalone: [], 'node -e 0': [], cpython: [] }
  const python = process.env.PYTHON ?? 'python3'
  const runs = quick ? 5 : Math.max(10, rounds * 3)
  for (let run = 0; run < runs; run++) {
    const port = String(await freePort())
    times['node -e 0'].push(await untilExit([process.execPath, '-e', '0']))
    times.standalone.push(await untilWord(commandOf('standalone', tree, port)))
    const command = [python, '-u', '-m', 'http.server', String(await freePort()), '-b', '127.0.0.1']
    times.cpython.push(await untilWord(command).catch(() => NaN))
  }
  // Another process in the way only ever makes a start longer.
  const best = Object.fromEntries(
    Object.entries(times).map(([name, all]) => [
      name,
      [...all].sort((a, b) => a - b)[all.length >> 2],
    ]),
  )
  const more = best.standalone - best['node -e 0']
  console.log('\nstart: the command, from its call to its first line')
  printLines([
    ['', 'ms', 'less node', ''],
    [
      'standalone',
      best.standalone.toFixed(0),
      more.toFixed(0),
      `goal ≤ 60: ${more <= 60 ? 'reached' : 'MISSED'}`,
    ],
    ['node -e 0', best['node -e 0'].toFixed(0), '', ''],
    ['python3 -m http.server', best.cpython.toFixed(0), '', ''],
  ])
  return { node: best['node -e 0'] / best.standalone }
}

function launch([file, ...args]) {
  return spawn('taskset', ['-c', '0', file, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
}

async function untilExit(command) {
  const from = performance.now()
  const child = launch(command)
  await new Promise((resolve) => child.once('exit', resolve))
  return performance.now() - from
}

async function untilWord(command) {
  const from = performance.now()
  const child = launch(command)
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve)
    child.once('exit', () => reject(new Error('ended')))
    child.once('error', reject)
  })
  const elapsed = performance.now() - from
  child.kill('SIGKILL')
  return elapsed
}

// --- Beside ---

/** Loads beside which a small file is asked for, on the same server. */
const loads = {
  'a slow disk': { path: '/slow/1k.html', slowDisk: true },
  'a FIFO': { path: '/fifo', paced: 20 },
  'a listing of 10,000': { path: '/list10k/', connections: 2 },
  'stalled clients': { stalled: 64 },
  // Some hundred requests a second take longer to have all code compiled, and helpers start meanwhile.
  CGI: { path: '/cgi-bin/hello', connections: 4, settle: 3 },
}

async function measureBeside({ tree, rounds, quick }) {
  const lines = [['', 'p99 ms alone', 'beside', 'times', '']]
  const ratios = {}
  const seconds = quick ? 1 : 3
  const slowDisk = makeSlowDisk(tree)
  for (const [name, load] of Object.entries(loads)) {
    if (load.slowDisk && slowDisk === undefined) {
      lines.push([name, '', '', '', 'not measured: no C compiler'])
      continue
    }
    const env = load.slowDisk ? { LD_PRELOAD: slowDisk } : {}
    const times = []
    const all = { alone: [], beside: [] }
    for (let round = 0; round < Math.min(rounds, 3); round++) {
      const server = await start('standalone-cgi', tree, { env })
      try {
        await probe(server, { path: '/1k.html', seconds: 1 })
        const alone = await probe(server, { path: '/1k.html', seconds })
        const settle = load.settle ?? 0.5
        const stop = beginLoad(server, load, seconds + settle + 0.5)
        await sleep(settle * 1000)
        const beside = await probe(server, { path: '/1k.html', seconds })
        await stop()
        all.alone.push(alone.p99)
        all.beside.push(beside.p99)
        times.push(beside.p99 / alone.p99)
      } finally {
        await server.stop()
      }
    }
    const ratio = median(times)
    ratios[name] = 1 / ratio
    lines.push([
      name,
      median(all.alone).toFixed(2),
      median(all.beside).toFixed(2),
      ratio.toFixed(2),
      `goal ≤ 3: ${ratio <= 3 ? 'reached' : 'MISSED'}`,
    ])
  }
  console.log('\nbeside: the 99th percentile of a small file, alone and beside a load')
  printLines(lines)
  return ratios
}

function beginLoad(server, load, seconds) {
  if (load.stalled !== undefined) {
    // They ask for 100 MB and take nothing of it.
    const sockets = Array.from({ length: load.stalled }, () => {
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write('GET /100m.bin HTTP/1.1\r\nHost: localhost\r\n\r\n')
      })
      socket.pause()
      socket.on('error', () => undefined)
      return socket
    })
    return () => close(sockets)
  }
  if (load.paced !== undefined) {
    // As much work as takes the core for itself would make anybody wait.
    const timer = setInterval(() => {
      get({ host: '127.0.0.1', port: server.port, path: load.path, agent: false }, (response) => {
        response.resume()
      }).on('error', () => undefined)
    }, load.paced)
    return () => clearInterval(timer)
  }
  const done = onSecondCore('wrk', [
    '-t1',
    `-c${load.connections ?? 8}`,
    `-d${Math.ceil(seconds)}s`,
    `http://127.0.0.1:${server.port}${load.path}`,
  ]).catch(() => undefined)
  return () => done
}

function makeSlowDisk({ work }) {
  const library = join(work, 'slow-disk.so')
  try {
    execFileSync('cc', [
      '-shared',
      '-fPIC',
      '-O2',
      '-o',
      library,
      join(here, 'cgi/slow-disk.c'),
      '-ldl',
    ])
    return library
  } catch {
    return undefined
  }
}
