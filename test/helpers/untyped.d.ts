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
