import {
  checkBoolean,
  checkFunction,
  checkString,
  checkText,
  isRecord,
  type Check,
} from './check.ts'
import type { FieldChecks } from './fields.ts'

const checkVersion: Check = (name, value) => {
  checkString(name, value)
  if (typeof value === 'string' && !/^HTTP\/\d+\.\d+$/.test(value)) {
    throw new RangeError(`option ${name} must be a version such as HTTP/1.1`)
  }
}

const checkProduct: Check = (name, value) => {
  if (value !== '') checkText(name, value)
}

const checkResponses: Check = (name, value) => {
  if (value !== undefined && !isRecord(value)) {
    throw new TypeError(`option ${name} must be an object`)
  }
}

/** How the fields of `BaseHTTPRequestHandler` are checked that a server does not go by itself. */
export const baseChecks: FieldChecks = {
  MessageClass: checkFunction,
  defaultRequestVersion: checkVersion,
  errorContentType: checkText,
  errorMessageFormat: checkString,
  fallthrough: checkBoolean,
  protocolVersion: checkVersion,
  responses: checkResponses,
  serverVersion: checkProduct,
  sysVersion: checkProduct,
}
