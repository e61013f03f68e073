// Opens connections to the database file, encrypted or not, and says in plain words why one cannot be opened.
import { closeSync, openSync, readSync } from 'node:fs'
import Database from 'better-sqlite3-multiple-ciphers'
import { kilometersBetween } from '../query/near.ts'

export interface ConnectionOptions {
  readonly file: string
  /** 32 bytes. */
  readonly key: Uint8Array | undefined
  readonly readonly?: boolean
  /** False for a throwaway file: commits do not wait for the disk. */
  readonly durable?: boolean
}

/** Of the log, when a commit waits until it has been moved: for whoever writes without having it moved (checkpoints.ts). */
const PAGES_BEFORE_CHECKPOINT = 40_000
const MILLISECONDS_TO_WAIT_FOR_A_LOCK = 10_000
const CACHE_KIB = 65_536
/** The log is cut back to this after a checkpoint. */
const LOG_BYTES = 100_663_296

/** @throws Error that names the file and what is wrong: key missing, wrong or needless; no database; no access */
export function openConnection(options: ConnectionOptions): Database {
  const { file, key, readonly = false, durable = true } = options
  checkHeader(file, key)
  let db: Database | undefined
  try {
    if (!readonly) createPrivate(file)
    db = new Database(file, { readonly, fileMustExist: readonly, timeout: MILLISECONDS_TO_WAIT_FOR_A_LOCK })
    if (key !== undefined) {
      db.pragma(`cipher = 'aegis'`)
      db.pragma(`key = "raw:${Buffer.from(key).toString('hex')}"`)
    }
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
    if (!readonly) db.pragma('journal_mode = WAL')
    db.pragma(`synchronous = ${durable ? 'FULL' : 'OFF'}`)
    db.pragma(`wal_autocheckpoint = ${PAGES_BEFORE_CHECKPOINT}`)
    db.pragma(`journal_size_limit = ${LOG_BYTES}`)
    db.pragma(`cache_size = -${CACHE_KIB}`)
    db.pragma('temp_store = MEMORY')
    db.function('kilometers', { deterministic: true, directOnly: true }, kilometersBetween)
    return db
  } catch (error) {
    db?.close()
    throw openingFailed(options, error)
  }
}

/** An empty database in memory, gone when it is closed. */
export function openScratch(schema: string): Database {
  const db = new Database(':memory:')
  db.exec(schema)
  return db
}

/** A new file that its owner alone may read; the log takes after it. */
export function createPrivate(file: string): void {
  closeSync(openSync(file, 'a', 0o600))
}

/** The unencrypted format begins so (https://sqlite.org/fileformat.html#the_database_header). */
const PLAIN_HEADER = 'SQLite format 3\0'

function checkHeader(file: string, key: Uint8Array | undefined): void {
  if (key !== undefined && key.length !== 32) {
    throw new Error(`The encryption key must have 32 bytes; this one has ${key.length}.`)
  }
  const header = readHeader(file)
  if (header === undefined || header.length === 0) return
  const plain = header.toString('latin1') === PLAIN_HEADER
  if (plain && key !== undefined) {
    throw new Error(`${file} is not encrypted, but an encryption key was given. Start without the key.`)
  }
  if (!plain && key === undefined) {
    throw new Error(`${file} is encrypted, or no database at all. Give the encryption key it was made with.`)
  }
}

function readHeader(file: string): Buffer | undefined {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`${file} cannot be read: ${(error as Error).message}`, { cause: error })
  }
  try {
    const header = Buffer.alloc(PLAIN_HEADER.length)
    return header.subarray(0, readSync(descriptor, header, 0, header.length, 0))
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as Error).message}`, { cause: error })
  } finally {
    closeSync(descriptor)
  }
}

function openingFailed({ file, key, readonly = false }: ConnectionOptions, cause: unknown): Error {
  const code = sqliteCode(cause)
  if (code === 'SQLITE_NOTADB') {
    const why =
      key === undefined ? 'it is not a database' : 'the encryption key is not the one it was made with'
    return new Error(`${file} cannot be opened: ${why}. The file was left as it is.`, { cause })
  }
  if (readonly) return new Error(`${file} cannot be read: ${(cause as Error).message}`, { cause })
  if (code?.startsWith('SQLITE_READONLY') || code?.startsWith('SQLITE_CANTOPEN') || code === undefined) {
    return new Error(
      `${file} cannot be opened for writing: its folder must exist, and the file and the folder must be writable (${(cause as Error).message}).`,
      { cause },
    )
  }
  return new Error(`${file} cannot be opened: ${(cause as Error).message}`, { cause })
}

/** Such as `SQLITE_FULL`; undefined for an error that is not SQLite's. */
export function sqliteCode(error: unknown): string | undefined {
  return error instanceof Database.SqliteError ? error.code : undefined
}
