// Frameworks without declarations of their own, as far as the tests call them.
declare module 'express4' {
  import express from 'express'
  export default express
}

declare module 'polka' {
  import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

  interface Polka {
    use(...args: unknown[]): Polka
    handler: RequestListener
  }
  interface PolkaOptions {
    onError?: (error: unknown, req: IncomingMessage, res: ServerResponse) => void
  }
  export default function polka(options?: PolkaOptions): Polka
}

declare module 'serve-index' {
  import type { RequestHandler } from 'express'
  export default function serveIndex(directory: string, options?: object): RequestHandler
}

declare module 'http-server' {
  import type { Server } from 'node:http'
  export function createServer(options: object): { readonly server: Server }
}

declare module 'serve-handler' {
  import type { IncomingMessage, ServerResponse } from 'node:http'
  export default function handler(
    request: IncomingMessage,
    response: ServerResponse,
    options: object,
  ): Promise<void>
}
