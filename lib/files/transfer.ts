import type { ReadStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { Writable } from 'node:stream'
import type Send from 'send'
import { isGone } from '../http/departure.ts'
import {
  BytesContent,
  CHUNK_SIZE,
  FileContent,
  SharedContent,
  TruncatedFileError,
} from './content.ts'
import { pump as pumpFile, writesThrough } from './pump.ts'

/** What the copying of content reads from and writes to. */
export interface Transfer {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/**
 * Copies content to an output, as fast as the output takes it, and leaves the output open.
 *
 * @param source - the content; a file's descriptor is closed in every case
 * @param output - where it goes
 * @param transfer - the request and response under way
 * @throws TruncatedFileError if a file ends before its announced length; the response is destroyed
 */
export async function copy(
  source: AsyncIterable<unknown>,
  output: Writable,
  transfer: Transfer,
): Promise<void> {
  // Compared as values: to the types a ServerResponse is no Writable.
  const isResponse = (output as unknown) === transfer.response
  if (source instanceof BytesContent) {
    if (source.size === 0) return
    // Whoever stands between may change what it is given.
    const exposed = !isResponse || !writesThrough(transfer.response)
    const copied = exposed && source instanceof SharedContent
    output.write(copied ? Buffer.from(source.bytes) : source.bytes)
    return
  }
  if (source instanceof FileContent && isResponse && source.size > 0) {
    if (writesThrough(transfer.response)) await pumpPart(source, transfer.response)
    else await sendFile(source, transfer)
    return
  }
  try {
    await pump(source, output)
  } catch (error) {
    if (error instanceof TruncatedFileError) output.destroy()
    throw error
  }
}

// --- Internal ---

async function pumpPart(
  { file, start, size }: FileContent,
  response: ServerResponse,
): Promise<void> {
  try {
    await pumpFile({ path: file.path, fd: file.release(), start, size }, response)
  } catch (error) {
    // A length was announced that will not be kept.
    response.destroy()
    throw error
  }
}

/**
 * `SendStream.stream(path, options)` gives the options to `fs.createReadStream`, so that it can read from a descriptor
 * that was opened and looked at before: the file sent is the one that was decided on. The decisions `send` would make
 * itself in `pipe()` and `send()` are not asked for; what is used is its streaming and its cleaning up.
 */
async function sendFile(source: FileContent, { request, response }: Transfer): Promise<void> {
  const { start, size, file } = source
  // Loaded with the first large file, not at start.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const send = require('send') as typeof Send
  const sender = send(request, file.path)
  // `pipe()` would set it: the response to write to, and to watch for its end.
  Object.assign(sender, { res: response })
  try {
    await new Promise<void>((resolve, reject) => {
      sender.on('stream', (stream: ReadStream) => {
        // The response stays open for whoever called, who may have more to write.
        stream.pipe = pipeOpen
        stream.once('close', () => {
          if (stream.bytesRead === size || isGone(response)) resolve()
          else reject(new TruncatedFileError())
        })
        // On a response that got its socket taken away the one event left is its own.
        response.once('close', () => stream.destroy())
      })
      sender.on('error', reject)
      sender.stream(file.path, {
        fd: file.release(),
        start,
        end: start + size - 1,
        highWaterMark: CHUNK_SIZE,
      })
    })
  } catch (error) {
    // A length was announced that will not be kept.
    response.destroy()
    throw error
  }
}

/** `pipe` that does not end what it writes to. */
function pipeOpen<T extends NodeJS.WritableStream>(this: Readable, destination: T): T {
  return Readable.prototype.pipe.call(this, destination, { end: false }) as T
}

async function pump(source: AsyncIterable<unknown>, output: Writable): Promise<void> {
  for await (const chunk of source) {
    if (isGone(output)) return
    if (!output.write(chunk)) await drained(output)
  }
}

/** Resolves when there is room again, or when there never will be. */
function drained(output: Writable): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      output.off('drain', settle)
      output.off('close', settle)
      output.off('error', settle)
      resolve()
    }
    output.on('drain', settle)
    output.on('close', settle)
    output.on('error', settle)
  })
}
