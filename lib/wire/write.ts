import type { Socket } from 'node:net'

// Content up to this size is copied behind its head, which costs less than a second buffer in the system call.
const joinable = 16_384

/** Writes a whole response in one go; `head` is latin-1. */
export function writeWhole(socket: Socket, head: string, content: Uint8Array | undefined): void {
  if (content === undefined || content.length === 0) {
    if (head !== '') socket.write(head, 'latin1')
  } else if (head === '') {
    socket.write(content)
  } else if (content.length <= joinable) {
    const bytes = Buffer.allocUnsafe(head.length + content.length)
    bytes.write(head, 'latin1')
    bytes.set(content, head.length)
    socket.write(bytes)
  } else {
    socket.cork()
    if (head !== '') socket.write(head, 'latin1')
    socket.write(content)
    socket.uncork()
  }
}
