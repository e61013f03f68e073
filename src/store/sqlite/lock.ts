// Keeps a second process off the database: an exclusive lock on a file beside it, which the system drops with the process.
import { existsSync } from 'node:fs'
import Database from 'better-sqlite3-multiple-ciphers'
import { sqliteCode } from './connection.ts'

/** Holds the lock until `close`. @throws Error when another holds it, or the folder cannot be written */
export function holdLock(file: string): { close(): void } {
  let lock: Database | undefined
  try {
    lock = new Database(`${file}.lock`, { timeout: 0 })
    lock.pragma('journal_mode = MEMORY')
    lock.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    lock?.close()
    if (sqliteCode(cause)?.startsWith('SQLITE_BUSY')) {
      throw new Error(
        `${file} is in use by another Alcove process. Stop that one, or choose another database.`,
        { cause },
      )
    }
    throw new Error(
      `${file} cannot be opened for writing: its folder must exist and be writable (${(cause as Error).message}).`,
      { cause },
    )
  }
  const held = lock
  return { close: () => void held.close() }
}

/** Whether a process has this database open now; looks only at the lock, whatever state the database is in. */
export function isSqliteInUse(file: string): boolean {
  const beside = `${file}.lock`
  if (!existsSync(beside)) return false
  let lock: Database | undefined
  try {
    lock = new Database(beside, { timeout: 0, fileMustExist: true })
    lock.exec('BEGIN EXCLUSIVE')
    return false
  } catch (error) {
    if (sqliteCode(error)?.startsWith('SQLITE_BUSY')) return true
    throw error
  } finally {
    lock?.close()
  }
}
