import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownName, removeStale } from './scratch-owner.ts'

let directory: string | undefined
let serial = 0

/**
 * A directory that only this process can enter, made at first use and removed when the process exits. What scripts
 * read and write by lies in it for the moment until they are started. What processes that were killed have left of theirs
 * is removed then, too.
 */
export function scratchDirectory(): string {
  if (directory === undefined) {
    const parent = tmpdir()
    directory = mkdtempSync(join(parent, ownName()))
    process.on('exit', removeScratch)
    void removeStale(parent)
  }
  return directory
}

/** A new name in {@link scratchDirectory}. */
export function scratchName(): string {
  return join(scratchDirectory(), String(serial++))
}

/** Removes the directory and all in it; the next use makes another. */
export function removeScratch(): void {
  if (directory === undefined) return
  process.off('exit', removeScratch)
  try {
    rmSync(directory, { recursive: true, force: true })
  } catch {
    // At exit there is nobody left to tell; the directory is empty but for names.
  }
  directory = undefined
}
