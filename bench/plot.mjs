// Where cost grows: response time and memory against sizes and numbers, drawn as docs/images/growth-*.svg.
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { probe, wrk } from './load.mjs'
import { printLines } from './report.mjs'
import { memoryOf, start } from './servers.mjs'
import { drawGrowth } from './svg.mjs'
import { fillDirectory, settle } from './tree.mjs'

const images = fileURLToPath(new URL('../docs/images/', import.meta.url))

/**
 * @typedef {{ x: number, time: number, memory: number }} Point time in milliseconds a response, memory in bytes: what
 *   the server took beyond what it took when it had started
 */

/** Measures all and writes the pictures. */
export async function plot({ tree, quick }) {
  const seconds = quick ? 1 : 2
  mkdirSync(images, { recursive: true })
  for (const { name, title, label, measure } of growths) {
    const points = await measure(tree, seconds, quick)
    writeFileSync(join(images, `growth-${name}.svg`), drawGrowth(title, label, points))
    console.log(`\ngrowth-${name}: ${title}`)
    printLines([
      [label, 'ms a response', 'memory MB', ''],
      ...points.map(({ x, time, memory }) => [
        x.toLocaleString('en'),
        time.toPrecision(3),
        (memory / 1e6).toFixed(1),
        '',
      ]),
    ])
  }
}

const growths = [
  { name: 'file-size', title: 'Size of the file', label: 'bytes', measure: byFileSize },
  {
    name: 'directory-size',
    title: 'Directory listed',
    label: 'entries',
    measure: byDirectorySize,
  },
  { name: 'connections', title: 'Idle connections', label: 'connections', measure: byConnections },
  {
    name: 'files',
    title: 'Distinct files (Zipf)',
    label: 'files',
    measure: byFiles,
  },
]

/** Time and memory of one load on a server of its own. */
async function measureLoad(tree, work) {
  const server = await start('standalone', tree)
  try {
    const before = memoryOf(server.pid)
    await wrk(server, { connections: 1, ...work, seconds: 1 })
    const { cpu } = await wrk(server, { connections: 1, ...work })
    return { time: cpu / 1000, memory: Math.max(0, memoryOf(server.pid, 'VmHWM') - before) }
  } finally {
    await server.stop()
  }
}

async function byFileSize(tree, seconds, quick) {
  const points = []
  for (let x = 1000; x <= (quick ? 1e7 : 1e8); x *= 10) {
    writeFileSync(join(tree.root, `size-${x}`), Buffer.alloc(x, 'x'))
    settle()
    points.push({ x, ...(await measureLoad(tree, { path: `/size-${x}`, seconds })) })
  }
  return points
}

async function byDirectorySize(tree, seconds, quick) {
  const points = []
  for (const x of [10, 100, 1000, 2000, 10_000, 30_000].slice(0, quick ? 4 : 6)) {
    fillDirectory(join(tree.root, `entries-${x}`), x)
    points.push({ x, ...(await measureLoad(tree, { path: `/entries-${x}/`, seconds })) })
  }
  return points
}

async function byConnections(tree, seconds, quick) {
  const points = []
  for (let x = 10; x <= (quick ? 1000 : 10_000); x *= 10) {
    const server = await start('standalone-idle', tree)
    const sockets = []
    try {
      await probe(server, { path: '/1k.html', seconds: 1 })
      const before = memoryOf(server.pid)
      while (sockets.length < x) {
        const some = Array.from({ length: Math.min(200, x - sockets.length) }, () =>
          openOne(server.port),
        )
        sockets.push(...(await Promise.all(some)))
      }
      const { cpu } = await wrk(server, { path: '/1k.html', connections: 1, seconds })
      points.push({ x, time: cpu / 1000, memory: Math.max(0, memoryOf(server.pid) - before) })
    } finally {
      for (const socket of sockets) socket.destroy()
      await server.stop()
    }
  }
  return points
}

function openOne(port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.on('error', reject)
  })
}

async function byFiles(tree, seconds, quick) {
  const points = []
  const most = quick ? 10_000 : 100_000
  const folder = join(tree.root, 'zipf')
  let made = 0
  for (let x = 100; x <= most; x *= 10) {
    for (; made < x; made++) {
      const part = join(folder, String(made % 100))
      if (made < 100) mkdirSync(part, { recursive: true })
      writeFileSync(join(part, `${made}.txt`), 'x'.repeat(512))
    }
    settle()
    const script = join(tree.work, `zipf-${x}.lua`)
    writeFileSync(script, zipf(x))
    const work = { path: '/', connections: 8, seconds: Math.max(seconds, 2), script }
    points.push({ x, ...(await measureLoad(tree, work)) })
  }
  return points
}

/** A file is asked for as often as its rank says: the second half as often as the first, and so on. */
function zipf(count) {
  return `math.randomseed(1)
local edges, sum = {}, 0
for i = 1, ${count} do sum = sum + 1 / i; edges[i] = sum end
request = function()
  local at, low, high = math.random() * sum, 1, ${count}
  while low < high do
    local middle = math.floor((low + high) / 2)
    if edges[middle] < at then low = middle + 1 else high = middle end
  end
  return wrk.format('GET', '/zipf/' .. (low - 1) % 100 .. '/' .. (low - 1) .. '.txt')
end
`
}
