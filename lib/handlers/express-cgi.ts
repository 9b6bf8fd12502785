import { repr } from '../http/repr.ts'
import { markOwn } from './own-classes.ts'
import { CGIHTTPRequestHandler } from './cgi.ts'

/** Runs scripts inside an app: what is not CGI's is left to the next middleware. */
export class ExpressCgiHandler extends CGIHTTPRequestHandler {
  static {
    markOwn(this)
  }

  override async handleOneRequest(): Promise<void> {
    // Node adds its own Date; Server is the app's to send.
    this.announces = this.strict
    if (!(await this.parseRequest())) return
    if (!this.isCgi()) this.decline()
    else if (this.answersMethod()) await this.runCgi()
    else this.sendError(501, `Unsupported method (${repr(this.command)})`)
  }
}
