// The rows of resources that writes name, as long as nothing changes them: one patient's many records name the same few again and again.
import { PairMemory } from './pair-memory.ts'
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
  readonly #settle: (type: number, id: string) => void
  readonly #known = new PairMemory<number, LastRow>(MOST_KEPT)

  /** @param settle puts in what waits of a resource, called before its row is read */
  constructor(statements: Statements, settle: (type: number, id: string) => void) {
    this.#statements = statements
    this.#settle = settle
  }

  /** Undefined for what never was. */
  at(type: number, id: string): LastRow | undefined {
    return this.#known.get(type, id) ?? this.#read(type, id)
  }

  /** The same, for what will be asked for again. */
  kept(type: number, id: string): LastRow | undefined {
    const known = this.#known.get(type, id)
    if (known !== undefined) return known
    const row = this.#read(type, id)
    return row && this.#known.set(type, id, row)
  }

  #read(type: number, id: string): LastRow | undefined {
    this.#settle(type, id)
    const row = this.#statements.row<[number, number, number, number, number, number]>({
      text: LAST,
      params: [type, id],
    })
    return row && { rid: row[0], ver: row[1], vid: row[2], lu: row[3], live: row[4] === 1, lab: row[5] }
  }

  /** It has been written. */
  changed(type: number, id: string): void {
    this.#known.delete(type, id)
  }

  /** What was written has been taken back. */
  forget(): void {
    this.#known.clear()
  }
}
