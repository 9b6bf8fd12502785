import { checkCount } from '../handlers/options.ts'
import type { ServeOptions } from './serve.ts'

// As a record, so that none can be forgotten.
const known: Readonly<Record<keyof ServeOptions, true>> = {
  ServerClass: true,
  protocol: true,
  port: true,
  bind: true,
  address: true,
  options: true,
  tls: true,
  workers: true,
  pidFile: true,
  stdout: true,
  stderr: true,
  onListening: true,
  signals: true,
}

/**
 * Checks the options of `serve()`; `port`, `bind`, `address`, `options` and `tls` are also looked at by the server itself.
 *
 * @throws TypeError or RangeError naming the option
 */
export function checkServeOptions(options: unknown): void {
  checkObject('options', options)
  for (const name of Object.keys(options)) {
    // Those of the server are easily taken for these.
    if (!Object.hasOwn(known, name)) {
      throw new TypeError(`unknown option ${name}; the server's own are in option options`)
    }
  }
  const given: { readonly [K in keyof ServeOptions]: unknown } = options
  checkFunction('ServerClass', given.ServerClass)
  checkFunction('onListening', given.onListening)
  checkProtocol(given.protocol)
  checkPort(given.port)
  checkText('bind', given.bind)
  checkText('pidFile', given.pidFile)
  if (given.options !== undefined) checkObject('option options', given.options)
  if (given.tls !== undefined) checkObject('option tls', given.tls)
  checkCount('workers', given.workers, 1)
  if (given.workers === Infinity) throw new RangeError('option workers must be finite')
  checkMethods('stdout', given.stdout, ['write'])
  checkMethods('stderr', given.stderr, ['write'])
  checkMethods('signals', given.signals, ['on', 'off'])
}

// --- Internal ---

function checkObject(name: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${name} must be an object`)
}

function checkFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') {
    throw new TypeError(`option ${name} must be a ${name === 'ServerClass' ? 'class' : 'function'}`)
  }
}

function checkText(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'string') {
    throw new TypeError(`option ${name} must be a string`)
  }
}

function checkProtocol(value: unknown): void {
  checkText('protocol', value)
  if (value !== undefined && value !== 'HTTP/1.0' && value !== 'HTTP/1.1') {
    throw new RangeError("option protocol must be 'HTTP/1.0' or 'HTTP/1.1'")
  }
}

function checkPort(value: unknown): void {
  checkCount('port', value)
  if (Number(value ?? 0) > 65_535) throw new RangeError('option port must be from 0 to 65535')
}

function checkMethods(name: string, value: unknown, methods: readonly string[]): void {
  if (value === undefined) return
  const object: Readonly<Record<string, unknown>> = Object(value) as Record<string, unknown>
  if (!methods.every((method) => typeof object[method] === 'function')) {
    throw new TypeError(`option ${name} must have ${methods.map((it) => `${it}()`).join(' and ')}`)
  }
}
