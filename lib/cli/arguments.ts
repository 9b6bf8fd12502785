import type { ArgumentParser } from 'argparse'
import { isToken } from '../http/token.ts'
import { field, file, path, port } from './values.ts'

/** The name of a charset. */
function charset(text: string): string {
  if (!isToken(text)) throw new TypeError(text)
  return text
}

/** What `python -m http.server` takes, 3.15's flags included. */
export function addPythonArguments(parser: ArgumentParser): void {
  parser.add_argument('--cgi', {
    action: 'store_true',
    help: 'run the programs in cgi-bin and htbin',
  })
  parser.add_argument('-b', '--bind', {
    metavar: 'ADDRESS',
    help: 'bind to this address, or with unix:PATH to a Unix socket (default: all interfaces)',
  })
  parser.add_argument('-d', '--directory', {
    default: '.',
    type: file,
    help: 'serve this directory (default: current directory)',
  })
  parser.add_argument('-p', '--protocol', {
    metavar: 'VERSION',
    default: 'HTTP/1.0',
    choices: ['HTTP/1.0', 'HTTP/1.1'],
    help: 'conform to this HTTP version, HTTP/1.0 or HTTP/1.1 (default: HTTP/1.0)',
  })
  parser.add_argument('-H', '--header', {
    nargs: 2,
    action: 'append',
    metavar: ['NAME', 'VALUE'],
    help: 'add a field to responses; may be repeated',
  })
  parser.add_argument('--content-type', {
    metavar: 'TYPE',
    type: field,
    help: 'media type of files of unknown type (default: application/octet-stream)',
  })
  parser.add_argument('port', {
    default: 8000,
    type: port,
    nargs: '?',
    help: 'bind to this port; 0 is any free one (default: 8000)',
  })
}

/** How files are served. */
export function addFileArguments(parser: ArgumentParser): void {
  const files = parser.add_argument_group('files')
  files.add_argument('--strict', {
    action: 'store_true',
    help: "send byte for byte what CPython's http.server sends",
  })
  files.add_argument('--cors', {
    action: 'store_true',
    help: 'let pages of any origin read responses',
  })
  files.add_argument('--cache-control', {
    metavar: 'VALUE',
    type: field,
    help: 'send files with this Cache-Control',
  })
  files.add_argument('--no-listing', {
    action: 'store_true',
    help: 'answer a directory without index page with 404',
  })
  files.add_argument('--no-dotfiles', {
    action: 'store_true',
    help: 'neither serve nor list names that start with a dot, but for .well-known',
  })
  files.add_argument('--symlinks', {
    choices: ['follow', 'inside', 'deny'],
    default: 'follow',
    help: 'symbolic links: follow all, those that stay inside the directory, or none (default: follow)',
  })
  files.add_argument('--spa', {
    action: 'store_true',
    help: 'answer navigation to what is not there with the index page',
  })
  files.add_argument('--precompressed', {
    action: 'store_true',
    help: 'send .br, .zst and .gz siblings to clients that accept them',
  })
  files.add_argument('--charset', {
    metavar: 'NAME',
    type: charset,
    help: "charset of text files, 'none' for none (default: utf-8)",
  })
}

/** What stands before the server. */
export function addProxyArguments(parser: ArgumentParser): void {
  const proxies = parser.add_argument_group('proxies')
  proxies.add_argument('--trust-proxy', {
    metavar: 'ADDRESSES',
    help: "proxies whose X-Forwarded-* or Forwarded counts: addresses, networks, 'loopback', with commas between",
  })
  proxies.add_argument('--proxy-protocol', {
    action: 'store_true',
    help: 'connections of trusted proxies start with a PROXY protocol header, version 1 or 2',
  })
  proxies.add_argument('--sendfile', {
    choices: ['x-accel-redirect', 'x-sendfile'],
    help: 'have the server before this one send the content of files',
  })
  proxies.add_argument('--sendfile-prefix', {
    metavar: 'PATH',
    type: path,
    help: "what stands for the directory in such a file's path (default: /internal/, or the directory)",
  })
}

/** What else the command does. */
export function addCommandArguments(parser: ArgumentParser): void {
  parser.add_argument('--open', {
    action: 'store_true',
    help: 'open a browser when the server is ready',
  })
  parser.add_argument('--version', { action: 'store_true', help: 'show the version and exit' })
}
