// Rows of requests a second: ours and each peer in turn, several times over.
import { median, warmUp, wrk } from './load.mjs'
import { memoryOf, start } from './servers.mjs'

/**
 * @param {import('./rows.mjs').Row} row
 * @param {{ tree: object, rounds: number, seconds: number, peers: string[], quick: boolean }} options
 */
export async function measureRow(row, { tree, rounds, seconds, peers, quick }) {
  const names = [row.ours, ...peers]
  /** @type {Record<string, object[]>} */
  const results = Object.fromEntries(names.map((name) => [name, []]))
  const failures = {}
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      if (name in failures) continue
      try {
        results[name].push(await measureOnce(name, row, tree, seconds, quick))
      } catch (error) {
        if (name === row.ours) throw error
        failures[name] = error.message
      }
    }
  }
  const summary = (name) => ({
    rate: median(results[name].map(({ rate }) => rate)),
    p99: median(results[name].map(({ p99 }) => p99)),
    cpu: median(results[name].map(({ cpu }) => cpu)),
    memory: median(results[name].map(({ memory }) => memory)),
    waits: results[name].filter(({ waits }) => waits).length > rounds / 2,
    errors: results[name].find(({ errors }) => errors)?.errors,
  })
  const ours = summary(row.ours)
  return {
    ours,
    peers: peers.map((name) => {
      if (name in failures) return { name, failure: failures[name], goal: row.peers[name] }
      const peer = summary(name)
      const byRate = ours.rate / peer.rate
      const byCpu = peer.cpu / ours.cpu
      return {
        name,
        ...peer,
        byRate,
        byCpu,
        ratio: row.by === 'rate' ? byRate : byCpu,
        goal: row.peers[name],
      }
    }),
  }
}

async function measureOnce(name, row, tree, seconds, quick) {
  const server = await start(name, tree)
  try {
    // A time in which code is compiled and caches are filled.
    if (quick) await warmUp(server, row, 0.4)
    else await wrk(server, { ...row, seconds: row.warm ?? 1 })
    const before = memoryOf(server.pid)
    const measured = await wrk(server, { ...row, seconds })
    const memory = (memoryOf(server.pid, 'VmHWM') - before) / (row.connections ?? 32)
    return { ...measured, memory }
  } finally {
    await server.stop()
  }
}
