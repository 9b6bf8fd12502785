import type { IncomingMessage, ServerResponse } from 'node:http'

/** Express's and Connect's continuation: without an argument the next handler's turn, with one an error. */
export type NextFunction = (err?: unknown) => void

/** A handler function as Express, Connect, Polka and `node:http` call it. */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next?: NextFunction) => void
