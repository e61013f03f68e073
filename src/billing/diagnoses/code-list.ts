// A list of ICD-10-CM codes in memory: one buffer of lines in the order of their codes, searched where it lies.

/** The days on which the codes of an edition were those to bill with, both included, as `YYYY-MM-DD`. */
export interface Edition {
  readonly first: string
  readonly last: string
}

/** What an edition has a code for: a category has codes under it, and only codes that have none can be billed. */
export type Standing = 'absent' | 'category' | 'billable'

export interface ListedCode {
  /** Without the dot. */
  readonly code: string
  /** By edition, in the order of `CodeList.editions`. */
  readonly standings: readonly Standing[]
  /** CMS's long description, as the last edition that has the code words it. */
  readonly text: string
}

const MARKS: ReadonlyMap<number, Standing> = new Map([
  [0x2d, 'absent'],
  [0x30, 'category'],
  [0x31, 'billable'],
])
const TAB = 0x09
const LINE_END = 0x0a
const COMMENT = 0x23
const EDITION = /^# edition (\d{4}-\d{2}-\d{2}) (\d{4}-\d{2}-\d{2})$/

/**
 * The file, once it is decompressed: ASCII; lines that begin with `#`, of them one `# edition FIRST LAST` for each
 * edition, the oldest first; then a line for each code, in the order of the codes: the code without its dot, a tab, one
 * mark for each edition (`-` absent, `0` category, `1` billable), a tab, the text.
 */
export class CodeList {
  readonly editions: readonly Edition[]
  readonly #bytes: Buffer
  /** Where each code's line begins; one more for the end. */
  readonly #starts: Uint32Array

  /** @throws Error in plain words where `bytes` are no such file */
  constructor(bytes: Buffer) {
    const editions: Edition[] = []
    let at = 0
    while (bytes[at] === COMMENT) {
      const end = lineEnd(bytes, at)
      const [, first, last] = EDITION.exec(bytes.toString('latin1', at, end)) ?? []
      if (first !== undefined && last !== undefined) editions.push({ first, last })
      at = end + 1
    }
    const starts: number[] = []
    for (; at < bytes.length; at = lineEnd(bytes, at) + 1) starts.push(at)
    if (editions.length === 0 || starts.length === 0) throw new Error('it holds no edition, or no code')
    this.editions = editions
    this.#bytes = bytes
    this.#starts = Uint32Array.from([...starts, bytes.length])
  }

  get size(): number {
    return this.#starts.length - 1
  }

  /** The place of a code that is written without its dot, or undefined. */
  find(code: string): number | undefined {
    const key = Buffer.from(`${code}\t`, 'latin1')
    const place = this.#firstFrom(key)
    return place < this.size && this.#compare(place, key) === 0 ? place : undefined
  }

  /** The places of the codes that begin with `code` and are longer: from the first up to, not with, the second. */
  under(code: string): readonly [from: number, to: number] {
    return [
      this.#firstFrom(Buffer.from(`${code}0`, 'latin1')),
      this.#firstFrom(Buffer.from(`${code}~`, 'latin1')),
    ]
  }

  standing(place: number, edition: number): Standing {
    const start = this.#start(place)
    const mark = this.#bytes[this.#bytes.indexOf(TAB, start) + 1 + edition]
    return MARKS.get(mark ?? 0) ?? 'absent'
  }

  codeAt(place: number): string {
    const start = this.#start(place)
    return this.#bytes.toString('latin1', start, this.#bytes.indexOf(TAB, start))
  }

  at(place: number): ListedCode {
    const [code = '', marks = '', text = ''] = this.#bytes
      .toString('latin1', this.#start(place), this.#start(place + 1) - 1)
      .split('\t')
    return { code, standings: [...marks].map((_, edition) => this.standing(place, edition)), text }
  }

  #start(place: number): number {
    return this.#starts[place] ?? this.#bytes.length
  }

  /** The first place whose line does not come before `key`. */
  #firstFrom(key: Buffer): number {
    let [low, high] = [0, this.size]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(middle, key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  #compare(place: number, key: Buffer): number {
    const start = this.#start(place)
    return this.#bytes.compare(key, 0, key.length, start, Math.min(start + key.length, this.#bytes.length))
  }
}

function lineEnd(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(LINE_END, from)
  if (end === -1) throw new Error('its last line has no end')
  return end
}
