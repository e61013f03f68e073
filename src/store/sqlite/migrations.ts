// Brings a database file to the layout of this program: numbered steps, forward only.
import type Database from 'better-sqlite3-multiple-ciphers'
import { SCHEMA } from './schema.ts'

/** "Alcv": marks the file as ours (https://sqlite.org/pragma.html#pragma_application_id). */
export const APPLICATION_ID = 0x416c6376

/** Step n leads from version n to n + 1. A step that has been released is never changed. */
export const MIGRATIONS: readonly ((db: Database) => void)[] = [(db) => void db.exec(SCHEMA)]

/** @throws Error when the file is not ours, or was written by a newer program; it is left as it was */
export function migrate(db: Database, migrations: readonly ((db: Database) => void)[] = MIGRATIONS): void {
  const from = checkVersion(db, migrations.length)
  for (let step = from; step < migrations.length; step++) {
    db.exec('BEGIN IMMEDIATE')
    try {
      migrations[step]!(db)
      db.pragma(`application_id = ${APPLICATION_ID}`)
      db.pragma(`user_version = ${step + 1}`)
      db.exec('COMMIT')
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK')
      throw error
    }
  }
}

/** The file's version, at most `newest`. @throws Error when it is not a file of ours, or newer */
export function checkVersion(db: Database, newest: number = MIGRATIONS.length): number {
  const version = Number(db.pragma('user_version', { simple: true }))
  const application = Number(db.pragma('application_id', { simple: true }))
  const empty = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
  if (application !== APPLICATION_ID && !(empty && version === 0)) {
    throw new Error('The file is an SQLite database of another program, not of Alcove.')
  }
  if (version > newest) {
    throw new Error(
      `The database has layout ${version}, this program knows layouts up to ${newest}: a newer Alcove wrote it. Start that one.`,
    )
  }
  return version
}
