import { BaseHTTPRequestHandler, type HandlerClass } from '../../lib/handlers/base.ts'
import { CGIHTTPRequestHandler } from '../../lib/handlers/cgi.ts'
import { SimpleHTTPRequestHandler } from '../../lib/handlers/simple.ts'

/** What CPython's tests change behind their server's back, and what they look at. */
export const shared = {
  directory: '',
  cgiDirectories: ['/cgi-bin', '/htbin'] as readonly string[],
  handled: {} as Readonly<Record<string, unknown>>,
}

class BaseHTTPServerTestCase extends BaseHTTPRequestHandler {
  override protocolVersion = 'HTTP/1.1'
  override defaultRequestVersion = 'HTTP/1.1'

  do_TEST(): void {
    this.#answer(204, 'close')
  }

  do_KEEP(): void {
    this.#answer(204, 'keep-alive')
  }

  do_CUSTOM(): void {
    this.#answer(999, 'close')
  }

  do_KEYERROR(): void {
    this.sendError(999)
  }

  do_NOTFOUND(): void {
    this.sendError(404)
  }

  do_EXPLAINERROR(): void {
    this.sendError(999, 'Short Message', 'This is a long \n explanation')
  }

  do_LATINONEHEADER(): void {
    this.sendResponse(999)
    this.sendHeader('X-Special', 'Dängerous Mind')
    this.sendHeader('Connection', 'close')
    this.endHeaders()
    this.wfile.write(this.headers.get('x-special-incoming') ?? '', 'utf8')
  }

  do_SEND_ERROR(): void {
    this.sendError(Number(this.path.slice(1)))
  }

  do_HEAD(): void {
    this.sendError(Number(this.path.slice(1)))
  }

  #answer(status: number, connection: string): void {
    this.sendResponse(status)
    this.sendHeader('Content-Type', 'text/html')
    this.sendHeader('Connection', connection)
    this.endHeaders()
  }
}

class RequestHandlerLoggingTestCase extends BaseHTTPRequestHandler {
  override protocolVersion = 'HTTP/1.1'
  override defaultRequestVersion = 'HTTP/1.1'

  do_GET(): void {
    this.sendResponse(200)
    this.endHeaders()
  }

  do_ERROR(): void {
    this.sendError(404, 'File not found')
  }
}

class SimpleHTTPServerTestCase extends SimpleHTTPRequestHandler {
  override directory: string = shared.directory
}

class CGIHTTPServerTestCase extends CGIHTTPRequestHandler {
  override directory: string = shared.directory
  override cgiDirectories: readonly string[] = shared.cgiDirectories
  override user = false as const
}

class Socketless extends SimpleHTTPRequestHandler {
  override protocolVersion = 'HTTP/1.1'
  #called = false

  override do_GET(): Promise<void> {
    this.#called = true
    this.sendResponse(200)
    this.sendHeader('Content-Type', 'text/html')
    this.endHeaders()
    this.wfile.write('<html><body>Data</body></html>\r\n')
    return Promise.resolve()
  }

  override finish(): void {
    shared.handled = {
      requestline: this.requestline,
      command: this.command,
      path: this.path,
      request_version: this.requestVersion,
      headers: [...this.headers.items()],
      get_called: this.#called,
    }
  }
}

class Rejecting extends Socketless {
  override handleExpect100(): boolean {
    this.sendError(417)
    return false
  }
}

/** The handlers of CPython's tests, by the name of their test case. */
export const handlers: Readonly<Record<string, HandlerClass>> = {
  BaseHTTPServerTestCase,
  RequestHandlerLoggingTestCase,
  SimpleHTTPServerTestCase,
  CGIHTTPServerTestCase,
  Socketless,
  Rejecting,
}
