// `npm run bench`: builds, measures ours and peers side by side on two cores, prints medians and ratios.
//
//   --quick        under a minute: rows with a goal, two peers with a goal each, one short round
//   --check        compares with bench/floors.json, and fails if a ratio is below its floor
//   --write-floors writes floors 20 % below what was reached
//   --plot         measures where cost grows, and draws docs/images/growth-*.svg
//   --only=a,b     rows whose id begins so
//   --rounds=n --seconds=n --peers=a,b --dist=folder --json=file
import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { printTable } from './report.mjs'
import { rows } from './rows.mjs'
import { useBuild } from './servers.mjs'
import { specials } from './specials.mjs'
import { measureRow } from './throughput.mjs'
import { makeTree } from './tree.mjs'

const { values: args } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    'write-floors': { type: 'boolean', default: false },
    plot: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    dist: { type: 'string' },
    json: { type: 'string' },
    peers: { type: 'string' },
  },
})

const floorsFile = new URL('floors.json', import.meta.url)
const rounds = Number(args.rounds ?? (args.quick ? 1 : 5))
const seconds = Number(args.seconds ?? (args.quick ? 1 : 3))
const wanted = args.only?.split(',')
const isWanted = ({ id }) => wanted?.some((start) => id.startsWith(start)) ?? true

for (const tool of ['taskset', 'wrk', 'nginx', 'lighttpd', 'python3']) {
  try {
    execFileSync('which', [tool], { stdio: 'ignore' })
  } catch {
    console.log(`missing: ${tool}`)
  }
}

const build = args.dist === undefined ? makeBuild() : resolve(args.dist)
useBuild(build)
const tree = makeTree()
const cleanUp = () => {
  tree.remove()
  if (args.dist === undefined) rmSync(join(build, '..'), { recursive: true, force: true })
}
process.once('SIGINT', () => {
  cleanUp()
  process.exit(130)
})
const reached = {}
try {
  if (args.plot) {
    const { plot } = await import('./plot.mjs')
    await plot({ tree, quick: args.quick })
  } else await measureAll()
} finally {
  cleanUp()
}
if (args.json !== undefined) writeFileSync(args.json, JSON.stringify(reached, null, 2))
if (args['write-floors']) writeFloors()
if (args.check) check()

/** Builds, and copies the package to where it finds its dependencies and nobody else builds; `dist` of the copy. */
function makeBuild() {
  const root = fileURLToPath(new URL('..', import.meta.url))
  execFileSync(process.execPath, [join(root, '.ci/build.mjs')], { cwd: root, stdio: 'inherit' })
  const copy = join(root, 'node_modules/.cache/basehttp-bench', String(process.pid))
  cpSync(join(root, 'dist'), join(copy, 'dist'), { recursive: true })
  cpSync(join(root, 'package.json'), join(copy, 'package.json'))
  return join(copy, 'dist')
}

async function measureAll() {
  for (const row of rows.filter(isWanted)) {
    const known = Object.keys(row.peers).filter(
      (name) =>
        (args.peers?.split(',').includes(name) ?? true) &&
        (!args.quick || row.peers[name] !== undefined),
    )
    if (args.quick && (known.length === 0 || row.quick === false)) continue
    if (args.quick) known.splice(2)
    const result = await measureRow(row, { tree, rounds, seconds, peers: known, quick: args.quick })
    printTable(row, result)
    for (const { name, ratio } of result.peers) {
      if (ratio !== undefined) reached[`${row.id}/${name}`] = round(ratio)
    }
  }
  for (const special of specials.filter(isWanted)) {
    if (args.quick && !special.quick) continue
    const ratios = await special.measure({ tree, rounds, quick: args.quick })
    for (const [name, ratio] of Object.entries(ratios))
      reached[`${special.id}/${name}`] = round(ratio)
  }
}

/** Goals are marks to reach; floors are what was reached, less a fifth for the noise. */
function writeFloors() {
  const floors = { ...JSON.parse(readFileSync(floorsFile, 'utf8')) }
  for (const [name, ratio] of Object.entries(reached)) floors[name] = round(ratio * 0.8)
  writeFileSync(floorsFile, `${JSON.stringify(floors, null, 2)}\n`)
}

function check() {
  const floors = JSON.parse(readFileSync(floorsFile, 'utf8'))
  const below = Object.entries(reached).filter(([name, ratio]) => ratio < floors[name])
  for (const [name, ratio] of below) console.log(`${name}: ${ratio}, floor ${floors[name]}`)
  console.log(
    below.length === 0 ? 'No ratio is below its floor.' : `${below.length} below the floor.`,
  )
  if (below.length > 0) process.exitCode = 1
}

function round(ratio) {
  return Number(ratio.toPrecision(3))
}
