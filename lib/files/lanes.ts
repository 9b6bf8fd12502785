// Calls to file systems run in the few threads of Node's pool. A disk that keeps its callers waiting would soon hold
// them all, and with them everybody else's files; so calls into folders found slow go by a lane of their own.

/** Milliseconds after which a call was slow. */
const SLOW = 50

/** Milliseconds within which a call shows that its folder is not slow any more. */
const FAST = 10

/** Threads of Node's pool. */
const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) || 4

/** Calls under way at a time; the others wait here, where they can still be given to another lane. */
const MOST = 2 * threads

/** Calls under way at a time into slow folders, all together: one thread is left to the others. */
const MOST_SLOW = Math.max(1, threads - 1)

/** Slow folders that are remembered. */
const MOST_KNOWN = 1000

/** Begins a call; `done` is to be called when it has ended. */
type Begin = (done: () => void) => void

interface Waiting {
  readonly path: string
  readonly begin: Begin
}

/** Slow folders, and the calls into each that wait. */
const slow = new Map<string, Waiting[]>()
const waiting: Waiting[] = []
let running = 0
let runningSlow = 0

/**
 * Begins a call to a file system, now or when it is its turn.
 *
 * @param path - what it is about
 */
export function inLane(path: string, begin: Begin): void {
  const lane = slow.size === 0 ? undefined : slow.get(folderOf(path))
  if (lane !== undefined) {
    lane.push({ path, begin })
    if (runningSlow < MOST_SLOW) beginSlow()
  } else if (running < MOST) start(path, begin, false)
  else waiting.push({ path, begin })
}

/** The same for a call that returns a promise. */
export function callInLane<T>(path: string, call: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    inLane(path, (done) => {
      call().then(resolve, reject).finally(done)
    })
  })
}

// --- Internal ---

function start(path: string, begin: Begin, isSlow: boolean): void {
  if (isSlow) runningSlow++
  else running++
  const from = performance.now()
  begin(() => {
    if (isSlow) runningSlow--
    else running--
    judge(path, performance.now() - from)
    proceed()
  })
}

/** A call that only waited for others' may count as slow: its folder's next one sets that right. */
function judge(path: string, duration: number): void {
  if (duration >= SLOW) {
    const folder = folderOf(path)
    if (slow.size >= MOST_KNOWN) forgetIdle()
    if (!slow.has(folder)) slow.set(folder, [])
  } else if (slow.size > 0 && duration < FAST) {
    const folder = folderOf(path)
    const lane = slow.get(folder)
    if (lane === undefined) return
    slow.delete(folder)
    waiting.push(...lane)
  }
}

function proceed(): void {
  while (running < MOST && waiting.length > 0) {
    const next = waiting.shift()
    // By now its folder may be known to be slow.
    if (next !== undefined) inLane(next.path, next.begin)
  }
  while (runningSlow < MOST_SLOW && beginSlow());
}

/** Begins a call into a slow folder, each folder in turn; returns whether there was any. */
function beginSlow(): boolean {
  for (const [folder, lane] of slow) {
    const next = lane.shift()
    if (next === undefined) continue
    slow.delete(folder)
    slow.set(folder, lane)
    start(next.path, next.begin, true)
    return true
  }
  return false
}

function forgetIdle(): void {
  for (const [folder, lane] of slow) if (lane.length === 0) slow.delete(folder)
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}
