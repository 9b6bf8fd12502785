// Mixed traffic for a while, `npm run soak -- --seconds 120`. In rounds: traffic, then quiet, then what the server still
// holds. Fails on a 5xx, an error of the server's, or growth of descriptors, timers, children or memory.
import { fork } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { clients } from './traffic.mjs'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    clients: { type: 'string', default: '16' },
  },
})
const seconds = Number(values.seconds)
if (!(seconds >= 10) || !(Number(values.clients) >= 1)) {
  console.error('usage: npm run soak -- [--seconds N] [--clients N], N at least 10')
  process.exit(2)
}

/** Growth of the heap allowed once it is warm, in bytes a minute, and in all: the collector is never done to the last byte. */
const allowed = { minute: 1024 * 1024, all: 1024 * 1024 }
/** Growth of the resident memory's lowest: between collections it goes up and down by tens of megabytes. */
const allowedResident = 32 * 1024 * 1024
/** What a server at rest holds no more of than it did at the start. */
const held = ['descriptors', 'timers', 'sockets', 'children']
/** Milliseconds that a server may take to let go of connections: as long as one lingers, and some more. */
const patience = 4000
/** The share of the rounds that is for warming up: compilers, pools and caches fill. */
const warmUp = 0.35
const rounds = Math.max(5, Math.round(seconds / 10))

const directory = makeSite()
const server = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), [directory], {
  execArgv: ['--expose-gc'],
})
const to = await answer()
const failures = []
const counts = {}
const samples = []
let quiet = {}

try {
  await soak()
} finally {
  await stopServer()
  rmSync(directory, { recursive: true, force: true })
}
judge()
for (const failure of failures) console.error(failure)
console.log(failures.length === 0 ? 'soak: passed' : `soak: ${failures.length} failures`)
process.exit(failures.length === 0 ? 0 : 1)

// --- Internal ---

async function soak() {
  const start = Date.now()
  const left = () => seconds * 1000 - (Date.now() - start)
  // What first requests start and later ones share, such as the helpers that start scripts, is no growth.
  await traffic(start + seconds * 150)
  quiet = await settle({}, 3000)
  for (let round = 1; round <= rounds; round++) {
    const share = left() / (rounds - round + 1)
    await traffic(Date.now() + share - Math.min(share / 2, patience))
    samples.push({ at: (Date.now() - start) / 60_000, ...(await settle(quiet, patience)) })
    const { memory, rss, descriptors, timers, children } = samples.at(-1)
    const total = Object.values(counts).reduce((sum, n) => sum + n, 0)
    console.log(
      `${round}/${rounds}: ${total} exchanges, ${mega(memory)} MB used, ${mega(rss)} MB resident, ${descriptors} descriptors, ${timers} timers, ${children} children`,
    )
  }
}

/** All clients at once until a point in time, and until each has done what it does. */
async function traffic(end) {
  await Promise.all(Array.from({ length: Number(values.clients) }, (_, i) => client(i, end)))
}

async function client(number, end) {
  const names = Object.keys(clients)
  for (let turn = number; turn === number || Date.now() < end; turn++) {
    const name = names[turn % names.length]
    counts[name] = (counts[name] ?? 0) + 1
    try {
      const begun = Date.now()
      const statuses = await clients[name](to)
      if (Date.now() - begun > 5000) failures.push(`${name}: took ${Date.now() - begun} ms`)
      for (const status of statuses) {
        if (status >= 500) failures.push(`${name}: ${status}`)
      }
    } catch (error) {
      failures.push(`${name}: ${error.message}`)
    }
  }
}

/** Measures when the server holds no more than `target`, or after a while with what it still holds. */
async function settle(target, milliseconds) {
  for (const end = Date.now() + milliseconds; ;) {
    const now = await measure()
    failures.push(...now.errors)
    if (held.every((name) => now[name] <= target[name]) || Date.now() > end) return now
    await sleep(200)
  }
}

function judge() {
  const warm = samples.slice(Math.floor(samples.length * warmUp))
  const slope = slopeOf(warm.map((sample) => [sample.at, sample.memory]))
  const grown = slope * (warm.at(-1).at - warm[0].at)
  console.log(`used memory: ${mega(slope)} MB a minute`)
  if (slope > allowed.minute && grown > allowed.all)
    failures.push(`used memory grows by ${mega(slope)} MB a minute`)
  const middle = Math.ceil(warm.length / 2)
  const [before, after] = [warm.slice(0, middle), warm.slice(middle)].map((part) =>
    Math.min(...part.map((sample) => sample.rss)),
  )
  console.log(`resident memory: ${mega(before)} MB at the least, then ${mega(after)} MB`)
  if (after - before > allowedResident)
    failures.push(`resident memory grows by ${mega(after - before)} MB`)
  for (const name of held) {
    const least = Math.min(...warm.map((sample) => sample[name]))
    if (least > quiet[name])
      failures.push(`${name}: ${quiet[name]} at the start, ${least} at the least since`)
  }
}

/** By least squares. */
function slopeOf(points) {
  const mean = (at) => points.reduce((sum, point) => sum + point[at], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const over = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0)
  return over / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
}

function mega(bytes) {
  return (bytes / 1024 / 1024).toFixed(1)
}

function answer() {
  return new Promise((resolve, reject) => {
    const ended = (code) => reject(new Error(`the server has ended with ${code}`))
    server.once('exit', ended)
    server.once('message', (message) => {
      server.off('exit', ended)
      resolve(message)
    })
  })
}

function measure() {
  const measured = answer()
  server.send('measure')
  return measured
}

async function stopServer() {
  if (server.exitCode !== null) return
  const ended = new Promise((resolve) => server.once('exit', resolve))
  server.send('stop')
  const timer = setTimeout(() => {
    failures.push('the server does not stop')
    server.kill('SIGKILL')
  }, 15_000)
  await ended
  clearTimeout(timer)
}

function makeSite() {
  const folder = mkdtempSync(join(tmpdir(), 'basehttp-soak-'))
  // Scripts run as another user if this one is root.
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'many'))
  mkdirSync(join(folder, 'cgi-bin'))
  writeFileSync(join(folder, 'a.txt'), 'Hello, world!\n')
  writeFileSync(join(folder, 'big.bin'), Buffer.alloc(5_000_000, 'x'))
  for (let i = 0; i < 200; i++) writeFileSync(join(folder, 'many', `file ${i}.txt`), '')
  const type = "printf 'Content-Type: text/plain\\n\\n'"
  const scripts = {
    hello: `${type}\necho hello`,
    echo: `${type}\nwc -c`,
    endless: `${type}\nexec cat /dev/zero`,
    events: `printf 'Content-Type: text/event-stream\\n\\n'\nwhile printf 'data: %0100d\\n\\n' 1; do sleep 0.01; done`,
    silent: 'exec sleep 60',
  }
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, 'cgi-bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }
  return folder
}
