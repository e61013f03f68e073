// The rows of resources that writes name, as long as nothing changes them: one patient's many records name the same few again and again.
import type { Statements } from './statements.ts'
import type { Last } from './version-writer.ts'

export interface LastRow extends Last {
  /** See schema.ts. */
  readonly lab: number
}

const MOST_KEPT = 10_000

const LAST = 'SELECT rid, ver, seq, lu, live, lab FROM res WHERE type = ? AND id = ?'

/** For the one that writes: it must be told of every change. */
export class LastRows {
  readonly #statements: Statements
  readonly #known = new Map<string, LastRow>()

  constructor(statements: Statements) {
    this.#statements = statements
  }

  /** Undefined for what never was. */
  at(type: number, id: string): LastRow | undefined {
    const known = this.#known.get(nameOf(type, id))
    if (known !== undefined) return known
    const row = this.#statements.row<[number, number, number, number, number, number]>({
      text: LAST,
      params: [type, id],
    })
    return row && { rid: row[0], ver: row[1], vid: row[2], lu: row[3], live: row[4] === 1, lab: row[5] }
  }

  /** The same, for what will be asked for again. */
  kept(type: number, id: string): LastRow | undefined {
    const row = this.at(type, id)
    if (row === undefined) return undefined
    if (this.#known.size >= MOST_KEPT) this.#known.clear()
    this.#known.set(nameOf(type, id), row)
    return row
  }

  /** It has been written. */
  changed(type: number, id: string): void {
    this.#known.delete(nameOf(type, id))
  }

  /** What was written has been taken back. */
  forget(): void {
    this.#known.clear()
  }
}

function nameOf(type: number, id: string): string {
  return `${type} ${id}`
}
