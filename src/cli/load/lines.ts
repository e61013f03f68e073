// Splits a stream of bytes into lines, holding one line at a time.

export interface Line {
  /** From 1. */
  readonly number: number
  /** Without the line's end; undefined when it is longer than the limit. */
  readonly bytes: Buffer | undefined
}

const LF = 0x0a
const CR = 0x0d

/** Lines that hold only white space are passed over, and counted. `limit`: bytes a line may have. */
export async function* linesOf(chunks: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Line> {
  let pending: Buffer[] = []
  let length = 0
  let number = 1
  const finish = (): Line | undefined => {
    const bytes = length > limit ? undefined : Buffer.concat(pending)
    pending = []
    length = 0
    const line = { number: number++, bytes: bytes?.at(-1) === CR ? bytes.subarray(0, -1) : bytes }
    return line.bytes === undefined || !isBlank(line.bytes) ? line : undefined
  }
  for await (const chunk of chunks) {
    let from = 0
    for (let to = chunk.indexOf(LF); to !== -1; to = chunk.indexOf(LF, from)) {
      keep(chunk.subarray(from, to))
      const line = finish()
      if (line !== undefined) yield line
      from = to + 1
    }
    keep(chunk.subarray(from))
  }
  const last = length > 0 ? finish() : undefined
  if (last !== undefined) yield last

  function keep(part: Buffer): void {
    length += part.length
    // Of a line that is too long nothing needs to be kept.
    if (length > limit) pending = []
    else if (part.length > 0) pending.push(part)
  }
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === CR)
}
