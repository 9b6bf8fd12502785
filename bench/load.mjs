// Load on the second core, and what it measured.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { cpuOf } from './servers.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))

/** A server that slept for more than this part of the time was waiting, for its client or for the network. */
const mostSleep = 0.25

/** Runs a program on the second core; resolves with what it printed. */
export function onSecondCore(file, args) {
  return new Promise((resolve, reject) => {
    const child = spawn('taskset', ['-c', '1', file, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    let errors = ''
    child.stdout.on('data', (data) => (output += data))
    child.stderr.on('data', (data) => (errors += data))
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(output)
      else reject(new Error(`${file}: ${errors}${output}`))
    })
  })
}

/**
 * Loads a server with wrk.
 *
 * @param {{ port: number, pid: number }} server
 * @param {{ path: string, connections?: number, seconds: number, headers?: string[], script?: string }} work
 */
export async function wrk(server, { path, connections = 32, seconds, headers = [], script }) {
  const before = cpuOf(server.pid)
  const from = performance.now()
  const output = await onSecondCore('wrk', [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--timeout',
    '8s',
    '--latency',
    ...(script === undefined ? [] : ['-s', script]),
    ...headers.flatMap((header) => ['-H', header]),
    `http://127.0.0.1:${server.port}${path}`,
  ])
  const elapsed = (performance.now() - from) * 1e6
  const after = cpuOf(server.pid)
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(output)
  if (refused !== null) throw new Error(`${path}: ${refused[0]}`)
  const run = after.run - before.run
  const wait = after.wait - before.wait
  const [, count] = /(\d+) requests in/.exec(output)
  const errors = /Socket errors: .*/.exec(output)
  return {
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)[1]),
    p99: milliseconds(/99%\s+([\d.]+)(us|ms|s)/.exec(output)),
    // Processor time a request took, which does not change when others use the machine.
    cpu: run / 1e3 / Number(count),
    waits: 1 - (run + wait) / elapsed > mostSleep,
    errors: errors?.[0],
  }
}

/** Loads a server for less than the second that wrk takes at least. */
export async function warmUp(server, { path, connections = 32, headers = [], script }, seconds) {
  const fields = headers.flatMap((header) => ['-H', header])
  const url = `http://127.0.0.1:${server.port}${path}`
  const program = script === undefined ? [] : ['-s', script]
  const wrk = ['wrk', '-t1', `-c${connections}`, '-d1s', ...program, ...fields, url]
  // `timeout` exits with an error when the time is up.
  await onSecondCore('timeout', [String(seconds), ...wrk]).catch(() => undefined)
}

/** One request every few milliseconds; resolves with the latencies' quantiles in milliseconds. */
export async function probe(server, { path, seconds, interval = 4 }) {
  const output = await onSecondCore(process.execPath, [
    `${here}probe.mjs`,
    String(server.port),
    path,
    String(seconds),
    String(interval),
  ])
  return JSON.parse(output)
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function milliseconds([, value, unit]) {
  return Number(value) * { us: 0.001, ms: 1, s: 1000 }[unit]
}
