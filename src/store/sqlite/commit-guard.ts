// Sees to it that an acknowledged commit is in the file that the next start will read, and a refused one is not.
import { statSync } from 'node:fs'
import { sqliteCode } from './connection.ts'
import { sql } from './sql.ts'
import type { Statements } from './statements.ts'

/** Counts commits that the disk refused to make durable. */
const REFUSED = 'refused-commits'

export class CommitGuard {
  readonly #statements: Statements
  readonly #places: readonly { readonly path: string; first: string | undefined }[]

  constructor(statements: Statements) {
    this.#statements = statements
    const file = statements.db.name
    this.#places = [file, `${file}-wal`, `${file}.lock`].map((path) => ({ path, first: identityOf(path) }))
  }

  /**
   * That nobody has removed or replaced the database, its log or its lock: what is written to a file that has lost
   * its name is gone with the process.
   * @throws Error that says which, and what to do
   */
  check(): void {
    for (const place of this.#places) {
      const now = identityOf(place.path)
      place.first ??= now
      if (now !== place.first)
        throw new Error(
          `${place.path} was ${now === undefined ? 'removed' : 'replaced'} while the server runs, so no write is taken any more. ` +
            'Put back what was there; or end the server, put the file in place that is to be served, and start it again.',
        )
    }
  }

  /**
   * To be called when a commit has failed and is rolled back. One that only could not be synced stands in the log
   * as whole as any other, and would be there after the next start, though it was refused: another is put in its place.
   * @returns whether it will certainly not be there
   */
  refused(error: unknown): boolean {
    if (!sqliteCode(error)?.startsWith('SQLITE_IOERR')) return true
    const { db } = this.#statements
    try {
      db.exec('BEGIN IMMEDIATE')
      this.#statements.run(
        sql`INSERT INTO setting (name, value) VALUES (${REFUSED}, '1') ON CONFLICT DO UPDATE SET value = CAST(value AS INTEGER) + 1`,
      )
      db.exec('COMMIT')
      return true
    } catch (again) {
      if (db.inTransaction) db.exec('ROLLBACK')
      // Also when this one cannot be synced, its bytes have taken the place; but not when they cannot be written.
      return !isUnsynced(error) || isUnsynced(again)
    }
  }
}

function isUnsynced(error: unknown): boolean {
  return /^SQLITE_IOERR_(DIR_)?FSYNC$/.test(sqliteCode(error) ?? '')
}

/** The same for the same file under whatever name. */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev} ${found.ino}`
}
