import cluster from 'node:cluster'
import type { TlsOptions } from '../../types/server.ts'
import { lifecycleOf, type HTTPServer } from './http-server.ts'
import type { RunOptions, ServeResult } from './foreground.ts'
import { ServerRun } from './server-run.ts'
import { onSignals } from './signals.ts'
import {
  isOurs,
  packError,
  type FromWorker,
  type ToWorker,
  type WorkerStart,
} from './worker-messages.ts'
import type { LogOption } from '../../types/logger.ts'

/** What differs in a worker from what its program says. */
export interface WorkerSettings {
  readonly port?: number
  readonly fds?: readonly number[]
  readonly tls?: TlsOptions
}

/** What of a program a worker runs. */
export interface WorkerProgram {
  /** Makes a server as the program says. */
  readonly make: (settings?: WorkerSettings) => HTTPServer
  readonly tls: TlsOptions | undefined
  readonly log: LogOption | undefined
}

/** Serves as the first process says, until that or SIGTERM ends it. */
export async function serveAsWorker(
  program: WorkerProgram,
  { signals }: RunOptions,
): Promise<ServeResult> {
  const orders = new Orders()
  const release = onSignals(signals, {
    // A terminal's Ctrl-C reaches every process: the first one decides.
    stop: (signal) => {
      if (signal === 'SIGTERM') orders.take('drain')
    },
    force: ignore,
    reload: ignore,
    reopen: () => {
      orders.take('reopen')
    },
  })
  tell({ basehttp: 'hello' })
  const server = await open(program, await orders.started, orders)
  const running = new ServerRun(server, program.log)
  const order = await orders.ended(running)
  await (order === 'retire' ? lifecycleOf(server).retire() : server.shutdown())
  release()
  orders.close()
  // Else Node ends the process at once, as if its parent had died.
  if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true
  process.disconnect()
  return { signal: undefined, forced: orders.forced }
}

// --- Internal ---

type Order = Exclude<ToWorker['basehttp'], 'start'>

/** What the first process has told. */
class Orders {
  readonly started: Promise<WorkerStart>
  readonly handed: Promise<void>
  forced = false
  #start: (settings: WorkerStart) => void = ignore
  #hand: () => void = ignore
  #end: (order: 'drain' | 'retire') => void = ignore
  readonly #ended: Promise<'drain' | 'retire'>
  #running: ServerRun | undefined

  constructor() {
    this.started = new Promise((resolve) => (this.#start = resolve))
    this.handed = new Promise((resolve) => (this.#hand = resolve))
    this.#ended = new Promise((resolve) => (this.#end = resolve))
    process.on('message', this.#receive)
  }

  /** Resolves when the server is to stop. Until then, and while it does, it is told of the other orders. */
  ended(running: ServerRun): Promise<'drain' | 'retire'> {
    this.#running = running
    return this.#ended
  }

  take(order: Order): void {
    if (order === 'handed') this.#hand()
    else if (order === 'reopen') this.#running?.reopen()
    else if (order === 'force') {
      this.forced = true
      this.#running?.force()
    } else this.#end(order)
  }

  close(): void {
    process.off('message', this.#receive)
  }

  readonly #receive = (message: unknown): void => {
    if (!isOurs(message)) return
    // Only the first process sends these.
    const order = message as ToWorker
    if (order.basehttp === 'start') this.#start(order.settings)
    else this.take(order.basehttp)
  }
}

async function open(
  { make, tls }: WorkerProgram,
  start: WorkerStart,
  orders: Orders,
): Promise<HTTPServer> {
  try {
    const server = make(toSettings(tls, start))
    lifecycleOf(server).handover = () => {
      tell({ basehttp: 'closed' })
      return orders.handed
    }
    await server.listen()
    tell({ basehttp: 'listening', address: server.serverAddress })
    return server
  } catch (error) {
    // The first process tells of it, once for all workers, and ends this one.
    tell({ basehttp: 'failed', error: packError(error) })
    return new Promise(ignore)
  }
}

function toSettings(tls: TlsOptions | undefined, start: WorkerStart): WorkerSettings {
  const { port, fds, cert, key, ticketKeys } = start
  const listening = {
    ...(port === undefined ? {} : { port }),
    ...(fds === undefined ? {} : { fds }),
  }
  if (tls === undefined) return listening
  const credentials =
    cert === undefined || key === undefined ? {} : { selfSigned: false, cert, key }
  const tickets = ticketKeys === undefined ? {} : { ticketKeys: Buffer.from(ticketKeys, 'base64') }
  return { ...listening, tls: { ...tls, ...tickets, ...credentials } }
}

function tell(message: FromWorker): void {
  // When the first process is gone, so is whoever this concerns.
  process.send?.(message, undefined, undefined, ignore)
}

function ignore(): void {
  // Nothing to do.
}
