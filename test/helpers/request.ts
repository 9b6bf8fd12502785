import { exchange, parseResponses, type RawResponse } from './raw.ts'

/** A request whose target is sent as it is, where `fetch` would normalise it. */
export interface Request {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends one request on a connection of its own and gives the response as it stood on the wire. */
export async function request(
  port: number,
  target: string,
  { method = 'GET', headers = {} }: Request = {},
): Promise<RawResponse> {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `${method} ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${fields.join('')}\r\n`
  const received = await exchange(port, head)
  const [response] = parseResponses(received, { methods: [method] })
  if (response === undefined) throw new Error(`no response to ${method} ${target}`)
  return response
}

/** The content as text. */
export function text(response: RawResponse): string {
  return response.body.toString('utf8')
}
