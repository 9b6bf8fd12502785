import type { LogOption } from './logger.ts'
import type { WireOptions } from './wire.ts'

/**
 * Options of `HTTPServer`. Limits and timers are those of {@link WireOptions}: sizes in bytes, durations in
 * milliseconds, 0 switches a timer off.
 */
export interface HTTPServerOptions extends Partial<WireOptions> {
  /**
   * Where log lines go: those of the handlers, and of what no handler saw.
   *
   * @defaultValue `true` (standard error) for a handler class, `false` for a middleware or an app
   */
  log?: LogOption
  /**
   * Most connections at a time; a further one is closed at once.
   *
   * @defaultValue no limit
   */
  maxConnections?: number
  /**
   * Milliseconds that `shutdown()` waits for responses under way before it cuts them off.
   *
   * @defaultValue `10_000`
   */
  drainTimeout?: number
}
