/** The signals that a server in the foreground knows. */
export type ServerSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGUSR1'

/** Emits process signals: `process`, or an `EventEmitter` in its place. */
export interface SignalSource {
  /** Has a listener called at each such signal from now on. */
  on(signal: ServerSignal, listener: () => void): unknown
  /** Takes a listener of {@link SignalSource.on} away. */
  off(signal: ServerSignal, listener: () => void): unknown
}

/** What is done at signals. */
export interface SignalActions {
  /** At the first `SIGINT` or `SIGTERM`. */
  stop(signal: 'SIGINT' | 'SIGTERM'): void
  /** At each further one. */
  force(signal: 'SIGINT' | 'SIGTERM'): void
  /** At `SIGHUP`, which without it ends the process: its terminal was closed. */
  readonly reload: (() => void) | undefined
  /** At `SIGUSR1`. Node would open a port for a debugger. */
  reopen(): void
}

/**
 * Acts on signals from now on.
 *
 * @returns what stops it
 */
export function onSignals(source: SignalSource, actions: SignalActions): () => void {
  let stopping = false
  const stop = (signal: 'SIGINT' | 'SIGTERM') => () => {
    if (stopping) actions.force(signal)
    else actions.stop(signal)
    stopping = true
  }
  const listeners: [ServerSignal, () => void][] = [
    ['SIGINT', stop('SIGINT')],
    ['SIGTERM', stop('SIGTERM')],
    [
      'SIGUSR1',
      () => {
        actions.reopen()
      },
    ],
  ]
  if (actions.reload !== undefined) listeners.push(['SIGHUP', actions.reload])
  for (const [signal, listener] of listeners) source.on(signal, listener)
  return () => {
    for (const [signal, listener] of listeners) source.off(signal, listener)
  }
}
