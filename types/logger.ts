/** Takes whole log lines, each ending in a line feed. */
export interface LogSink {
  write(line: string): unknown
}

/** Where a log goes: nowhere, standard error, a function or a stream of lines. */
export type LogOption = boolean | LogSink | ((line: string) => void)
