const own = new WeakSet<object>()

/** Notes a class as one of this package's, whose methods keep to their types. */
export function markOwn({ prototype }: { readonly prototype: object }): void {
  own.add(prototype)
}

/** Whether a prototype is that of one of this package's classes. */
export function isOwn(prototype: object): boolean {
  return own.has(prototype)
}
