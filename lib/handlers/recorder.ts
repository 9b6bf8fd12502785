import type { FoundFile } from '../../types/files.ts'
import type { Target } from './simple-target.ts'

/** Under it a handler finds who takes down its answer, if anybody does. */
export const recorderKey: unique symbol = Symbol('recorder')

/** Takes down what a handler answers with. */
export interface Recorder {
  /** The file that a target leads to; nothing is sent yet. */
  found(target: Target, file: FoundFile): void
  /** A head, as it is sent. */
  head(status: number, reason: string, fields: readonly string[]): void
}

/** A handler that may be recorded. */
export interface Recorded {
  [recorderKey]?: Recorder
}
