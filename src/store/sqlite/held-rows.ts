// Index rows that a load holds back over many commits: put in all at once, in the order of their keys, they touch each page of the tables once.
import { HeldNumbers, numbersOf } from './held-numbers.ts'
import type { Common } from './index-rows.ts'
import { markRowsHeld, putRowsLeftOut, rowsLeftOutFrom } from './left-out-rows.ts'
import { RowInserts, type NewVersion, type RowsToCome } from './row-inserts.ts'
import type { Statements } from './statements.ts'
import type { TableRow } from './table-rows.ts'

/** A row takes some 50 bytes of memory. */
const MOST_HELD = 400_000

type Held = readonly [row: TableRow, rid: number, common: Common]

/**
 * What is held back is lost with the process, or with a transaction that is rolled back; but each version is stored
 * with a copy of its rows, and a mark in the database tells which versions lack theirs (left-out-rows.ts).
 */
export class HeldRows implements RowsToCome {
  readonly #statements: Statements
  readonly #inserts: RowInserts
  readonly #most: number
  /** By table, those of numbers alone and those with texts. */
  readonly #numbers = new Map<TableRow[0], HeldNumbers>()
  readonly #texts = new Map<TableRow[0], Held[]>()
  readonly #rids = new Set<number>()
  #count = 0
  /** The first version whose rows are held. */
  #from: number | undefined
  /** Whether what was held has been lost: it is found by the mark alone. */
  #lost: boolean

  constructor(statements: Statements, most: number = MOST_HELD) {
    this.#statements = statements
    this.#inserts = new RowInserts(statements)
    this.#most = most
    this.#lost = rowsLeftOutFrom(statements) !== undefined
  }

  holds(rid: number): boolean {
    return this.#lost || this.#rids.has(rid) || this.#inserts.holds(rid)
  }

  addResource(id: string, version: NewVersion): void {
    this.#inserts.addResource(id, version)
  }

  addVersion(version: NewVersion, body: Uint8Array, rows: string): void {
    this.#inserts.addVersion(version, body, rows)
    this.#from ??= version.vid
  }

  add(row: TableRow, rid: number, common: Common): void {
    this.#count++
    if (this.#lost) return
    this.#rids.add(rid)
    const numbers = numbersOf(row, rid, common)
    if (numbers === undefined) {
      const held = this.#texts.get(row[0])
      if (held === undefined) this.#texts.set(row[0], [[row, rid, common]])
      else held.push([row, rid, common])
      return
    }
    let held = this.#numbers.get(row[0])
    if (held === undefined) this.#numbers.set(row[0], (held = new HeldNumbers(row[0], numbers.length)))
    held.add(numbers, common)
  }

  flush(): void {
    this.#inserts.flush()
    if (this.#lost) {
      if (this.#from !== undefined) markRowsHeld(this.#statements, this.#from)
      putRowsLeftOut(this.#statements)
    } else if (this.#from !== undefined || this.#count > 0) {
      for (const held of this.#numbers.values()) this.#put(held.inOrder())
      for (const [letter, held] of this.#texts) this.#put(letter === 'm' ? held : held.sort(byText))
      markRowsHeld(this.#statements, undefined)
    }
    this.#clear()
    this.#lost = false
  }

  flushVersions(): void {
    this.#inserts.flush()
  }

  rest(): void {
    this.#inserts.flush()
    if (this.#count >= this.#most) this.flush()
    else if (this.#from !== undefined) markRowsHeld(this.#statements, this.#from)
  }

  forget(): void {
    this.#inserts.forget()
    this.#clear()
    this.#lost = true
  }

  #put(rows: Iterable<Held>): void {
    let count = 0
    for (const [row, rid, common] of rows) {
      this.#inserts.add(row, rid, common)
      if (++count % ROWS_AT_ONCE === 0) this.#inserts.flush()
    }
    this.#inserts.flush()
  }

  #clear(): void {
    this.#numbers.clear()
    this.#texts.clear()
    this.#rids.clear()
    this.#count = 0
    this.#from = undefined
  }
}

const ROWS_AT_ONCE = 4096

/** Nearly as the primary keys in schema.ts order them, which is enough; `cmp` begins with `rid`, as they came. */
function byText([a, aRid]: Held, [b, bRid]: Held): number {
  return a[1] - b[1] || compare(a[2], b[2]) || aRid - bRid
}

function compare(a: TableRow[2], b: TableRow[2]): number {
  return a === b ? 0 : a < b ? -1 : 1
}
