export type { Interpreters } from './cgi/interpreter.ts'
export type { HelperMode } from './cgi/spawner.ts'
export { BaseHTTPRequestHandler, type HandlerClass } from './handlers/base.ts'
export { CGIHTTPRequestHandler } from './handlers/cgi.ts'
export { DEFAULT_ERROR_CONTENT_TYPE, DEFAULT_ERROR_MESSAGE } from './handlers/error-page.ts'
export type { Handover } from './handlers/sendfile.ts'
export type { PreparedFile } from './handlers/simple-file.ts'
export { SimpleHTTPRequestHandler } from './handlers/simple.ts'
export { HTTPMessage } from './http/message.ts'
export { responses } from './http/status.ts'
export { LogFile } from './log/file-sink.ts'
export { cgiHandler, simpleHandler, toMiddleware, type ToMiddlewareOptions } from './middleware.ts'
export { HTTPServer, ThreadingHTTPServer } from './server/http-server.ts'
export { HTTPSServer, ThreadingHTTPSServer } from './server/https-server.ts'
export type { ServeResult } from './server/foreground.ts'
export { serve } from './server/serve.ts'
export type { ServeOptions } from './server/serve-options.ts'
export type { ServerSignal, SignalSource } from './server/signals.ts'
export type { CgiHandlerOptions, ScriptEnvironment, ScriptVariables } from '../types/cgi.ts'
export type {
  CacheOptions,
  Content,
  ContentCoding,
  DotfilesPolicy,
  FileSettings,
  Refusal,
  Selection,
  Sendfile,
  SetHeaders,
  SymlinkPolicy,
} from '../types/files.ts'
export type { Address, HandlerServer } from '../types/handler.ts'
export type { LogFormat, Logger, LogOption, LogOptions, LogSink } from '../types/logger.ts'
export type { Middleware, NextFunction } from '../types/middleware.ts'
export type { SimpleHandlerOptions } from '../types/options.ts'
export type { ProxyOptions, TrustProxy } from '../types/proxy.ts'
export type {
  HTTPServerOptions,
  HTTPSServerOptions,
  InheritedSockets,
  ListenAddress,
  TlsOptions,
  UnixSocketAddress,
} from '../types/server.ts'
export type { WireOptions } from '../types/wire.ts'
