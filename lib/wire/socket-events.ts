import type { Socket } from 'node:net'

/** What hears of a socket's events. */
export interface SocketEvents {
  onData(chunk: Buffer): void
  onEnd(): void
  onDrain(): void
  onFinish(): void
  onTimeout(): void
  onClose(): void
}

const connectionOf = Symbol('connection')

interface WiredSocket extends Socket {
  [connectionOf]: SocketEvents
}

/**
 * Has a connection hear of its socket's events. The listeners are the same functions for all connections, which
 * find theirs on the socket: ten thousand idle connections need no closures.
 */
export function listen(socket: Socket, connection: SocketEvents): void {
  ;(socket as WiredSocket)[connectionOf] = connection
  socket.on('data', onData)
  socket.on('end', onEnd)
  socket.on('drain', onDrain)
  socket.on('finish', onFinish)
  socket.on('timeout', onTimeout)
  socket.on('error', onError)
  socket.on('close', onClose)
}

// --- Internal ---

function onData(this: WiredSocket, chunk: Buffer): void {
  this[connectionOf].onData(chunk)
}

function onEnd(this: WiredSocket): void {
  this[connectionOf].onEnd()
}

function onDrain(this: WiredSocket): void {
  this[connectionOf].onDrain()
}

function onFinish(this: WiredSocket): void {
  this[connectionOf].onFinish()
}

/** Only after a handler's `setTimeout()`: told to whoever listens, else the end, as on `node:http`. */
function onTimeout(this: WiredSocket): void {
  this[connectionOf].onTimeout()
}

/** `close` follows and does all there is to do; a client that resets is nobody's error. */
function onError(): void {
  // Without a listener the process would end.
}

function onClose(this: WiredSocket): void {
  this[connectionOf].onClose()
}
