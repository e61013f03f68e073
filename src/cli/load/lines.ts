// Splits a stream of bytes into lines, holding one line at a time.

export interface Line {
  /** From 1. */
  readonly number: number
  /** Without the line's end; undefined when it is longer than the limit. */
  readonly bytes: Buffer | undefined
}

const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20

/**
 * The lines that end in each chunk: those of one must be taken before the next is asked for. Lines that hold only white
 * space are passed over, and counted. `limit`: bytes a line may have.
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Iterable<Line>> {
  const splitter = new LineSplitter(limit)
  for await (const chunk of chunks) yield splitter.linesOf(chunk)
  yield splitter.rest()
}

class LineSplitter {
  readonly #limit: number
  /** Of a line that has yet to end. */
  #pending: Buffer[] = []
  #length = 0
  #number = 1

  constructor(limit: number) {
    this.#limit = limit
  }

  *linesOf(chunk: Buffer): Generator<Line> {
    let from = 0
    for (let to = chunk.indexOf(LF); to !== -1; to = chunk.indexOf(LF, from)) {
      const line = this.#finish(chunk.subarray(from, to))
      if (line !== undefined) yield line
      from = to + 1
    }
    this.#keep(chunk.subarray(from))
  }

  /** The last line, when nothing ends it. */
  *rest(): Generator<Line> {
    const last = this.#length > 0 ? this.#finish(Buffer.alloc(0)) : undefined
    if (last !== undefined) yield last
  }

  #finish(end: Buffer): Line | undefined {
    const isWhole = this.#length === 0
    this.#keep(end)
    const bytes =
      this.#length > this.#limit ? undefined : withoutReturn(isWhole ? end : Buffer.concat(this.#pending))
    this.#pending = []
    this.#length = 0
    const number = this.#number++
    return bytes === undefined || !isBlank(bytes) ? { number, bytes } : undefined
  }

  #keep(part: Buffer): void {
    this.#length += part.length
    // Of a line that is too long nothing needs to be kept.
    if (this.#length > this.#limit) this.#pending = []
    else if (part.length > 0) this.#pending.push(part)
  }
}

function withoutReturn(bytes: Buffer): Buffer {
  return bytes.at(-1) === CR ? bytes.subarray(0, -1) : bytes
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === SPACE || byte === 0x09 || byte === CR)
}
