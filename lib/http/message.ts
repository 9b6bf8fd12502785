import { parameterOf } from './parameter.ts'

// A head of this many fields is faster searched than indexed.
const maxSearched = 32

/**
 * The fields of a request's or response's head, in order, case and duplicates kept, found by name without regard to
 * case. It is what `headers` of a handler holds.
 *
 * Python: `http.client.HTTPMessage`
 */
export class HTTPMessage {
  readonly #raw: readonly string[]
  /** Positions of the values in `#raw` by lower-case name; made at the first look-up in a large head. */
  #index: Map<string, number[]> | undefined

  /**
   * @param rawHeaders - Names and values in turn, as `rawHeaders` of Node's `IncomingMessage`; not copied.
   */
  constructor(rawHeaders: readonly string[]) {
    this.#raw = rawHeaders
  }

  /** The number of fields, duplicates counted. Python: `__len__` */
  get length(): number {
    return this.#raw.length >>> 1
  }

  /**
   * The value of the first field of this name.
   *
   * @param name - The name, in any case.
   * @returns `undefined` when there is none.
   *
   * Python: `get`, `__getitem__`
   */
  get(name: string): string | undefined
  /**
   * The same with something else for when there is none.
   *
   * @param name - The name, in any case.
   * @param fallback - What to return when there is none.
   *
   * Python: `get`
   */
  get<T>(name: string, fallback: T): string | T
  get<T>(name: string, fallback?: T): string | T | undefined {
    const position = this.#position(name)
    return position === undefined ? fallback : this.#raw[position]
  }

  /**
   * The values of all fields of this name, in order.
   *
   * @param name - The name, in any case.
   * @returns `undefined` when there is none.
   *
   * Python: `get_all`
   */
  getAll(name: string): string[] | undefined
  /**
   * The same with something else for when there is none.
   *
   * @param name - The name, in any case.
   * @param fallback - What to return when there is none.
   *
   * Python: `get_all`
   */
  getAll<T>(name: string, fallback: T): string[] | T
  getAll<T>(name: string, fallback?: T): string[] | T | undefined {
    const positions = this.#positions(name)
    return positions === undefined ? fallback : positions.map((at) => this.#at(at))
  }

  /** Whether there is a field of this name. Python: `__contains__` */
  has(name: string): boolean {
    return this.#position(name) !== undefined
  }

  /** All names as they were sent, duplicates included. Python: `keys` */
  keys(): string[] {
    return this.#every(0)
  }

  /** All values, in the order of {@link HTTPMessage.keys}. Python: `values` */
  values(): string[] {
    return this.#every(1)
  }

  /** All fields as pairs of name and value. Python: `items` */
  items(): [name: string, value: string][] {
    return Array.from(this.entries())
  }

  /** The same as {@link HTTPMessage.items}, one at a time, as `Map` and `Headers` have it. */
  *entries(): Generator<[name: string, value: string], void, undefined> {
    for (let i = 0; i + 1 < this.#raw.length; i += 2) yield [this.#at(i), this.#at(i + 1)]
  }

  /** Goes over the names, as `for name in headers` does in Python. Python: `__iter__` */
  [Symbol.iterator](): IterableIterator<string> {
    return this.keys()[Symbol.iterator]()
  }

  /** The media type in lower case, without parameters; `text/plain` if absent or not of two parts. Python: `get_content_type` */
  getContentType(): string {
    const value = this.get('content-type')
    if (value === undefined) return 'text/plain'
    const type = (value.split(';', 1)[0] ?? '').trim().toLowerCase()
    return type.split('/').length === 2 ? type : 'text/plain'
  }

  /** What stands before the slash in {@link HTTPMessage.getContentType}. Python: `get_content_maintype` */
  getContentMaintype(): string {
    const type = this.getContentType()
    return type.slice(0, type.indexOf('/'))
  }

  /** What stands after the slash in {@link HTTPMessage.getContentType}. Python: `get_content_subtype` */
  getContentSubtype(): string {
    const type = this.getContentType()
    return type.slice(type.indexOf('/') + 1)
  }

  /** The parameter `charset` of `Content-Type` in lower case. Python: `get_content_charset` */
  getContentCharset(): string | undefined {
    const value = this.get('content-type')
    const charset = value === undefined ? undefined : parameterOf(value, 'charset')
    return charset === undefined || !isAscii(charset) ? undefined : charset.toLowerCase()
  }

  /** One `Name: value` a line and an empty line, with line feeds. Characters beyond ASCII stay. Python: `__str__` */
  toString(): string {
    let text = ''
    for (const [name, value] of this.entries())
      text += `${name}: ${value.replace(/\r\n?/g, '\n')}\n`
    return text + '\n'
  }

  #position(name: string): number | undefined {
    if (this.length > maxSearched) return this.#positions(name)?.[0]
    const lower = name.toLowerCase()
    for (let i = 0; i + 1 < this.#raw.length; i += 2) {
      const key = this.#at(i)
      if (key.length === lower.length && key.toLowerCase() === lower) return i + 1
    }
    return undefined
  }

  #positions(name: string): number[] | undefined {
    this.#index ??= this.#indexed()
    return this.#index.get(name.toLowerCase())
  }

  #indexed(): Map<string, number[]> {
    const index = new Map<string, number[]>()
    for (let i = 0; i + 1 < this.#raw.length; i += 2) {
      const name = this.#at(i).toLowerCase()
      const positions = index.get(name)
      if (positions === undefined) index.set(name, [i + 1])
      else positions.push(i + 1)
    }
    return index
  }

  #every(offset: 0 | 1): string[] {
    const found: string[] = []
    for (let i = 0; i + 1 < this.#raw.length; i += 2) found.push(this.#at(i + offset))
    return found
  }

  #at(position: number): string {
    return this.#raw[position] ?? ''
  }
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text)
}
