import type { Check } from './check.ts'

/** Checks by the names of fields. */
export type FieldChecks = Readonly<Record<string, Check>>

const declared = new WeakMap<object, FieldChecks>()

/** Says how the fields of a class, and of those that extend it, are checked. */
export function declareFields(Class: { readonly prototype: object }, checks: FieldChecks): void {
  declared.set(Class.prototype, checks)
}

/**
 * Checks the fields of an instance by what its classes have declared. Left alone are those that a subclass has made
 * accessors of: they may depend on the request.
 *
 * @throws TypeError or RangeError naming the field
 */
export function checkDeclared(instance: object): void {
  let prototype: unknown = Object.getPrototypeOf(instance)
  while (typeof prototype === 'object' && prototype !== null) {
    for (const [name, check] of Object.entries(declared.get(prototype) ?? {})) {
      check(name, Object.getOwnPropertyDescriptor(instance, name)?.value)
    }
    prototype = Object.getPrototypeOf(prototype)
  }
}
