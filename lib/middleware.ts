export { toMiddleware, type ToMiddlewareOptions } from './middleware/handler.ts'
