// The files that all servers serve: made anew for each run, in a temporary folder.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))

/** Bytes that look like a page and have exactly the size asked for. */
function page(size) {
  const text = '<!doctype html><title>bench</title><p>' + 'x'.repeat(size)
  return text.slice(0, size)
}

/** @param {string} path @param {number} count */
export function fillDirectory(path, count) {
  mkdirSync(path, { recursive: true })
  for (let i = 0; i < count; i++) {
    writeFileSync(join(path, `entry-${String(i).padStart(5, '0')}.txt`), 'x'.repeat(i % 977))
  }
}

/** @returns {{ root: string, work: string, remove: () => void }} */
export function makeTree() {
  const work = mkdtempSync(join(tmpdir(), 'basehttp-bench-'))
  // For a server that is root and runs scripts as nobody.
  chmodSync(work, 0o755)
  const root = join(work, 'root')
  mkdirSync(join(root, 'cgi-bin'), { recursive: true })
  mkdirSync(join(root, 'slow'))
  writeFileSync(join(root, '1k.html'), page(1024))
  writeFileSync(join(root, 'slow', '1k.html'), page(1024))
  writeFileSync(join(root, '100k.bin'), randomBytes(100 * 1024))
  writeFileSync(join(root, '100m.bin'), '')
  const block = randomBytes(1024 * 1024)
  for (let i = 0; i < 100; i++) writeFileSync(join(root, '100m.bin'), block, { flag: 'a' })
  truncateSync(join(root, '100m.bin'), 100 * 1024 * 1024)
  fillDirectory(join(root, 'list'), 1000)
  fillDirectory(join(root, 'list10k'), 10_000)
  execFileSync('mkfifo', [join(root, 'fifo')])
  addScripts(join(root, 'cgi-bin'))
  settle()
  return {
    root,
    work,
    remove: () => {
      rmSync(work, { recursive: true, force: true })
    },
  }
}

/** A file that was written a moment ago may be written again in the same tick of the clock, and is not cached. */
export function settle() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000)
}

function addScripts(folder) {
  execFileSync('cc', ['-O2', '-static', '-o', join(folder, 'hello'), join(here, 'cgi/hello.c')])
  for (const name of ['hello.sh', 'hello.py']) {
    cpSync(join(here, 'cgi', name), join(folder, name))
    chmodSync(join(folder, name), 0o755)
  }
}
