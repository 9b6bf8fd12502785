import type { CgiHandlerOptions } from '../../types/cgi.ts'
import type { Middleware } from '../../types/middleware.ts'
import { spawner } from '../cgi/spawner.ts'
import { configure } from '../handlers/configure.ts'
import { ExpressCgiHandler } from '../handlers/express-cgi.ts'
import { checkOptions } from '../handlers/check.ts'
import { runHandler } from '../handlers/run-handler.ts'
import { normalizeCgiOptions } from './cgi-options.ts'

/**
 * Makes an Express or Connect middleware that runs CGI scripts (RFC 3875). It also serves as a listener of
 * `node:http`.
 *
 * A path outside of the CGI directories goes to the next middleware. One inside is run or refused; mount this before
 * whatever serves files, so that no file in a CGI directory is ever sent as it is. Mount it before body parsers, too:
 * scripts read the request's content themselves.
 *
 * @param options - see {@link CgiHandlerOptions}
 * @throws TypeError or RangeError naming a wrong or unknown option; also if `script` is not there
 *
 * @example
 * ```ts
 * app.use(cgiHandler({ directory: 'site' })) // runs what is in site/cgi-bin
 * ```
 */
export function cgiHandler(options: CgiHandlerOptions = {}): Middleware {
  checkOptions(options)
  const fields = normalizeCgiOptions(options)
  const Handler = configure(ExpressCgiHandler, fields)
  spawner.prepare(fields.spawnHelper ?? 'auto')
  return function cgiHandlerMiddleware(req, res, next) {
    void runHandler(new Handler(req, res), next)
  }
}
