import { HTTPMessage } from '../http/message.ts'
import { BaseHTTPRequestHandler, type HandlerClass } from './base.ts'
import { originOf } from './configure.ts'
import { ExpressFileHandler } from './express.ts'
import { probe } from './probe.ts'
import { SimpleHTTPRequestHandler } from './simple.ts'

/** Classes of which we know every method. */
const known: readonly HandlerClass[] = [SimpleHTTPRequestHandler, ExpressFileHandler]

/** What their methods were when they were loaded: whoever replaces one on a prototype means every response. */
const watched: readonly HandlerClass[] = [BaseHTTPRequestHandler, ...known]
const methods = watched.map((Handler) => {
  // Of a class as a type, TypeScript knows the prototype as any.
  const prototype = Handler.prototype as BaseHTTPRequestHandler
  return { prototype, descriptors: Object.getOwnPropertyDescriptors(prototype) }
})

/**
 * Makes an instance to read settings from, if a class is one of ours, with other values of its fields at most. A
 * subclass may have overridden anything, be it in its constructor, and gets `undefined`: it sees every response.
 */
export function plainInstance(Handler: HandlerClass): SimpleHTTPRequestHandler | undefined {
  const { Base, fields } = originOf(Handler)
  if (!known.includes(Base) || !methods.every(isUnchanged)) return undefined
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'function' && name !== 'log') return undefined
  }
  // Both of the known classes are, or come of, this one.
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
    (simple.log === false || (simple.logFormat === 'python' && simple.trustProxy === false))
  return decided ? simple : undefined
}

// --- Internal ---

function isUnchanged({ prototype, descriptors }: (typeof methods)[number]): boolean {
  const now = Object.getOwnPropertyDescriptors(prototype)
  const names = Reflect.ownKeys(now)
  const before: Record<PropertyKey, PropertyDescriptor | undefined> = descriptors
  const current: Record<PropertyKey, PropertyDescriptor | undefined> = now
  return (
    names.length === Reflect.ownKeys(descriptors).length &&
    names.every(
      (name) =>
        current[name]?.value === before[name]?.value && current[name]?.get === before[name]?.get,
    )
  )
}
