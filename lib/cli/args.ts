import { ArgumentParser } from 'argparse'
import type { Sendfile, SymlinkPolicy } from '../../types/files.ts'
import { checkField } from '../handlers/response-head.ts'
import { compileTrust } from '../http/trust.ts'
import {
  addCommandArguments,
  addFileArguments,
  addProxyArguments,
  addPythonArguments,
} from './arguments.ts'

/** What the command line asks for; an absent value is `undefined`. */
export interface CliArguments {
  readonly port: number
  readonly bind: string | undefined
  readonly directory: string
  readonly cgi: boolean
  readonly protocol: string
  /** Name and value of each additional response field. */
  readonly header: readonly (readonly [name: string, value: string])[] | undefined
  readonly content_type: string | undefined
  readonly strict: boolean
  readonly cors: boolean
  readonly cache_control: string | undefined
  readonly no_listing: boolean
  readonly no_dotfiles: boolean
  readonly symlinks: SymlinkPolicy
  readonly spa: boolean
  readonly precompressed: boolean
  readonly charset: string | undefined
  readonly trust_proxy: string | undefined
  readonly proxy_protocol: boolean
  readonly sendfile: Sendfile | undefined
  readonly sendfile_prefix: string | undefined
  readonly open: boolean
  readonly version: boolean
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
  const parser = new Parser({ prog: 'basehttp', color: false })
  addPythonArguments(parser)
  addFileArguments(parser)
  addProxyArguments(parser)
  addCommandArguments(parser)
  const parsed = parser.parse_args<CliArguments>([...argv])
  for (const [name, value] of parsed.header ?? []) checkHeader(parser, name, value)
  checkProxies(parser, parsed)
  return parsed
}

function checkProxies(parser: ArgumentParser, args: CliArguments): void {
  const { trust_proxy, proxy_protocol, sendfile, sendfile_prefix } = args
  try {
    const trusts = compileTrust(trust_proxy ?? false)
    if (proxy_protocol && trusts === undefined) {
      parser.error('argument --proxy-protocol: needs --trust-proxy, which says whose headers count')
    }
  } catch (error) {
    if (error instanceof CliExit) throw error
    const reason = error instanceof Error ? error.message.replace(/^option trustProxy: /, '') : ''
    parser.error(`argument --trust-proxy: ${reason}`)
  }
  if (sendfile_prefix !== undefined && sendfile === undefined) {
    parser.error('argument --sendfile-prefix: needs --sendfile')
  }
}

function checkHeader(parser: ArgumentParser, name: string, value: string): void {
  try {
    checkField(name, value)
  } catch (error) {
    parser.error(`argument -H/--header: ${error instanceof Error ? error.message : ''}`)
  }
}
