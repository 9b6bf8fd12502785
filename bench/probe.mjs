// Asks for a path again and again at a fixed pace and prints how long the answers took.
// Arguments: port, path, seconds, milliseconds between requests.
import { connect } from 'node:net'

const [port, path, seconds, interval] = process.argv.slice(2)
const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
const times = []
const socket = connect(Number(port), '127.0.0.1')
socket.setNoDelay()
let asked = 0
let left = 0

socket.on('data', (data) => {
  if (left <= 0) {
    const end = data.indexOf('\r\n\r\n')
    const length = /content-length: (\d+)/i.exec(data.toString('latin1', 0, end))
    left = Number(length[1]) - (data.length - end - 4)
  } else left -= data.length
  if (left > 0) return
  times.push(performance.now() - asked)
  if (performance.now() > deadline) finish()
  else setTimeout(ask, Number(interval))
})
socket.on('close', () => {
  console.error('connection closed')
  process.exit(1)
})

const deadline = performance.now() + Number(seconds) * 1000

function ask() {
  asked = performance.now()
  socket.write(request)
}

function finish() {
  // The first answers are made by code that has not been compiled yet.
  times.splice(0, Math.floor(times.length / 10))
  times.sort((a, b) => a - b)
  const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))]
  console.log(JSON.stringify({ count: times.length, p50: at(0.5), p99: at(0.99), max: at(1) }))
  process.exit(0)
}

socket.on('connect', ask)
