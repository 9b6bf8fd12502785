import type { BaseHTTPRequestHandler, HandlerClass } from './base.ts'
import { failuresOf } from './base.ts'
import { isThenable } from '../http/thenable.ts'
import { isOwn, markOwn } from './own-classes.ts'

/** Methods that are called and not waited for. */
const called = new Set([
  'addField',
  'addValidators',
  'decline',
  'endHeaders',
  'flushHeaders',
  'logError',
  'logMessage',
  'logRequest',
  'refuse',
  'sendConditionError',
  'sendError',
  'sendFileHead',
  'sendHeader',
  'sendNotModified',
  'sendRedirect',
  'sendResponse',
  'sendResponseOnly',
])

/** Methods whose result is needed at once. */
const asked = new Set([
  'addressString',
  'answersMethod',
  'dateTimeString',
  'fileFields',
  'guessType',
  'isCgi',
  'isExecutable',
  'isPython',
  'logDateTimeString',
  'translatePath',
  'versionString',
])

/** Methods whose promise a subclass may forget to wait for. */
const promised = new Set(['copyfile', 'listDirectory', 'runCgi', 'sendHead'])

const guarded = new WeakSet<object>()

/**
 * Sees to it that no override ends the process by a promise that nobody waits for: a rejection fails its request.
 *
 * @param Guarded - a class just made; its prototype gets a method in front of each override
 * @param Handler - the class it extends
 * @returns what does the same for an instance's own functions; `undefined` if there is nothing to do
 */
export function guardOverrides(
  Guarded: HandlerClass,
  Handler: HandlerClass,
): ((handler: BaseHTTPRequestHandler) => void) | undefined {
  const above = Handler.prototype as object
  if (guarded.has(above)) return undefined
  if (isOwn(above)) {
    // Other values of fields make no override, and such a class may be configured again.
    markOwn(Guarded)
    return undefined
  }
  const prototype = Guarded.prototype as object
  guarded.add(prototype)
  for (const name of [...called, ...asked]) if (isOverridden(above, name)) guard(prototype, name)
  for (const name of promised) if (name in above) guard(prototype, name)
  for (const name of answeringMethods(above)) guard(prototype, name)
  let fields: string[] | undefined
  return (handler) => {
    failuresOf(handler).attends = true
    // All instances of a class have the same.
    fields ??= Object.keys(handler).filter(
      (name) => called.has(name) || asked.has(name) || isAnswering(name),
    )
    for (const name of fields) guard(handler, name)
  }
}

// --- Internal ---

function isOverridden(prototype: object, name: string): boolean {
  if (!(name in prototype)) return false
  let holder = prototype
  while (!Object.hasOwn(holder, name)) holder = Object.getPrototypeOf(holder) as object
  return !isOwn(holder)
}

/** `do_GET` and the like: their promises are waited for, but a `handle()`, or another of them, may forget to. */
function isAnswering(name: string): boolean {
  return name.startsWith('do_')
}

/** The names of such methods that classes of the user's have. */
function answeringMethods(prototype: object): string[] {
  const seen = new Set<string>()
  const names: string[] = []
  let holder = prototype
  while (holder !== Object.prototype && !isOwn(holder)) {
    for (const name of Object.getOwnPropertyNames(holder)) {
      if (!isAnswering(name) || seen.has(name)) continue
      seen.add(name)
      const value: unknown = Object.getOwnPropertyDescriptor(holder, name)?.value
      if (typeof value === 'function') names.push(name)
    }
    holder = Object.getPrototypeOf(holder) as object
  }
  return names
}

type Method = (this: BaseHTTPRequestHandler, ...args: unknown[]) => unknown

/** Puts a method in front of the one that a prototype inherits, or that an object has. */
function guard(target: object, name: string): void {
  const has = Object.hasOwn(target, name)
  const field: unknown = has ? Reflect.get(target, name) : undefined
  if (has && typeof field !== 'function') return
  const above = Object.getPrototypeOf(target) as object
  const value: Method = function (...args) {
    // Looked up now: a method may be replaced at any time.
    const method = (has ? field : Reflect.get(above, name)) as Method
    return checked(this, name, method.apply(this, args))
  }
  Object.defineProperty(target, name, { value, configurable: true, writable: true })
}

function checked(handler: BaseHTTPRequestHandler, name: string, result: unknown): unknown {
  if (!isThenable(result)) return result
  const failures = failuresOf(handler)
  if (!asked.has(name)) return failures.attend(result, !name.startsWith('log'))
  // What it comes to is of no more interest.
  result.then(undefined, () => undefined)
  const { name: of } = handler.constructor
  throw new TypeError(`${of}.${name}() must not be async: its result is needed at once`)
}
