import { HandlerPort, type HeadSender, type PortHandler } from './cgi-port.ts'

const endOfHead = /\r?\n\r?\n/

/**
 * Where the output of a script goes as CPython's http.server passes it on: as it is, after a head that was sent before
 * the script was started. A HEAD gets no more than the script's own head; there http.server sends all, which leaves a
 * client with content that it takes for the next response.
 */
export class StrictPort extends HandlerPort {
  /** What a HEAD has got so far, as long as its end has not come. */
  #head: string | undefined

  /**
   * @param handler - the handler
   * @param sender - of the port
   * @param head - status line and fields, without the empty line that would end them
   * @param isHead - whether content is left out
   */
  constructor(handler: PortHandler, sender: HeadSender, head: string, isHead: boolean) {
    super(handler, sender)
    if (isHead) this.#head = ''
    this.takeOver(head, 200)
  }

  override beginRaw(): void {
    // It has begun.
  }

  override write(content: Buffer): boolean {
    if (this.#head === undefined) return super.write(content)
    if (endOfHead.test(this.#head)) return true
    const before = this.#head.length
    this.#head += content.toString('latin1')
    const match = endOfHead.exec(this.#head)
    const end = match === null ? this.#head.length : match.index + match[0].length
    return super.write(content.subarray(0, end - before))
  }
}
