// Rows on their way into the tables, gathered over a batch: one statement inserts many of a table.
import { unbound, type Common } from './index-rows.ts'
import { LONG_DATE } from './schema.ts'
import type { Value } from './sql.ts'
import type { Statements } from './statements.ts'
import type { TableRow } from './table-rows.ts'

/** Rows a statement; each size is a statement of its own. */
const SIZES = [32, 16, 8, 4, 2, 1] as const

const TABLES = {
  res: 'res (rid, type, id, ver, seq, lu, op, live, pat, lab, dt)',
  version: 'version (vid, rid, ver, type, lu, op, pat, lab)',
  body: 'body (vid, body, rows)',
  t: 'tok (tp, val, dt, rid, pat, lab)',
  r: 'ref (tp, tgt, dt, rid, pat, lab)',
  s: 'str (tp, val, exact, rid, pat, lab)',
  d: 'dat (tp, lo, hi, rid, pat, lab, long)',
  q: 'qty (tp, lo, hi, sys, code, unit, rid, pat, lab, long)',
  p: 'pos (tp, lat, lon, rid, pat, lab)',
  m: 'cmp (tp, n, row, rid)',
} as const

type Table = keyof typeof TABLES

/** The rows of one table that wait, their columns one after the other. */
interface Waiting {
  readonly values: Value[]
  readonly columns: number
  /** By size, as in `SIZES`. */
  readonly texts: readonly string[]
}

/** A new version, and how the resource stands then. */
export interface NewVersion {
  readonly rid: number
  readonly vid: number
  readonly ver: number
  readonly type: number
  /** Milliseconds since 1970. */
  readonly lu: number
  readonly op: number
  readonly common: Common
}

/** Rows on their way into the tables. Whoever reads the tables, or takes rows away, must `flush` first. */
export interface RowsToCome {
  /** Whether rows of this resource wait. */
  holds(rid: number): boolean
  /** A resource that never was. */
  addResource(id: string, version: NewVersion): void
  /** Behind its index rows. @param rows as index-rows.ts packs them */
  addVersion(version: NewVersion, body: Uint8Array, rows: string): void
  add(row: TableRow, rid: number, common: Common): void
  flush(): void
  /** For whoever reads of resources and versions alone, and no index rows. */
  flushVersions(): void
  /** The transaction ends: what it leaves waiting is found again, should the process end. */
  rest(): void
  /** What waits was part of a transaction that has been rolled back. */
  forget(): void
}

/** They wait for the end of the transaction. */
export class RowInserts implements RowsToCome {
  readonly #statements: Statements
  readonly #waiting: Readonly<Record<Table, Waiting>>
  readonly #rids = new Set<number>()

  constructor(statements: Statements) {
    this.#statements = statements
    this.#waiting = Object.fromEntries(
      Object.entries(TABLES).map(([name, table]) => [name, waitingFor(table)]),
    ) as Record<Table, Waiting>
  }

  holds(rid: number): boolean {
    return this.#rids.has(rid)
  }

  addResource(id: string, { rid, vid, ver, type, lu, op, common: { pat, lab, dt } }: NewVersion): void {
    this.#rids.add(rid)
    this.#waiting.res.values.push(rid, type, id, ver, vid, lu, op, 1, pat, lab, dt)
  }

  addVersion(
    { rid, vid, ver, type, lu, op, common: { pat, lab } }: NewVersion,
    body: Uint8Array,
    rows: string,
  ): void {
    this.#rids.add(rid)
    this.#waiting.version.values.push(vid, rid, ver, type, lu, op, pat, lab)
    this.#waiting.body.values.push(vid, body, rows)
  }

  add(row: TableRow, rid: number, { dt, pat, lab }: Common): void {
    this.#rids.add(rid)
    const { values } = this.#waiting[row[0]]
    switch (row[0]) {
      case 't':
      case 'r':
        values.push(row[1], row[2], dt, rid, pat, lab)
        break
      case 's':
        values.push(row[1], row[2], row[3] ?? '', rid, pat, lab)
        break
      case 'd': {
        const [lo, hi] = [unbound(row[2]), unbound(row[3])]
        values.push(row[1], lo, hi, rid, pat, lab, hi - lo > LONG_DATE ? 1 : 0)
        break
      }
      case 'q': {
        const [lo, hi] = [unbound(row[2]), unbound(row[3])]
        values.push(row[1], lo, hi, row[4], row[5], row[6], rid, pat, lab, hi === lo ? 0 : 1)
        break
      }
      case 'p':
        values.push(row[1], row[2], row[3], rid, pat, lab)
        break
      case 'm':
        values.push(row[1], row[2], JSON.stringify(row[3]), rid)
    }
  }

  flush(): void {
    if (this.#rids.size === 0) return
    for (const table in this.#waiting) {
      const { values, columns, texts } = this.#waiting[table as Table]
      let at = 0
      for (const [nth, size] of SIZES.entries()) {
        const width = size * columns
        for (; values.length - at >= width; at += width)
          this.#statements.run({ text: texts[nth] as string, params: values.slice(at, at + width) })
      }
    }
    this.forget()
  }

  flushVersions(): void {
    this.flush()
  }

  rest(): void {
    this.flush()
  }

  forget(): void {
    for (const table in this.#waiting) this.#waiting[table as Table].values.length = 0
    this.#rids.clear()
  }
}

/**
 * OR FAIL: a statement that fails half-way fails the transaction with it, so that it need not keep what would undo
 * it alone, which takes a third of the time (https://sqlite.org/lang_conflict.html).
 */
function waitingFor(table: string): Waiting {
  const columns = table.split(',').length
  const row = `(${Array.from({ length: columns }, () => '?').join(', ')})`
  const texts = SIZES.map(
    (size) => `INSERT OR FAIL INTO ${table} VALUES ${Array.from({ length: size }, () => row).join(', ')}`,
  )
  return { values: [], columns, texts }
}
