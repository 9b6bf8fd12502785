// Tables of what was measured.
import { notes } from './rows.mjs'

/** @param {import('./rows.mjs').Row} row */
export function printTable(row, { ours, peers }) {
  console.log(`\n${row.id}: ${row.title}`)
  const lines = [
    ['', 'requests/s', 'p99 ms', 'µs each', 'by rate', 'by cpu', 'goal', ''],
    [row.ours, number(ours.rate), number(ours.p99), number(ours.cpu), '', '', '', remark(ours)],
    ...peers.map((peer) =>
      peer.failure !== undefined
        ? [peer.name, '', '', '', '', '', '', `failed: ${peer.failure.slice(0, 60)}`]
        : [
            peer.name,
            number(peer.rate),
            number(peer.p99),
            number(peer.cpu),
            peer.byRate.toFixed(2),
            peer.byCpu.toFixed(2),
            peer.goal === undefined ? '' : `≥ ${peer.goal}`,
            verdict(peer),
          ],
    ),
  ]
  printLines(lines)
  if (row.connections !== undefined && row.connections < 8) {
    console.log(`memory a transfer: ${(ours.memory / 1e6).toFixed(1)} MB`)
  }
}

/** @param {string[][]} lines the first column to the left, numbers to the right */
export function printLines(lines) {
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)))
  for (const line of lines) {
    const cells = line.map((cell, i) =>
      i === 0 || i === line.length - 1 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]),
    )
    console.log(`  ${cells.join('  ').trimEnd()}`)
  }
}

function verdict(peer) {
  const met = peer.goal === undefined ? '' : peer.ratio >= peer.goal ? 'reached' : 'MISSED'
  return [met, remark(peer)].filter((text) => text !== '').join('; ')
}

function remark({ name, waits, errors }) {
  const waiting = waits ? (notes[name] ?? 'waits for the client or the network') : ''
  return [waiting, errors ?? ''].filter((text) => text !== '').join('; ')
}

function number(value) {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}
