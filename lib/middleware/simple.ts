import type { Middleware } from '../../types/middleware.ts'
import type { SimpleHandlerOptions } from '../../types/options.ts'
import { configure } from '../handlers/configure.ts'
import { ExpressFileHandler } from '../handlers/express.ts'
import { checkOptions } from '../handlers/check.ts'
import { recorderKey, type Recorded, type Recorder } from '../handlers/recorder.ts'
import { runHandler } from '../handlers/run-handler.ts'
import { ShortWay } from '../handlers/short-way.ts'
import { SimpleHTTPRequestHandler } from '../handlers/simple.ts'
import { normalizeDirectory, normalizeOptions } from './simple-options.ts'

/**
 * Makes an Express or Connect middleware that serves files below a directory and lists directories. It also serves as
 * a listener of `node:http`.
 *
 * With `listing: false` it stands in for `serve-static`: same options, fields, redirects and errors. What it refuses
 * beyond is a path in another spelling than the one guards before it have seen: `/a/../b` and `/a%2fb` are not found,
 * `//a` and `/%61` are redirected to `/a`.
 *
 * @param directory - a path, relative to the current directory, or a `file:` URL; `'.'` by default, but not when it is
 * given as `undefined`, which is more likely a setting that is missing
 * @param options - see {@link SimpleHandlerOptions}
 * @throws TypeError or RangeError naming a wrong option
 *
 * @example
 * ```ts
 * app.use('/files', simpleHandler('public'))
 * ```
 */
export function simpleHandler(
  ...args: [directory?: string | URL, options?: SimpleHandlerOptions | null]
): Middleware {
  const [directory, options] = args
  // As serve-static has it, null is none.
  checkOptions(options ?? {})
  const fields = {
    ...normalizeOptions(options ?? {}),
    directory: normalizeDirectory(args.length === 0 ? '.' : directory),
  }
  const Handler = configure(
    fields.strict === true ? SimpleHTTPRequestHandler : ExpressFileHandler,
    fields,
  )
  const shortWay = ShortWay.of(Handler)
  return function simpleHandlerMiddleware(req, res, next) {
    const answer = (recorder: Recorder | undefined): void => {
      const handler = new Handler(req, res)
      if (recorder !== undefined) (handler as Recorded)[recorderKey] = recorder
      void runHandler(handler, next)
    }
    const fail = (error: unknown): void => {
      if (next !== undefined) next(error)
      else res.destroy()
    }
    // Called by an application, and not as a listener of node:http.
    const shared = next !== undefined
    if (shortWay === undefined) answer(undefined)
    else shortWay.answerByNode(req, res, shared, { answer, fail })
  }
}
