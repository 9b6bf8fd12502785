import type { Exchange } from '../../types/wire.ts'
import { watchDeparture } from '../handlers/departure.ts'

const PROCESSING = 'HTTP/1.1 102 Processing\r\n\r\n'

/**
 * Finds out whether the client of an app has gone, now that it has ended its half of the connection; the app then sees
 * `close`. Without it an app that waits for something to send would wait on for nobody, while a client that has only
 * sent all it wants gets its answer.
 */
export function seeOff(exchange: Exchange): void {
  const { request, response } = exchange
  const { socket } = request
  let written = socket.bytesWritten
  let lastSent = performance.now()
  const endWatch = watchDeparture(request, {
    probe: () => {
      const current = request.httpVersionMajor === 1 && request.httpVersionMinor >= 1
      if (!current || response.headersSent) return false
      exchange.sendInterim(PROCESSING)
      return true
    },
    lastSent: () => {
      // What the client is slow to take is timed elsewhere.
      if (socket.bytesWritten !== written || socket.writableLength > 0) lastSent = performance.now()
      written = socket.bytesWritten
      return lastSent
    },
    gone: () => {
      socket.destroy()
    },
  })
  response.once('close', endWatch)
}
