import { HTTPMessage } from '../http/message.ts'
import type { HandlerClass } from './base.ts'
import { originOf } from './configure.ts'
import { ExpressFileHandler } from './express.ts'
import { probe } from './probe.ts'
import { SimpleHTTPRequestHandler } from './simple.ts'

/** What a prototype has under a name: a method, or the function of a getter. */
interface Method {
  readonly name: PropertyKey
  readonly isGetter: boolean
  readonly value: unknown
}

/** Classes of which we know every method. */
const known = new Set<HandlerClass>()

/** What their prototypes had when they were loaded: whoever replaces a method means every response. */
const methods = new Map<object, readonly Method[]>()

/** Notes a class of ours, as it is now, as one whose answers for a file depend on nothing but its path and the file. */
export function notePlain(Handler: HandlerClass): void {
  known.add(Handler)
  // Of a class as a type, TypeScript knows the prototype as any.
  let prototype = Handler.prototype as object
  for (; prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype) as object)
    if (!methods.has(prototype)) methods.set(prototype, methodsOf(prototype))
}

/**
 * Makes an instance to read settings from, if a class is one of ours, with other values of its fields at most. A
 * subclass may have overridden anything, be it in its constructor, and gets `undefined`: it sees every response.
 */
export function plainInstance(Handler: HandlerClass): SimpleHTTPRequestHandler | undefined {
  const { Base, fields } = originOf(Handler)
  if (!known.has(Base) || !isUnchanged(Handler)) return undefined
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'function' && name !== 'log') return undefined
  }
  // All of the known classes are, or come of, this one.
  const Simple = Handler as new (
    ...args: ConstructorParameters<HandlerClass>
  ) => SimpleHTTPRequestHandler
  const simple = probe(Simple)
  // What it decides by the request, or has to ask the system for each time, is not decided beforehand.
  const decided =
    simple.precompressed.length === 0 &&
    simple.symlinks === 'follow' &&
    simple.setHeaders === undefined &&
    simple.sendfile === false &&
    simple.MessageClass === HTTPMessage &&
    !simple.extraResponseHeaders.some(([name]) => framing.test(name)) &&
    (simple.log === false || (simple.logFormat === 'python' && simple.trustProxy === false))
  return decided ? simple : undefined
}

/** Whether a class that is, or is made of, one of ours has the methods still that it was loaded with. */
export function isUnchanged(Handler: HandlerClass): boolean {
  let prototype = Handler.prototype as object
  for (; prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype) as object) {
    const expected = methods.get(prototype) ?? none
    // One key more is the constructor.
    if (Reflect.ownKeys(prototype).length !== expected.length + 1) return false
    for (const method of expected) if (!isSame(prototype, method)) return false
  }
  return true
}

// --- Internal ---

/** Extra fields that say more than what they say to the client: when, how long, and whether the connection stays. */
const framing = /^(?:connection|content-length|date|transfer-encoding)$/i

/** Of a class that {@link configure} has made. */
const none: readonly Method[] = []

function methodsOf(prototype: object): Method[] {
  const names = Reflect.ownKeys(prototype).filter((name) => name !== 'constructor')
  return names.map((name) => {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name)
    // Compared, not called.
    // eslint-disable-next-line @typescript-eslint/unbound-method
    const get: unknown = descriptor?.get
    return { name, isGetter: get !== undefined, value: get ?? (descriptor?.value as unknown) }
  })
}

function isSame(prototype: object, { name, isGetter, value }: Method): boolean {
  // A getter must not be called on a prototype.
  if (isGetter) return Object.getOwnPropertyDescriptor(prototype, name)?.get === value
  return Reflect.get(prototype, name) === value
}

notePlain(SimpleHTTPRequestHandler)
notePlain(ExpressFileHandler)
