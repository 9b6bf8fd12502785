import fs from 'node:fs'
import type { Stats } from 'node:fs'
import { promisify } from 'node:util'
import { fsEncode } from '../http/quote.ts'
import { inLane } from './lanes.ts'

// Descriptors rather than FileHandle: send streams from one, and closing stays in our hands.
const closeFd = promisify(fs.close)
const fstatFd = promisify(fs.fstat)

/** Never waits for a writer at the other end of a FIFO, nor takes a terminal. Windows has neither flag. */
const openFlags =
  fs.constants.O_RDONLY |
  ((fs.constants.O_NONBLOCK as number | undefined) ?? 0) |
  ((fs.constants.O_NOCTTY as number | undefined) ?? 0)

/** A path that cannot name any file: it has a NUL in it, or a character that no file name can have. */
export class UnnameableError extends Error {
  /** What Node itself says of a path with a NUL. */
  readonly code = 'ERR_INVALID_ARG_VALUE'
  constructor() {
    super('Path cannot name a file')
    this.name = 'UnnameableError'
  }
}

/**
 * Makes of a path what `node:fs` takes.
 *
 * @throws UnnameableError
 */
export function toNative(path: string): string | Buffer {
  const native = fsEncode(path)
  if (native === undefined) throw new UnnameableError()
  return native
}

/** `fs.stat` of a path as Python has them. */
export function stat(path: string): Promise<Stats> {
  return new Promise((resolve, reject) => {
    const native = toNative(path)
    inLane('stat', path, (done) => {
      fs.stat(native, (error, stats) => {
        done()
        if (error === null) resolve(stats)
        else reject(error)
      })
    })
  })
}

/** `fs.lstat` of a path as Python has them. */
export function lstat(path: string): Promise<Stats> {
  return new Promise((resolve, reject) => {
    const native = toNative(path)
    inLane('stat', path, (done) => {
      fs.lstat(native, (error, stats) => {
        done()
        if (error === null) resolve(stats)
        else reject(error)
      })
    })
  })
}

/** Opens for reading, without ever waiting. */
export function open(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const native = toNative(path)
    inLane('open', path, (done) => {
      fs.open(native, openFlags, (error, fd) => {
        done()
        if (error === null) resolve(fd)
        else reject(error)
      })
    })
  })
}

export const close: (fd: number) => Promise<void> = closeFd

export const fstat: (fd: number) => Promise<Stats> = (fd) => fstatFd(fd)

/** The path without any symbolic link in it, as bytes. */
export async function realpath(path: string): Promise<Buffer> {
  const native = toNative(path)
  // The native one is one call, where the other is one a component; promisify() knows no bytes of it.
  return new Promise((resolve, reject) => {
    fs.realpath.native(native, 'buffer', (error, real) => {
      if (error === null) resolve(real)
      else reject(error)
    })
  })
}

/**
 * The path, as bytes, by which the system knows an open file now: what was opened, whatever its name leads to since.
 *
 * @returns `undefined` where the system does not say
 */
export async function pathOfDescriptor(fd: number): Promise<Buffer | undefined> {
  if (process.platform !== 'linux') return undefined
  try {
    return await fs.promises.readlink(`/proc/self/fd/${fd}`, 'buffer')
  } catch {
    // Without /proc, as in some containers.
    return undefined
  }
}

/** Reads into a buffer until it is full or the file ends; gives the number of bytes. */
export async function readFully(fd: number, buffer: Buffer, position: number): Promise<number> {
  let filled = 0
  while (filled < buffer.length) {
    const count = await readOnce(fd, buffer, filled, buffer.length - filled, position + filled)
    if (count === 0) break
    filled += count
  }
  return filled
}

// --- Internal ---

function readOnce(
  fd: number,
  buffer: Buffer,
  offset: number,
  length: number,
  position: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(fd, buffer, offset, length, position, (error, count) => {
      if (error === null) resolve(count)
      else reject(error)
    })
  })
}
