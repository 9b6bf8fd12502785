import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

// A line longer than this is passed on in parts.
const maxLine = 65_536

/** Passes on whole lines of a stream, so that those of several streams do not mix. */
export function relayLines(from: Readable, write: (lines: string) => void): void {
  const decoder = new StringDecoder()
  let rest = ''
  from.on('data', (chunk: Buffer) => {
    const text = rest + decoder.write(chunk)
    const end = text.length > maxLine ? text.length : text.lastIndexOf('\n') + 1
    rest = text.slice(end)
    if (end > 0) write(text.slice(0, end))
  })
  from.on('end', () => {
    if (rest !== '') write(`${rest}\n`)
  })
}
