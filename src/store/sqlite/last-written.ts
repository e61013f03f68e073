// Which numbers and which time come next: asked of the tables once, then counted by the only one who writes.
import { sql } from './sql.ts'
import type { Statements } from './statements.ts'

export class LastWritten {
  readonly #statements: Statements
  #rid: number | undefined
  #vid: number | undefined
  #time: number | undefined

  constructor(statements: Statements) {
    this.#statements = statements
  }

  nextRid(): number {
    this.#rid ??= this.#statements.value<number>(sql`SELECT coalesce(max(rid), 0) FROM res`)!
    return ++this.#rid
  }

  nextVid(): number {
    this.#vid ??= this.#statements.value<number>(sql`SELECT coalesce(max(vid), 0) FROM version`)!
    return ++this.#vid
  }

  /** Milliseconds since 1970: times never decrease. */
  notBefore(time: number): number {
    this.#time ??= this.#statements.value<number>(sql`SELECT lu FROM version ORDER BY vid DESC LIMIT 1`) ?? 0
    return Math.max(time, this.#time)
  }

  /** A version has been written. */
  wroteAt(time: number): void {
    this.#time = time
  }

  /** Resources were added by others' numbers. */
  forgetRid(): void {
    this.#rid = undefined
  }

  /** What was written has been taken back. */
  forget(): void {
    this.#rid = undefined
    this.#vid = undefined
    this.#time = undefined
  }
}
