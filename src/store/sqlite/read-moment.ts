// One read transaction for all reads of a turn of the event loop: beginning one costs as much as a read does.
import type Database from 'better-sqlite3-multiple-ciphers'
import { requestFailed } from './failures.ts'
import type { SnapshotMemory } from './snapshot-memory.ts'

/**
 * Reads see one moment: a label that is looked up and not there yet must not be there for the query after it.
 * The moment ends with the turn, and at once when a write has been answered, so that whoever knows of a write
 * reads it.
 */
export class ReadMoment {
  readonly #db: Database
  readonly #memory: SnapshotMemory
  readonly #begin
  readonly #commit
  readonly #endOfTurn = (): void => {
    this.#scheduled = false
    this.end()
  }
  #scheduled = false
  /** Asking SQLite takes longer. */
  #begun = false

  /** @param memory of what is read here */
  constructor(db: Database, memory: SnapshotMemory) {
    this.#db = db
    this.#memory = memory
    this.#begin = db.prepare('BEGIN')
    this.#commit = db.prepare('COMMIT')
  }

  /** @throws FhirError for what the request made fail; any other error as it is */
  read<Result>(run: () => Result): Result {
    const isFirst = !this.#begun
    if (isFirst) this.#begin.run()
    this.#begun = true
    if (!this.#scheduled) {
      this.#scheduled = true
      setImmediate(this.#endOfTurn)
    }
    try {
      if (isFirst) this.#memory.begin()
      return run()
    } catch (error) {
      // Some errors end the transaction.
      if (!this.#db.inTransaction) this.end()
      throw requestFailed(error)
    }
  }

  end(): void {
    if (!this.#begun) return
    this.#begun = false
    this.#memory.end()
    if (this.#db.open && this.#db.inTransaction) this.#commit.run()
  }
}
