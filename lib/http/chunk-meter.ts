/**
 * Counts the content in bytes of the chunked coding (RFC 9112 section 7.1) as they are written, in whatever pieces. It
 * trusts them: they are a server's own.
 */
export class ChunkMeter {
  #line = ''
  #left = 0
  /** Bytes of the line end that follows a chunk still to come. */
  #ending = 0
  #over = false

  /** How many of these bytes are content. */
  count(bytes: Uint8Array): number {
    let content = 0
    for (let at = 0; at < bytes.length && !this.#over;) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, bytes.length - at)
        content += taken
        at += taken
        this.#left -= taken
        if (this.#left === 0) this.#ending = 2
      } else if (this.#ending > 0) {
        this.#ending--
        at++
      } else {
        this.#readSize(bytes[at++] ?? 0)
      }
    }
    return content
  }

  #readSize(byte: number): void {
    if (byte !== lineFeed) {
      this.#line += String.fromCharCode(byte)
      return
    }
    this.#left = Number.parseInt(this.#line, 16)
    this.#line = ''
    this.#over = !(this.#left > 0)
  }
}

const lineFeed = 0x0a
