// One read transaction for all reads of a turn of the event loop: beginning one costs as much as a read does.
import type Database from 'better-sqlite3-multiple-ciphers'
import { requestFailed } from './failures.ts'
import type { MomentMemory } from './versions.ts'

/**
 * Reads see one moment: a label that is looked up and not there yet must not be there for the query after it.
 * The moment ends with the turn, and at once when a write has been answered, so that whoever knows of a write
 * reads it.
 */
export class ReadMoment {
  /** What has been looked up, while the moment lasts. */
  readonly known: MomentMemory = new Map()
  readonly #db: Database
  readonly #begin
  readonly #commit
  readonly #endOfTurn = (): void => {
    this.#scheduled = false
    this.end()
  }
  #scheduled = false
  /** Asking SQLite takes longer. */
  #begun = false

  constructor(db: Database) {
    this.#db = db
    this.#begin = db.prepare('BEGIN')
    this.#commit = db.prepare('COMMIT')
  }

  /** @throws FhirError for what the request made fail; any other error as it is */
  read<Result>(run: () => Result): Result {
    if (!this.#begun) {
      this.known.clear()
      this.#begin.run()
      this.#begun = true
    }
    if (!this.#scheduled) {
      this.#scheduled = true
      setImmediate(this.#endOfTurn)
    }
    try {
      return run()
    } catch (error) {
      // Some errors end the transaction.
      this.#begun = this.#db.inTransaction
      throw requestFailed(error)
    }
  }

  end(): void {
    if (!this.#begun) return
    this.#begun = false
    if (this.#db.open && this.#db.inTransaction) this.#commit.run()
  }
}
