// Statements prepared once for each text and kept, the least recently used forgotten.
import type Database from 'better-sqlite3-multiple-ciphers'
import type { Statement } from 'better-sqlite3-multiple-ciphers'
import type { Fragment } from './sql.ts'
import { CountMemory } from './count-memory.ts'
import { SnapshotMemory } from './snapshot-memory.ts'
import { WorkLimit } from './work-limit.ts'

const KEPT = 500
/** From here on it matters which were used lately. */
const CROWDED = 400
/** Microseconds, roughly: of making one ready, at least and a character; of asking it, at least and a row. */
const COST_TO_PREPARE = 15
const COST_OF_A_CHARACTER = 0.08
const COST_TO_ASK = 3
const COST_OF_A_ROW = 0.5

export class Statements {
  readonly db: Database
  readonly work: WorkLimit
  readonly counts = new CountMemory()
  readonly snapshot: SnapshotMemory
  readonly #statements = new Map<string, Statement>()

  /**
   * @param mostRows what a search may examine; undefined: the usual
   * @param stop shared with another thread: not 0 while the search at hand is to be given up
   */
  constructor(db: Database, mostRows?: number, stop?: Int32Array) {
    this.db = db
    this.work = new WorkLimit(db, mostRows, stop)
    this.snapshot = new SnapshotMemory(db)
  }

  /** Rows as arrays of columns. */
  rows<Row extends readonly unknown[]>({ text, params }: Fragment): Row[] {
    this.work.spend(COST_TO_ASK)
    const rows = this.prepared(text).all(...params) as Row[]
    this.work.spend(rows.length * COST_OF_A_ROW)
    return rows
  }

  row<Row extends readonly unknown[]>({ text, params }: Fragment): Row | undefined {
    this.work.spend(COST_TO_ASK)
    return this.prepared(text).get(...params) as Row | undefined
  }

  /** The first column of the first row. */
  value<Value>({ text, params }: Fragment): Value | undefined {
    return this.row<readonly [Value]>({ text, params })?.[0]
  }

  run({ text, params }: Fragment): number {
    return this.prepared(text).run(...params).changes
  }

  /** Its rows, if it has any, come as arrays. */
  prepared(text: string): Statement {
    const known = this.#statements.get(text)
    if (known !== undefined && this.#statements.size < CROWDED) return known
    const statement = known ?? this.#prepare(text)
    if (known !== undefined) this.#statements.delete(text)
    else if (this.#statements.size >= KEPT) this.#statements.delete(this.#statements.keys().next().value!)
    this.#statements.set(text, statement)
    return statement
  }

  #prepare(text: string): Statement {
    this.work.spend(COST_TO_PREPARE + text.length * COST_OF_A_CHARACTER)
    const statement = this.db.prepare(text)
    return statement.reader ? statement.raw(true) : statement
  }
}
