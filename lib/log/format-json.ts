import type { EventRecord, LogLevel, ResponseRecord } from '../../types/logger.ts'
import { withoutTargetUserinfo, withoutUserinfo } from './redact.ts'

/** A value that JSON has. */
export type JsonRecord = Readonly<Record<string, string | number | boolean>>

/**
 * The fields of a response's line, without `time` and `level`: `client`, `method`, `target`, `version`, `status`, `size`
 * in bytes, `duration` in milliseconds, and where there is one `host`, `referer`, `userAgent`, `error` and `aborted`.
 * What was no request has its `request` line in place of the first.
 */
export function responseFields(record: ResponseRecord): JsonRecord {
  const { method, target, version } = record
  return {
    client: record.client,
    ...(method === ''
      ? { request: withoutUserinfo(record.requestline) }
      : { method, target: withoutTargetUserinfo(target), version }),
    status: record.status,
    size: record.size,
    duration: Math.round(record.duration * 1000) / 1000,
    ...given('host', record.host),
    ...given('referer', record.referer && withoutUserinfo(record.referer)),
    ...given('userAgent', record.userAgent),
    ...given('error', record.error),
    ...(record.aborted ? { aborted: true } : {}),
  }
}

/** The fields of an event's line, without `time`, `level` and `message`. */
export function eventFields({ client }: EventRecord): JsonRecord {
  return client === '' ? {} : { client }
}

/**
 * Makes a line of JSON: `time` as ISO 8601 in UTC, `level`, then the fields.
 *
 * Whatever a terminal or a reader of lines could take for more than text is escaped as `\uHHHH`: control characters, DEL
 * and C1 included, line and paragraph separators, and what changes the direction of text.
 *
 * @param time - in milliseconds since the epoch
 */
export function formatJson(time: number, level: LogLevel, fields: JsonRecord): string {
  const line = { time: new Date(time).toISOString(), level, ...fields }
  return `${JSON.stringify(line).replace(unsafe, escapeCharacter)}\n`
}

// --- Internal ---

// What JSON.stringify() leaves as it is; the characters of Bidi_Control are format characters, as U+FEFF is.
const unsafe = /[\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function given(name: string, value: string | undefined): JsonRecord {
  return value === undefined ? {} : { [name]: value }
}
