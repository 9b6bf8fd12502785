/** What stops a server that runs in the foreground. */
const stopping = ['SIGINT', 'SIGTERM'] as const

/** Emits process signals: `process`, or an `EventEmitter` in its place. */
export interface SignalSource {
  once(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
}

/** Resolves with the next signal that asks to stop. */
export function untilSignal(source: SignalSource): Promise<'SIGINT' | 'SIGTERM'> {
  return new Promise((resolve) => {
    const listeners = stopping.map((signal) => {
      const listener = (): void => {
        for (const [name, other] of listeners) source.off(name, other)
        resolve(signal)
      }
      source.once(signal, listener)
      return [signal, listener] as const
    })
  })
}
