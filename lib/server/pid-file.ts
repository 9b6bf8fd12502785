import { readFile, unlink, writeFile } from 'node:fs/promises'

/**
 * Writes this process's number into a file.
 *
 * @throws the system's error, as a rejection
 */
export async function writePidFile(path: string): Promise<void> {
  await writeFile(path, `${process.pid}\n`)
}

/** Removes the file, unless another process's number stands in it by now. */
export async function removePidFile(path: string): Promise<void> {
  try {
    if ((await readFile(path, 'utf8')).trim() === String(process.pid)) await unlink(path)
  } catch {
    // What is gone, or no longer ours to remove, does not keep the process from ending.
  }
}
