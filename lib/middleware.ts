export { cgiHandler } from './middleware/cgi.ts'
export { toMiddleware, type ToMiddlewareOptions } from './middleware/handler.ts'
export { simpleHandler } from './middleware/simple.ts'
