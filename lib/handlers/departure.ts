import type { IncomingMessage } from 'node:http'

/** First question after a client has ended its half of the connection, in milliseconds. */
const FIRST_PROBE = 500
/** The system tells that nobody is there only when asked a second time. */
const SECOND_PROBE = 100
/** Silence after which a client that cannot be asked is taken for gone. */
const PATIENCE = 2000

/** What {@link watchDeparture} asks and tells. */
export interface DepartureListener {
  /** Sends something that shows whether the client is there; false if there is nothing that could be sent. */
  probe(): boolean
  /** When something was sent last, by `performance.now()`. */
  lastSent(): number
  /** The client has gone. */
  gone(): void
}

/**
 * Finds out whether a client has gone that has ended its half of the connection.
 *
 * The end of its half is all that TCP tells of a client's leaving, but one that waits for its answer may have sent it,
 * too. While a handler is silent, writing would show it: before the response has begun an interim response can be
 * written, to a client that knows them. Otherwise silence decides.
 *
 * @returns ends the watch
 */
export function watchDeparture(request: IncomingMessage, listener: DepartureListener): () => void {
  const { socket } = request
  let timer: NodeJS.Timeout | undefined
  let probes = 0
  const ask = (): void => {
    if (listener.probe()) {
      probes++
      timer = setTimeout(ask, probes % 2 === 1 ? SECOND_PROBE : PATIENCE)
      return
    }
    const left = listener.lastSent() + PATIENCE - performance.now()
    if (left > 0) timer = setTimeout(ask, left)
    else listener.gone()
  }
  const onEnd = (): void => {
    timer = setTimeout(ask, FIRST_PROBE)
  }
  if (socket.readableEnded) onEnd()
  else socket.once('end', onEnd)
  return () => {
    clearTimeout(timer)
    socket.off('end', onEnd)
  }
}
