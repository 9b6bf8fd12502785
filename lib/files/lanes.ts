// Calls to file systems run in the few threads of Node's pool. A disk that keeps its callers waiting would soon hold
// them all, and with them everybody else's files; so calls into folders found slow go by a lane of their own.

/** Milliseconds after which a call was slow. */
const SLOW = 50

/** So many calls in a row, each within so many milliseconds, show that a folder is not slow any more. */
const FAST = 10
const FAST_CALLS = 2

/** Threads of Node's pool. */
const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) || 4

/** Calls under way at a time; the others wait here, where they can still be given to another lane. */
const MOST = 2 * threads

/** Calls under way at a time into slow folders, all together: one thread is left to the others. */
const MOST_SLOW = Math.max(1, threads - 1)

/** Slow folders that are remembered. */
const MOST_KNOWN = 1000

/** Kinds of calls, told apart because a disk may be slow to find a file and fast to open the one it has found. */
export type CallKind = 'stat' | 'open' | 'read' | 'list'

/** Begins a call; `done` is to be called when it has ended. */
type Begin = (done: () => void) => void

interface Waiting {
  readonly path: string
  readonly begin: Begin
  readonly kind: CallKind
}

/** A slow folder's lane. */
interface Lane {
  readonly waiting: Waiting[]
  /** Fast calls since the last that was not. */
  fast: number
}

const slow = new Map<string, Lane>()
const waiting: Waiting[] = []
let running = 0
let runningSlow = 0

/**
 * Begins a call to a file system, now or when it is its turn.
 *
 * @param kind - what it does
 * @param path - what it is about
 */
export function inLane(kind: CallKind, path: string, begin: Begin): void {
  const lane = slow.size === 0 ? undefined : slow.get(keyOf(kind, path))
  const call = { kind, path, begin }
  if (lane !== undefined) {
    lane.waiting.push(call)
    if (runningSlow < MOST_SLOW) beginSlow()
  } else if (running < MOST) start(call, false)
  else waiting.push(call)
}

/** The same for a call that returns a promise. */
export function callInLane<T>(kind: CallKind, path: string, call: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    inLane(kind, path, (done) => {
      call().then(resolve, reject).finally(done)
    })
  })
}

// --- Internal ---

function start({ kind, path, begin }: Waiting, isSlow: boolean): void {
  if (isSlow) runningSlow++
  else running++
  const from = performance.now()
  begin(() => {
    if (isSlow) runningSlow--
    else running--
    judge(kind, path, performance.now() - from)
    proceed()
  })
}

/** A call that only waited for others' may count as slow: its folder's next ones set that right. */
function judge(kind: CallKind, path: string, duration: number): void {
  if (duration >= SLOW) {
    const key = keyOf(kind, path)
    if (slow.size >= MOST_KNOWN) forgetIdle()
    const lane = slow.get(key)
    if (lane === undefined) slow.set(key, { waiting: [], fast: 0 })
    else lane.fast = 0
  } else if (slow.size > 0 && duration < FAST) {
    const key = keyOf(kind, path)
    const lane = slow.get(key)
    if (lane === undefined || ++lane.fast < FAST_CALLS) return
    slow.delete(key)
    waiting.push(...lane.waiting)
  }
}

function proceed(): void {
  while (running < MOST && waiting.length > 0) {
    const next = waiting.shift()
    // By now its folder may be known to be slow.
    if (next !== undefined) inLane(next.kind, next.path, next.begin)
  }
  while (runningSlow < MOST_SLOW && beginSlow());
}

/** Begins a call into a slow folder, each folder in turn; returns whether there was any. */
function beginSlow(): boolean {
  for (const [folder, lane] of slow) {
    const next = lane.waiting.shift()
    if (next === undefined) continue
    slow.delete(folder)
    slow.set(folder, lane)
    start(next, true)
    return true
  }
  return false
}

function forgetIdle(): void {
  for (const [folder, lane] of slow) if (lane.waiting.length === 0) slow.delete(folder)
}

/** Of the kind and the folder. */
function keyOf(kind: CallKind, path: string): string {
  return kind + path.slice(0, path.lastIndexOf('/') + 1)
}
