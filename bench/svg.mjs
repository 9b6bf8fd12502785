// Two panels, time and memory, on logarithmic axes; a dashed line grows as fast as the number itself.
const width = 340
const height = 240
const margin = { left: 62, right: 14, top: 34, bottom: 44 }

/**
 * @param {string} title @param {string} label
 * @param {readonly { x: number, time: number, memory: number }[]} points
 */
export function drawGrowth(title, label, points) {
  const time = points.map(({ x, time: y }) => [x, y])
  // A page of memory is nothing that could be told apart.
  const memory = points.map(({ x, memory: y }) => [x, Math.max(y, 4096) / 1e6])
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width * 2} ${height}" font-family="system-ui,sans-serif" font-size="11" role="img" aria-label="${title}: time and memory">
<rect width="100%" height="100%" fill="#fff"/>
${panel(0, `${title}: processor ms a response`, label, time)}
${panel(width, 'memory taken, MB', label, memory)}
</svg>
`
}

function panel(offset, title, label, points) {
  const xs = decades(points.map(([x]) => x))
  const ys = decades(points.map(([, y]) => y))
  const toX = (x) => place(x, xs, offset + margin.left, offset + width - margin.right)
  const toY = (y) => place(y, ys, height - margin.bottom, margin.top)
  const path = points.map(([x, y]) => `${toX(x).toFixed(1)},${toY(y).toFixed(1)}`)
  const lines = []
  for (const [low, high, vertical] of [
    [...xs, true],
    [...ys, false],
  ]) {
    for (let exponent = low; exponent <= high; exponent++) {
      const at = vertical ? toX(10 ** exponent) : toY(10 ** exponent)
      lines.push(
        vertical
          ? `<path d="M${at} ${margin.top}V${height - margin.bottom}" stroke="#ddd"/><text x="${at}" y="${height - margin.bottom + 15}" text-anchor="middle">${power(exponent)}</text>`
          : `<path d="M${offset + margin.left} ${at}H${offset + width - margin.right}" stroke="#ddd"/><text x="${offset + margin.left - 6}" y="${at + 4}" text-anchor="end">${power(exponent)}</text>`,
      )
    }
  }
  return `<g><text x="${offset + margin.left}" y="18" font-weight="600">${title}</text>
${lines.join('\n')}
<text x="${offset + (margin.left + width - margin.right) / 2}" y="${height - 8}" text-anchor="middle">${label}</text>
<path d="${linear(points, xs, ys, toX, toY)}" stroke="#888" stroke-dasharray="4 4" fill="none"/>
<polyline points="${path.join(' ')}" fill="none" stroke="#06c" stroke-width="2"/>
${points.map(([x, y]) => `<circle cx="${toX(x)}" cy="${toY(y)}" r="3" fill="#06c"/>`).join('')}</g>`
}

/** Through the last point, in proportion to the number, as far as the panel goes. */
function linear(points, [lowX], [lowY], toX, toY) {
  const [x, y] = points.at(-1)
  const from = Math.max(10 ** lowX, (10 ** lowY / y) * x)
  return `M${toX(from)} ${toY((y * from) / x)}L${toX(x)} ${toY(y)}`
}

function decades(values) {
  const low = Math.floor(Math.log10(Math.min(...values)))
  return [low, Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9))]
}

function place(value, [low, high], from, to) {
  return from + ((Math.log10(value) - low) / (high - low)) * (to - from)
}

function power(exponent) {
  if (exponent >= -2 && exponent <= 3) return String(10 ** exponent)
  return `10<tspan dy="-4" font-size="8">${exponent}</tspan>`
}
