import { ArgumentParser } from 'argparse'

/** What the command line asks for. */
export interface CliArguments {
  port: number
  /** Address to bind to; `undefined` is every address. */
  bind: string | undefined
  directory: string
  protocol: string
  strict: boolean
  /** Name and value of each additional response field. */
  header: [name: string, value: string][]
  /** Media type of files whose own is not known; `undefined` is the handler's. */
  contentType: string | undefined
  version: boolean
}

/** The command line is answered without serving: usage, help or an error of its. */
export class CliExit extends Error {
  /** The process's exit code. */
  readonly exitCode: number

  /**
   * @param exitCode - 0 for help, 2 for a wrong command line
   * @param text - what to print: to stdout for 0, else to stderr
   */
  constructor(exitCode: number, text: string) {
    super(text)
    this.exitCode = exitCode
  }
}

/** Parses as Python's argparse does, but neither prints nor exits. */
class Parser extends ArgumentParser {
  override print_help(): void {
    throw new CliExit(0, this.format_help())
  }

  override error(message: string): never {
    throw new CliExit(2, `${this.format_usage()}${this.prog}: error: ${message}\n`)
  }
}

/**
 * Reads the command line.
 *
 * @param argv - the arguments after the program's name
 * @throws {@link CliExit} for `--help` and for a wrong command line
 */
export function parseArguments(argv: readonly string[]): CliArguments {
  const parsed = makeParser().parse_args<Parsed>([...argv])
  return {
    port: parsed.port,
    bind: parsed.bind,
    directory: parsed.directory,
    protocol: parsed.protocol,
    strict: parsed.strict,
    header: parsed.header ?? [],
    contentType: parsed.content_type,
    version: parsed.version,
  }
}

/** The parser's results, by its own names. */
interface Parsed extends Omit<CliArguments, 'header' | 'contentType'> {
  header: [string, string][] | undefined
  content_type: string | undefined
}

function makeParser(): ArgumentParser {
  const parser = new Parser({ prog: 'basehttp', color: false })
  parser.add_argument('-b', '--bind', {
    metavar: 'ADDRESS',
    help: 'bind to this address (default: all interfaces)',
  })
  parser.add_argument('-d', '--directory', {
    default: '.',
    help: 'serve this directory (default: current directory)',
  })
  parser.add_argument('-p', '--protocol', {
    metavar: 'VERSION',
    default: 'HTTP/1.0',
    choices: ['HTTP/1.0', 'HTTP/1.1'],
    help: 'conform to this HTTP version, HTTP/1.0 or HTTP/1.1 (default: HTTP/1.0)',
  })
  parser.add_argument('--strict', {
    action: 'store_true',
    help: "send byte for byte what CPython's http.server sends",
  })
  parser.add_argument('-H', '--header', {
    nargs: 2,
    action: 'append',
    metavar: ['NAME', 'VALUE'],
    help: 'add a field to responses; may be repeated',
  })
  parser.add_argument('--content-type', {
    metavar: 'TYPE',
    help: 'media type of files of unknown type (default: application/octet-stream)',
  })
  parser.add_argument('--version', { action: 'store_true', help: 'show the version and exit' })
  parser.add_argument('port', {
    default: 8000,
    type: port,
    nargs: '?',
    help: 'bind to this port (default: 8000)',
  })
  return parser
}

/** A TCP port; the parser names the function in its message. */
function port(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : NaN
  if (!(value <= 65_535)) throw new TypeError(text)
  return value
}
