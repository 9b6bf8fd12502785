import { formatLogOffset, formatLogDate } from '../http/date.ts'
import type { ResponseRecord } from '../../types/logger.ts'
import { withoutTargetUserinfo, withoutUserinfo } from './redact.ts'

/**
 * Makes a line of the Common Log Format: `ADDRESS - - [DD/Mon/YYYY:HH:MM:SS +ZZZZ] "REQUEST" STATUS SIZE`, in local
 * time; a size of 0 is `-`. The user is always `-`, for who it is stands in `Authorization`.
 */
export function formatCommon(record: ResponseRecord): string {
  return `${commonPart(record)}\n`
}

/** Makes a line of the Combined Log Format: {@link formatCommon}'s with `"REFERER" "USER-AGENT"`; one absent is `-`. */
export function formatCombined(record: ResponseRecord): string {
  const referer = withoutUserinfo(record.referer ?? '-')
  return `${commonPart(record)} "${escape(referer)}" "${escape(record.userAgent ?? '-')}"\n`
}

// --- Internal ---

function commonPart({ client, time, size, status, ...record }: ResponseRecord): string {
  const [day = '', clock = ''] = formatLogDate(time).split(' ')
  const when = `${day}:${clock} ${formatLogOffset(time)}`
  return `${escape(client)} - - [${when}] "${escape(requestOf(record))}" ${status} ${size === 0 ? '-' : size}`
}

function requestOf(record: Pick<ResponseRecord, 'requestline' | 'method' | 'target'>): string {
  const { requestline, target } = record
  const shown = withoutTargetUserinfo(target)
  return shown === target ? requestline : requestline.replace(target, () => shown)
}

// As Apache and nginx do: quotes and backslashes, and bytes that are not printable ASCII.
const special = /["\\]|[^\x20-\x7e]/gu

function escape(text: string): string {
  return text.replace(special, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`
    const bytes =
      character.charCodeAt(0) <= 0xff ? [character.charCodeAt(0)] : [...Buffer.from(character)]
    return bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
  })
}
