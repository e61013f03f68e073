// Index rows that a load holds back over many commits: put in all at once, in the order of their keys, they touch each page of the tables once.
import type { Common } from './index-rows.ts'
import { markRowsHeld, putRowsLeftOut, rowsLeftOutFrom } from './left-out-rows.ts'
import { RowInserts, type NewVersion, type RowsToCome } from './row-inserts.ts'
import type { Statements } from './statements.ts'
import type { TableRow } from './table-rows.ts'

/** A row takes some 100 bytes of memory. */
const MOST_HELD = 400_000

interface Held {
  readonly row: TableRow
  readonly rid: number
  readonly common: Common
}

/**
 * What is held back is lost with the process, or with a transaction that is rolled back; but each version is stored
 * with a copy of its rows, and a mark in the database tells which versions lack theirs (left-out-rows.ts).
 */
export class HeldRows implements RowsToCome {
  readonly #statements: Statements
  readonly #inserts: RowInserts
  readonly #most: number
  /** By table, each as its key orders them once they are put in. */
  readonly #tables = new Map<TableRow[0], Held[]>()
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
    const rows = this.#tables.get(row[0])
    if (rows === undefined) this.#tables.set(row[0], [{ row, rid, common }])
    else rows.push({ row, rid, common })
  }

  flush(): void {
    this.#inserts.flush()
    if (this.#lost) {
      if (this.#from !== undefined) markRowsHeld(this.#statements, this.#from)
      putRowsLeftOut(this.#statements)
    } else if (this.#from !== undefined || this.#count > 0) {
      for (const [letter, rows] of this.#tables) this.#put(rows.sort(ORDER[letter]))
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

  #put(rows: readonly Held[]): void {
    for (const [at, { row, rid, common }] of rows.entries()) {
      this.#inserts.add(row, rid, common)
      if (at % ROWS_AT_ONCE === 0) this.#inserts.flush()
    }
    this.#inserts.flush()
  }

  #clear(): void {
    this.#tables.clear()
    this.#rids.clear()
    this.#count = 0
    this.#from = undefined
  }
}

const ROWS_AT_ONCE = 4096

type Order = (a: Held, b: Held) => number

const byDate: Order = (a, b) =>
  compare(a.row[1], b.row[1]) || compare(a.row[2], b.row[2]) || a.common.dt - b.common.dt || a.rid - b.rid
const byBounds: Order = (a, b) =>
  compare(a.row[1], b.row[1]) || compare(a.row[2], b.row[2]) || compare(a.row[3], b.row[3]) || a.rid - b.rid
const byText: Order = (a, b) => compare(a.row[1], b.row[1]) || compare(a.row[2], b.row[2]) || a.rid - b.rid
const byResource: Order = (a, b) => a.rid - b.rid

/** As the primary keys in schema.ts; that of texts but nearly, which is enough. */
const ORDER: Readonly<Record<TableRow[0], Order>> = {
  t: byDate,
  r: byDate,
  s: byText,
  d: byBounds,
  q: byBounds,
  p: byBounds,
  m: byResource,
}

/** Numbers stand before texts. */
function compare(a: unknown, b: unknown): number {
  if (a === b) return 0
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1
  return (a as number) < (b as number) ? -1 : 1
}
