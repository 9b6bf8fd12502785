import type { HandlerClass } from '../handlers/base.ts'
import { CGIHTTPRequestHandler } from '../handlers/cgi.ts'
import { configure } from '../handlers/configure.ts'
import { SimpleHTTPRequestHandler } from '../handlers/simple.ts'
import type { CliArguments } from './args.ts'

/** The handler class that the command line describes. */
export function toHandler(args: CliArguments): HandlerClass {
  return configure(args.cgi ? CGIHTTPRequestHandler : SimpleHTTPRequestHandler, {
    directory: args.directory,
    extraResponseHeaders: args.header ?? [],
    listing: !args.no_listing,
    dotfiles: args.no_dotfiles ? 'ignore' : 'allow',
    symlinks: args.symlinks,
    precompressed: args.precompressed ? ['br', 'zstd', 'gzip'] : [],
    cors: args.cors,
    spa: args.spa,
    ...given('defaultContentType', args.content_type),
    ...given('cacheControl', args.cache_control),
    ...given('sendfile', args.sendfile),
    ...given('sendfilePrefix', args.sendfile_prefix),
    ...given('charset', args.charset === 'none' ? false : args.charset),
  })
}

/** A field to set, if the command line names a value. */
function given(name: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [name]: value }
}
