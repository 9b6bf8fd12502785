/** Types of frames (RFC 9113 section 6). */
export const frames = {
  DATA: 0,
  HEADERS: 1,
  RST_STREAM: 3,
  SETTINGS: 4,
  PING: 6,
  GOAWAY: 7,
  CONTINUATION: 9,
} as const

/** Flags of frames. */
export const END_STREAM = 1
export const END_HEADERS = 4

/** Makes a frame. */
export function frame(type: number, flags: number, stream: number, content: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(content.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, content])
}

export const nothing: Buffer = Buffer.alloc(0)

/** What a client says first. */
export const preface: Buffer = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  frame(frames.SETTINGS, 0, 0, nothing),
])

// Of HPACK's static table: GET, https, `/`; and the authority `a` as it is.
export const getFields: Buffer = Buffer.from([0x82, 0x87, 0x84, 0x41, 1, 0x61])
export const postFields: Buffer = Buffer.from([0x83, 0x87, 0x84, 0x41, 1, 0x61])

/** Content of a RST_STREAM: CANCEL. */
export const cancel: Buffer = Buffer.from([0, 0, 0, 8])

/** What a server has sent: the types of its frames, and the error of a GOAWAY. */
export function readFrames(bytes: Buffer): { types: number[]; error: number | undefined } {
  const types: number[] = []
  let error: number | undefined
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
    const type = bytes[at + 3] ?? -1
    types.push(type)
    if (type === frames.GOAWAY && at + 17 <= bytes.length) error = bytes.readUInt32BE(at + 13)
  }
  return { types, error }
}
