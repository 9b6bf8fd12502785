import cluster from 'node:cluster'
import { randomBytes } from 'node:crypto'
import type { TlsOptions } from '../../types/server.ts'
import { lifecycleOf } from './http-server.ts'
import { runInForeground, type RunOptions, type ServeResult } from './foreground.ts'
import { selfSigned } from './self-signed.ts'
import { serveAsWorker, type WorkerProgram } from './worker.ts'
import type { WorkerStart } from './worker-messages.ts'
import { WorkerPool } from './worker-pool.ts'
import { WorkerProcess } from './worker-process.ts'

// The umask that leaves a socket to its owner.
const narrow = 0o177
// It tells our workers from those of a program that itself uses node:cluster.
const marker = 'BASEHTTP_WORKER'

/**
 * Serves by several processes: in the first one starts the others, in those serves.
 *
 * @throws what the server's constructor and `listen()` throw, as a rejection
 */
export async function serveByWorkers(
  count: number,
  program: WorkerProgram,
  options: RunOptions,
): Promise<ServeResult> {
  if (cluster.isWorker) {
    if (process.env[marker] === undefined) throw new Error('a worker cannot start workers')
    // Not for its own children.
    Reflect.deleteProperty(process.env, marker)
    return serveAsWorker(program, options)
  }
  // What the program says wrong is found here, once.
  const template = program.make()
  const { address } = lifecycleOf(template)
  const secrets = await shareSecrets(program.tls)
  const shared = 'fds' in address ? { ...secrets, fds: address.fds } : secrets
  const fork = forker('mode' in address)
  const pool = new WorkerPool({ count, template, shared, fork, log: program.log }, options)
  return runInForeground(pool, options)
}

// --- Internal ---

/** What all workers have in common for TLS, so that clients see one server. */
async function shareSecrets(tls: TlsOptions | undefined): Promise<WorkerStart> {
  if (tls === undefined) return {}
  const ticketKeys = (tls.ticketKeys ?? randomBytes(48)).toString('base64')
  if (tls.selfSigned !== true) return { ticketKeys }
  return { ticketKeys, ...(await selfSigned()) }
}

/**
 * Starts workers: their standard error comes here, to be passed on by whole lines.
 *
 * @param narrows - whether they listen on a Unix socket with permissions of its own
 */
function forker(narrows: boolean): () => WorkerProcess {
  cluster.setupPrimary({ stdio: ['ignore', 'inherit', 'pipe', 'ipc'] })
  // This process binds for the workers: a Unix socket is not to have wider permissions for a moment.
  const narrowed = narrows ? process.umask(narrow) : undefined
  return () => {
    if (narrowed === undefined) return new WorkerProcess(cluster.fork({ [marker]: '1' }))
    process.umask(narrowed)
    const worker = cluster.fork({ [marker]: '1' })
    process.umask(narrow)
    return new WorkerProcess(worker)
  }
}
