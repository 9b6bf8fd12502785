/**
 * Which peers are proxies whose word counts for who the client is and what it has asked for: none (`false`), every one
 * (`true`), or those with these addresses: an address, a network such as `'10.0.0.0/8'`, or a name of some:
 * `'loopback'` (Unix sockets, too), `'linklocal'`, `'uniquelocal'`. A text may name several, with commas between.
 */
export type TrustProxy = boolean | string | readonly string[]

/** The option that servers and middleware have in common. */
export interface ProxyOptions {
  /**
   * Which proxies' word counts for who the client is, what host it has asked for and how: `X-Forwarded-For`, `-Proto`,
   * `-Host` and `-Port`, or `Forwarded` where there is none of these. It goes into logs, `clientAddress` and the variables of
   * CGI scripts. Inside an Express app its own `trust proxy` does the same.
   *
   * A trusted proxy has to set or remove every one of these fields, or a client can make them up.
   *
   * @defaultValue `false`
   */
  trustProxy?: TrustProxy
}

/** What proxies tell of a request. */
export interface ForwardedRequest {
  /** Address of the client, as far as trusted proxies tell. */
  readonly address: string
  /** Its port; 0 if it is not told. */
  readonly port: number
  /** How the client has asked; `undefined` if that is not told. */
  readonly scheme: 'http' | 'https' | undefined
  /** The host it has asked for, with the port if there is one; `undefined` if that is not told. */
  readonly host: string | undefined
  /** The port it has connected to, if that is told by itself. */
  readonly serverPort: number | undefined
}

/** What the PROXY protocol tells of a connection. */
export interface ProxyHeader {
  /** Bytes of the header. */
  readonly length: number
  /** The client; `undefined` for a connection of the proxy's own, such as a health check. */
  readonly source: { readonly address: string; readonly port: number } | undefined
  /** What the client has connected to. */
  readonly destination: { readonly address: string; readonly port: number } | undefined
  /** Whether the client speaks TLS with the proxy; `undefined` if that is not told. */
  readonly tls: boolean | undefined
}
