// Index rows that a load holds back over many commits: put in many at a time, in the order of their keys, they touch each page of the tables once.
import { HeldNumbers, numbersOf } from './held-numbers.ts'
import type { Common } from './index-rows.ts'
import { markRowsHeld, putRowsLeftOut, rowsLeftOutFrom } from './left-out-rows.ts'
import { RowInserts, type NewVersion, type RowsToCome } from './row-inserts.ts'
import type { Statements } from './statements.ts'
import type { TableRow } from './table-rows.ts'

/** A row takes some 50 bytes of memory; twice as many are there while those gathered first go in. */
const MOST_HELD = 400_000
/** Whose commits take as long as some ten others: meanwhile more are made ready. */
const ROWS_A_COMMIT = 50_000
const ROWS_AT_ONCE = 4096

type Held = readonly [row: TableRow, rid: number, common: Common]

/**
 * What is held back is lost with the process, or with a transaction that is rolled back; but each version is stored
 * with a copy of its rows, and a mark in the database tells which versions lack theirs (left-out-rows.ts).
 */
export class HeldRows implements RowsToCome {
  readonly #statements: Statements
  readonly #inserts: RowInserts
  readonly #most: number
  readonly #aCommit: number
  #gathered = new GatheredRows()
  /** They go into the tables now, some with each commit. */
  #leaving: { readonly rows: GatheredRows; readonly inOrder: Iterator<Held> } | undefined
  /** What the mark says. */
  #marked: number | undefined
  /** Whether what was held has been lost: it is found by the mark alone. */
  #lost: boolean

  constructor(statements: Statements, most: number = MOST_HELD, aCommit: number = ROWS_A_COMMIT) {
    this.#statements = statements
    this.#inserts = new RowInserts(statements)
    this.#most = most
    this.#aCommit = aCommit
    this.#lost = rowsLeftOutFrom(statements) !== undefined
  }

  holds(rid: number): boolean {
    return (
      this.#lost ||
      this.#gathered.rids.has(rid) ||
      this.#leaving?.rows.rids.has(rid) === true ||
      this.#inserts.holds(rid)
    )
  }

  addResource(id: string, version: NewVersion): void {
    this.#inserts.addResource(id, version)
  }

  addVersion(version: NewVersion, body: Uint8Array, rows: string): void {
    this.#inserts.addVersion(version, body, rows)
    this.#gathered.from ??= version.vid
  }

  add(row: TableRow, rid: number, common: Common): void {
    if (this.#lost) this.#gathered.count++
    else this.#gathered.add(row, rid, common)
  }

  flush(): void {
    this.#inserts.flush()
    if (this.#lost) {
      this.#mark()
      putRowsLeftOut(this.#statements)
      this.#gathered = new GatheredRows()
      this.#marked = undefined
      this.#lost = false
      return
    }
    this.#putLeaving(Infinity)
    this.#leave()
    this.#putLeaving(Infinity)
    this.#mark()
  }

  flushVersions(): void {
    this.#inserts.flush()
  }

  rest(): void {
    this.#inserts.flush()
    const isFull = this.#gathered.count >= this.#most
    if (isFull && this.#lost) return this.flush()
    // Fewer leave with each commit than are gathered meanwhile only where commits are very large.
    if (isFull) {
      this.#putLeaving(Infinity)
      this.#leave()
    }
    this.#putLeaving(this.#aCommit)
    this.#mark()
  }

  forget(): void {
    this.#inserts.forget()
    this.#gathered = new GatheredRows()
    this.#leaving = undefined
    this.#lost = true
  }

  #leave(): void {
    const rows = this.#gathered
    this.#leaving = { rows, inOrder: rows.inOrder() }
    this.#gathered = new GatheredRows()
  }

  #putLeaving(most: number): void {
    if (this.#leaving === undefined) return
    const { inOrder } = this.#leaving
    for (let count = 0; count < most; ) {
      const next = inOrder.next()
      if (next.done === true) {
        this.#leaving = undefined
        break
      }
      this.#inserts.add(...next.value)
      if (++count % ROWS_AT_ONCE === 0) this.#inserts.flush()
    }
    this.#inserts.flush()
  }

  #mark(): void {
    const from = this.#leaving?.rows.from ?? this.#gathered.from
    if (this.#lost) {
      // What was lost is from before these.
      if (from !== undefined && rowsLeftOutFrom(this.#statements) === undefined)
        markRowsHeld(this.#statements, from)
      return
    }
    if (from !== this.#marked) markRowsHeld(this.#statements, from)
    this.#marked = from
  }
}

/** Those of many commits. */
class GatheredRows {
  /** By table, those of numbers alone and those with texts. */
  readonly #numbers = new Map<TableRow[0], HeldNumbers>()
  readonly #texts = new Map<TableRow[0], Held[]>()
  readonly rids = new Set<number>()
  /** The first version of which they are. */
  from: number | undefined
  count = 0

  add(row: TableRow, rid: number, common: Common): void {
    this.count++
    this.rids.add(rid)
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

  /** Table by table, each nearly as its key orders it. */
  *inOrder(): Generator<Held> {
    for (const held of this.#numbers.values()) yield* held.inOrder()
    for (const [letter, held] of this.#texts) yield* letter === 'm' ? held : held.sort(byText)
  }
}

/** Nearly as the primary keys in schema.ts order them, which is enough; `cmp` begins with `rid`, as they came. */
function byText([a, aRid]: Held, [b, bRid]: Held): number {
  return a[1] - b[1] || compare(a[2], b[2]) || aRid - bRid
}

function compare(a: TableRow[2], b: TableRow[2]): number {
  return a === b ? 0 : a < b ? -1 : 1
}
