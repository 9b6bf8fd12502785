import type { Readable } from 'node:stream'

const maxLine = 8192
const maxLogged = 64 * 1024
const lineFeed = 0x0a

/**
 * Passes what a script writes to standard error on, line by line. All of it is read; after 64 KiB it is only counted.
 *
 * @param stream - the script's standard error
 * @param log - takes a line without its end: UTF-8 decoded, at most 8 KiB, not yet safe for a terminal
 */
export function readErrors(stream: Readable, log: (line: string) => void): void {
  let pending: Buffer = Buffer.alloc(0)
  let logged = 0
  let dropped = 0
  const emit = (line: Buffer): void => {
    if (logged >= maxLogged) {
      dropped += line.length + 1
      return
    }
    logged += line.length + 1
    log(line.toString('utf8').replace(/\r$/, ''))
  }
  stream.on('data', (chunk: Buffer) => {
    if (logged >= maxLogged && pending.length === 0) {
      dropped += chunk.length
      return
    }
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    for (;;) {
      const end = pending.indexOf(lineFeed)
      const full = pending.length >= maxLine
      if (end < 0 && !full) return
      const cut = end < 0 || end > maxLine ? maxLine : end
      emit(pending.subarray(0, cut))
      pending = pending.subarray(cut === end ? cut + 1 : cut)
    }
  })
  stream.on('error', () => undefined)
  stream.on('close', () => {
    if (pending.length > 0) emit(pending)
    if (dropped > 0) log(`... and ${dropped} octets more`)
  })
}
