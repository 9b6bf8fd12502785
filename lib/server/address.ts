import type { ListenAddress } from '../../types/server.ts'
import { bracketed } from '../http/address.ts'

/**
 * Checks what a server is to listen on.
 *
 * @returns a copy
 * @throws TypeError or RangeError saying what is wrong
 */
export function checkAddress(address: unknown): ListenAddress {
  if (typeof address !== 'object' || address === null) {
    throw new TypeError('address must be [host, port], { path } or { fds }')
  }
  if ('path' in address)
    return checkPath(address.path, 'mode' in address ? address.mode : undefined)
  if ('fds' in address) return { fds: checkDescriptors(address.fds) }
  return checkHostAndPort(Array.isArray(address) ? address : [])
}

// What the system has room for, less the NUL at its end. The runtime would cut off the rest, and listen elsewhere.
const longestPath = process.platform === 'linux' ? 107 : 103

/** Whether the system has room for a path of a Unix socket. */
export function isSocketPath(path: string): boolean {
  return Buffer.byteLength(path) <= longestPath
}

/** `[host, port]` as a URL has it. */
export function toUrl(scheme: string, host: string, port: number): string {
  return `${scheme}://${bracketed(host)}:${port}/`
}

// --- Internal ---

function checkHostAndPort(address: readonly unknown[]): [string, number] {
  const [host, port] = address
  if (typeof host !== 'string') throw new TypeError('address must be [host, port]')
  if (typeof port !== 'number' || !Number.isInteger(port)) {
    throw new TypeError('address must be [host, port], port a whole number')
  }
  if (port < 0 || port > 65_535) throw new RangeError('port must be from 0 to 65535')
  return [host, port]
}

function checkPath(path: unknown, mode: unknown): ListenAddress {
  if (typeof path !== 'string') throw new TypeError('address must have a text as its path')
  if (path === '' || path.includes('\0')) throw new RangeError('path must name a Unix socket')
  if (!isSocketPath(path)) {
    throw new RangeError(`path of a Unix socket must have at most ${longestPath} bytes: ${path}`)
  }
  if (mode === undefined) return { path }
  if (typeof mode !== 'number') throw new TypeError('mode must be a number')
  if (!Number.isInteger(mode) || mode < 0 || mode > 0o777) {
    throw new RangeError('mode must be from 0 to 0o777')
  }
  return { path, mode }
}

function checkDescriptors(fds: unknown): readonly number[] {
  if (!Array.isArray(fds)) throw new TypeError('address must have a list of descriptors as its fds')
  const checked: number[] = []
  for (const fd of fds as unknown[]) {
    if (typeof fd !== 'number' || !Number.isInteger(fd) || fd < 0) {
      throw new TypeError('fds must be whole numbers')
    }
    checked.push(fd)
  }
  if (checked.length === 0) throw new RangeError('fds must name a socket')
  return checked
}
