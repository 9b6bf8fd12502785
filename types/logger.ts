/** Takes whole log lines, each ending in a line feed. */
export interface LogSink {
  /** Takes a line, its line end included. What it returns is not looked at. */
  write(line: string): unknown
}

/** Where a log goes: nowhere, standard error, a function or a stream of lines. */
export type LogOption = boolean | LogSink | ((line: string) => unknown)

/**
 * How requests are logged.
 *
 * - `python`: `http.server`'s line, written when the response begins
 * - `common`: the Common Log Format, written when the response has ended
 * - `combined`: the same with `Referer` and `User-Agent`
 * - `json`: one object a line, with the duration in milliseconds
 */
export type LogFormat = 'python' | 'common' | 'combined' | 'json'

/** Whether a line tells of a request or of a fault. */
export type LogLevel = 'info' | 'error'

/**
 * A logger such as `pino()`, `bunyan` or `console`: `info` and `error`, or `log` alone. Each takes a text, or with the
 * format `json` an object and a text.
 */
export type Logger =
  | { info(...args: unknown[]): unknown; error(...args: unknown[]): unknown }
  | { log(...args: unknown[]): unknown }

/** A request that was answered. Nothing in it is made safe yet. */
export interface ResponseRecord {
  /** When the request was received, in milliseconds since the epoch. */
  readonly time: number
  /** The client's address. */
  readonly client: string
  /** The request line. */
  readonly requestline: string
  /** The method; `''` if none was understood. */
  readonly method: string
  /** The request target; `''` if none was understood. */
  readonly target: string
  /** The request's version, such as `HTTP/1.1`. */
  readonly version: string
  readonly status: number
  /** Bytes of content that were sent. */
  readonly size: number
  /** From the request's receipt to the response's end, in milliseconds. */
  readonly duration: number
  /** Whether the client has left before the response's end. */
  readonly aborted: boolean
  readonly host: string | undefined
  readonly referer: string | undefined
  readonly userAgent: string | undefined
  /** What an error page says, if one was sent. */
  readonly error: string | undefined
}

/** Anything else that is logged. */
export interface EventRecord {
  /** In milliseconds since the epoch. */
  readonly time: number
  readonly level: LogLevel
  /** The client's address, if it concerns one. */
  readonly client: string
  readonly message: string
}

/** The options of logging that servers and middleware have in common. */
export interface LogOptions {
  /** Where log lines go. @defaultValue `false` */
  log?: LogOption
  /** How requests are logged. @defaultValue `'python'` */
  logFormat?: LogFormat
  /** A logger such as pino or console that gets the lines, in place of {@link LogOptions.log}. @defaultValue none */
  logger?: Logger
}
