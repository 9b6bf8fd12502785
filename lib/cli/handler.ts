import type { HandlerClass } from '../handlers/base.ts'
import { configure } from '../handlers/configure.ts'
import { SimpleHTTPRequestHandler } from '../handlers/simple.ts'
import type { CliArguments } from './args.ts'

/** The handler class that the command line describes. */
export async function toHandler(args: CliArguments): Promise<HandlerClass> {
  return configure(await classFor(args), {
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

/** Programs need much that files do not: it is loaded only for them. */
async function classFor({ cgi }: CliArguments): Promise<HandlerClass> {
  if (!cgi) return SimpleHTTPRequestHandler
  const { CGIHTTPRequestHandler } = await import('../handlers/cgi.ts')
  return CGIHTTPRequestHandler
}

/** A field to set, if the command line names a value. */
function given(name: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [name]: value }
}
