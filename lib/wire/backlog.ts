// Pieces beyond this many are joined, lest a client that sends a byte at a time make us hold an object for each.
const maxPieces = 64

/** Bytes that came from a client and were not taken yet, in order. */
export class Backlog {
  /** The piece to take from, at {@link position}; `undefined` when there is none. */
  #current: Buffer | undefined
  /** Where the next byte to take stands in {@link current}. */
  position = 0
  /** Pieces behind it; most connections never have any. */
  #later: Buffer[] | undefined
  #laterSize = 0

  /** Bytes waiting. */
  get size(): number {
    return (
      (this.#current === undefined ? 0 : this.#current.length - this.position) + this.#laterSize
    )
  }

  /** The piece to take from, at {@link position}; `undefined` when nothing is waiting. */
  get current(): Buffer | undefined {
    if (this.#current === undefined || this.position < this.#current.length) return this.#current
    this.position = 0
    this.#current = this.#later?.shift()
    this.#laterSize -= this.#current?.length ?? 0
    return this.#current
  }

  /** Adds bytes behind those waiting. */
  put(piece: Buffer): void {
    if (this.current === undefined) {
      this.#current = piece
      return
    }
    const later = (this.#later ??= [])
    later.push(piece)
    this.#laterSize += piece.length
    if (later.length > maxPieces) this.#later = [Buffer.concat(later)]
  }

  /** Drops all that is waiting and returns how many bytes that was. */
  clear(): number {
    const { size } = this
    this.#current = undefined
    this.position = 0
    this.#later = undefined
    this.#laterSize = 0
    return size
  }
}
