import type { BaseHTTPRequestHandler, HandlerClass } from './base.ts'
import { guardOverrides } from './guard.ts'

const origins = new WeakMap<HandlerClass, Origin>()

/**
 * A subclass with other values of its fields, as Python's `functools.partial(Handler, directory=…)` gives.
 *
 * @param Handler - the class to derive from
 * @param fields - values set on each instance after the class's own initialisers
 */
export function configure<T extends HandlerClass>(
  Handler: T,
  fields: Readonly<Partial<InstanceType<T>>> | Readonly<Record<string, unknown>>,
): T {
  // TypeScript wants a mixin's constructor to take any[]; the base's parameters pass through unchanged.
  class Configured extends (Handler as HandlerClass) {
    constructor(...args: ConstructorParameters<HandlerClass>) {
      super(...args)
      Object.assign(this as BaseHTTPRequestHandler, fields)
      guardFields?.(this)
    }
  }
  const guardFields = guardOverrides(Configured, Handler)
  Object.defineProperty(Configured, 'name', { value: Handler.name })
  const { Base, fields: others } = originOf(Handler)
  origins.set(Configured, { Base, fields: { ...others, ...fields } })
  return Configured as T
}

/** What a class is made of: one that was written, and the values that {@link configure} gave its fields. */
export interface Origin {
  readonly Base: HandlerClass
  readonly fields: Readonly<Record<string, unknown>>
}

/** Finds what {@link configure} has made a class of; another class is its own. */
export function originOf(Handler: HandlerClass): Origin {
  return origins.get(Handler) ?? { Base: Handler, fields: {} }
}

/** Whether a value is a handler class, of this copy of the package or another. */
export function isHandlerClass(value: unknown): value is HandlerClass {
  if (typeof value !== 'function') return false
  const { prototype } = value as { prototype?: Partial<BaseHTTPRequestHandler> }
  return (
    typeof prototype?.handleOneRequest === 'function' && typeof prototype.sendError === 'function'
  )
}
