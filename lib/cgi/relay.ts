import type { Exit } from './process.ts'
import { terminate } from './group.ts'
import { HeadParser, type HeadOptions, type ScriptField, type ScriptHead } from './response.ts'
import type { ScriptProcess } from './spawner.ts'

/** The head of a document. */
export type DocumentHead = Extract<ScriptHead, { kind: 'document' }>

/** Where a script's response goes. */
export interface ResponsePort {
  /** Sends 103 with fields, if the client can take it. */
  sendHints(fields: readonly ScriptField[]): void
  /**
   * Sends the head.
   *
   * @returns whether content may follow it: none does after HEAD, 204 and 304
   */
  begin(head: DocumentHead): boolean
  /** Instead of a head: all that is written is the response, byte for byte. `start` is what comes first. */
  beginRaw(start: Buffer): void
  /** Sends content. @returns whether more is welcome now; if not, `drained` is called when it is */
  write(content: Buffer): boolean
  /** Passes on what a compressor or the like has kept back. */
  flush(): void
  /** Ends the response as a complete one. */
  end(): void
  /** Ends it so that the client sees that it is not complete. */
  abort(): void
  /** Calls back whenever more is welcome again. */
  onDrain(drained: () => void): void
  /** Calls back when the client has gone before the end of the response. */
  onGone(gone: () => void): void
}

/** What came of a script's output. */
export type RelayOutcome =
  /** A response was sent, in whole or, after `cause`, in part. */
  | { readonly kind: 'sent'; readonly cause?: string }
  /** Nothing was sent, and an error should be; there is a `cause` where the log should tell of it. */
  | { readonly kind: 'failed'; readonly status: number; readonly cause?: string }
  /** Nothing was sent; another request's response is asked for. */
  | { readonly kind: 'redirect'; readonly location: string }
  /** The client has gone. */
  | { readonly kind: 'gone' }

/** Why the rest of a request's content does not come: what is to be answered, if nothing has been yet. */
export type InputFailure = Extract<RelayOutcome, { kind: 'failed' | 'gone' }>

/** A request's content that still comes while its script runs. */
export interface ComingInput {
  /** When there was progress last, by `performance.now()`: now, as long as more is to come. */
  lastProgress(): number
  /** Calls back when the rest of it will not come; at once if that is known. */
  onFailure(failed: (failure: InputFailure) => void): void
}

/** How output is relayed. Durations are milliseconds; 0 is none. */
export interface RelayOptions extends HeadOptions {
  /** Longest time without output, or without the client taking any. */
  readonly timeout: number
  /** The request's content, if it is not all there: what comes of it is progress, too. */
  readonly input?: ComingInput
  /** Longest time for the whole response. */
  readonly totalTimeout: number
  /** How long output that others hold open is read after the script itself has ended. */
  readonly closeDelay: number
  /** Whether the output is the response as it is. */
  readonly raw: boolean
}

/** A script that has closed its output tells within this many milliseconds how it ended, if it has. */
const exitGrace = 100
/** A script that writes more than this beyond its Content-Length does not mean to end. */
const maxSurplus = 64 * 1024
/** Pipes give at most this much at once; less means that there is no more for now. */
const fullRead = 65_536

/**
 * Sends what a script writes to the client, as it comes and no faster than the client takes it.
 *
 * @returns when the response is over, or when it is known that there is none; the script may run on
 * @throws what the port throws, as a rejection: the script is then ended
 */
export function relay(
  script: ScriptProcess,
  port: ResponsePort,
  options: RelayOptions,
): Promise<RelayOutcome> {
  return new Promise((resolve, reject) => {
    new Relay(script, port, options, { resolve, reject }).start()
  })
}

/** What becomes of {@link relay}'s promise. */
interface Settle {
  resolve(outcome: RelayOutcome): void
  reject(error: unknown): void
}

type State = 'head' | 'content' | 'done'

class Relay {
  readonly #script: ScriptProcess
  readonly #port: ResponsePort
  readonly #options: RelayOptions
  readonly #settle: Settle
  readonly #parser: HeadParser
  /** `head` until it is complete; `content` while it is sent; `done` when what still comes is dropped. */
  #state: State = 'head'
  /** Octets of content still due by Content-Length. */
  #due = Infinity
  #surplus = 0
  /** Whether the output is over, or has been given up. */
  #ended = false
  #lastProgress = performance.now()
  #idleTimer: NodeJS.Timeout | undefined
  #totalTimer: NodeJS.Timeout | undefined
  #closeTimer: NodeJS.Timeout | undefined

  constructor(script: ScriptProcess, port: ResponsePort, options: RelayOptions, settle: Settle) {
    this.#script = script
    this.#port = port
    this.#options = options
    this.#settle = settle
    this.#parser = new HeadParser(options)
  }

  start(): void {
    const { stdout, exited } = this.#script
    stdout.on('data', (chunk: Buffer) => {
      this.#guard(() => {
        this.#receive(chunk)
      })
    })
    const end = (): void => {
      this.#end().catch(this.#fail)
    }
    stdout.on('end', end)
    stdout.on('error', end)
    this.#port.onDrain(() => {
      this.#lastProgress = performance.now()
      stdout.resume()
    })
    this.#port.onGone(() => {
      this.#leave({ kind: 'gone' }, true)
    })
    void exited.then(() => {
      this.#afterExit()
    })
    this.#startTimers()
    this.#options.input?.onFailure((failure) => {
      this.#guard(() => {
        this.#breakOff(failure)
      })
    })
  }

  /** Runs what a stream or a timer calls: nobody else would see what a port throws, which may be a user's own. */
  #guard(step: () => void): void {
    try {
      step()
    } catch (error) {
      this.#fail(error)
    }
  }

  readonly #fail = (error: unknown): void => {
    this.#leave(undefined, true)
    this.#settle.reject(error)
  }

  #receive(chunk: Buffer): void {
    this.#lastProgress = performance.now()
    if (this.#state === 'content') this.#send(chunk)
    else if (this.#state === 'done') this.#drop(chunk)
    else if (this.#options.raw) this.#beginRaw(chunk)
    else this.#readHead(chunk)
  }

  #beginRaw(chunk: Buffer): void {
    this.#state = 'content'
    this.#port.beginRaw(chunk)
    this.#send(chunk)
  }

  #readHead(chunk: Buffer): void {
    let rest = chunk
    for (;;) {
      const progress = this.#parser.push(rest)
      if (progress.kind === 'more') return
      if (progress.kind === 'malformed') {
        this.#leave({ kind: 'failed', status: 500, cause: progress.cause }, true)
        return
      }
      const { head } = progress
      rest = progress.rest
      if (head.kind === 'localRedirect') {
        this.#leave({ kind: 'redirect', location: head.location }, false)
        return
      }
      if (head.kind === 'document') {
        this.#begin(head, rest)
        return
      }
      this.#port.sendHints(head.fields)
    }
  }

  #begin(head: DocumentHead, rest: Buffer): void {
    this.#state = 'content'
    this.#due = head.length ?? Infinity
    if (!this.#port.begin(head)) this.#finish()
    else if (rest.length > 0 || this.#due === 0) this.#send(rest)
    else this.#port.flush()
  }

  #send(chunk: Buffer): void {
    const content = chunk.length > this.#due ? chunk.subarray(0, this.#due) : chunk
    this.#due -= content.length
    if (content.length > 0 && !this.#port.write(content)) this.#script.stdout.pause()
    if (chunk.length < fullRead) this.#port.flush()
    if (this.#due > 0) return
    this.#finish()
    this.#drop(chunk.subarray(content.length))
  }

  /** The response is complete; the script may still have something to do. */
  #finish(): void {
    this.#port.end()
    this.#leave({ kind: 'sent' }, false)
  }

  #drop(chunk: Buffer): void {
    this.#surplus += chunk.length
    if (this.#surplus > maxSurplus && this.#due === 0) void terminate(this.#script)
  }

  /** The output is over: whether the response is complete depends on how the script has ended. */
  async #end(): Promise<void> {
    this.#ended = true
    this.#stopTimers()
    if (this.#state === 'done') return
    const exit = await this.#exitSoon()
    // What happened meanwhile, such as the client's leaving, has come first.
    if (this.#stateNow() === 'done') return
    if (this.#state === 'head') {
      const cause = this.#parser.end() + described(exit)
      this.#leave({ kind: 'failed', status: 500, cause }, false)
    } else if (exit?.signal != null) {
      // The log tells of the signal anyway.
      this.#abort()
    } else if (this.#due !== Infinity) {
      this.#abort(`its output ended ${this.#due} octets before its Content-Length`)
    } else {
      this.#finish()
    }
  }

  /** The type checker does not see that a state changes while something is awaited. */
  #stateNow(): State {
    return this.#state
  }

  #exitSoon(): Promise<Exit | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, exitGrace, undefined)
      void this.#script.exited.then((exit) => {
        clearTimeout(timer)
        resolve(exit)
      })
    })
  }

  #afterExit(): void {
    const { closeDelay } = this.#options
    if (closeDelay === 0 || this.#ended || this.#state === 'done') return
    this.#closeTimer = setTimeout(() => {
      this.#end().catch(this.#fail)
    }, closeDelay).unref()
  }

  /** There will never be all of the content that the script has been promised. */
  #breakOff(failure: InputFailure): void {
    if (this.#state === 'content' && failure.kind === 'failed') this.#abort(failure.cause)
    else this.#leave(failure, true)
  }

  #abort(cause?: string): void {
    this.#port.abort()
    this.#leave(cause === undefined ? { kind: 'sent' } : { kind: 'sent', cause }, true)
  }

  #leave(outcome: RelayOutcome | undefined, end: boolean): void {
    if (this.#state === 'done') return
    this.#state = 'done'
    this.#script.stdout.resume()
    if (end) {
      this.#stopTimers()
      void terminate(this.#script)
    }
    if (outcome !== undefined) this.#settle.resolve(outcome)
  }

  #startTimers(): void {
    const { timeout, totalTimeout } = this.#options
    if (timeout > 0)
      this.#idleTimer = setTimeout(() => {
        this.#checkIdle()
      }, timeout)
    if (totalTimeout > 0) {
      this.#totalTimer = setTimeout(() => {
        this.#expire(`it took longer than ${totalTimeout} ms`)
      }, totalTimeout)
    }
  }

  #checkIdle(): void {
    const { input, timeout } = this.#options
    const progress = Math.max(this.#lastProgress, input?.lastProgress() ?? 0)
    const left = progress + timeout - performance.now()
    if (left <= 0) this.#expire(`it was silent for ${this.#options.timeout} ms`)
    else
      this.#idleTimer = setTimeout(() => {
        this.#checkIdle()
      }, Math.ceil(left))
  }

  #expire(cause: string): void {
    if (this.#state === 'done') {
      this.#stopTimers()
      void terminate(this.#script)
    } else if (this.#state === 'content') {
      this.#guard(() => {
        this.#abort(cause)
      })
    } else this.#leave({ kind: 'failed', status: 504, cause }, true)
  }

  #stopTimers(): void {
    clearTimeout(this.#idleTimer)
    clearTimeout(this.#totalTimer)
    clearTimeout(this.#closeTimer)
  }
}

function described(exit: Exit | undefined): string {
  if (exit === undefined) return ', and it runs on'
  if (exit.signal !== null) return `, and it was ended by ${exit.signal}`
  if (exit.code !== null && exit.code !== 0) return `, and it ended with code ${exit.code}`
  return ''
}
