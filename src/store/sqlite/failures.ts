// What SQLite's errors mean to whoever asked.
import { FhirError, messageForLog } from '../../fhir/errors.ts'
import { sqliteCode } from './connection.ts'

const STORAGE_FAILED = 'The store cannot take writes now; nothing of this request was saved.'

/** What operators are told, by SQLite's code (https://sqlite.org/rescode.html), and what callers are. */
const STORAGE: readonly (readonly [code: RegExp, advice: string, told: string])[] = [
  [
    /^SQLITE_FULL/,
    'the disk of the database is full: make room there, and writes are taken again without a restart',
    'The disk of the store is full; nothing of this request was saved. Writes are taken again when there is room.',
  ],
  [
    /^SQLITE_IOERR/,
    'the disk of the database failed: look into the log of the system, and have a backup elsewhere; each write tries it again',
    STORAGE_FAILED,
  ],
  [
    /^SQLITE_(READONLY|CANTOPEN|PERM)/,
    'the database, its log or its folder cannot be written: give the server the right to, or mount the disk for writing',
    STORAGE_FAILED,
  ],
  [
    /^SQLITE_(CORRUPT|NOTADB)/,
    'the database is damaged: end the server, keep the file, and restore a backup that "alcove verify" finds no fault in',
    STORAGE_FAILED,
  ],
  [/^SQLITE_(BUSY|PROTOCOL)/, 'another program holds the database: end that one', STORAGE_FAILED],
]

/** @param cause what SQLite threw, or in words why nothing can be written */
export function storageFailed(cause: unknown): FhirError {
  const code = sqliteCode(cause)
  const known = code === undefined ? undefined : STORAGE.find(([codes]) => codes.test(code))
  const text = messageForLog(cause)
  return new FhirError('storage-failed', known?.[2] ?? STORAGE_FAILED, {
    cause,
    detail: known === undefined ? text : `${known[1]} (${code}: ${text})`,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  })
}

/** How soon it is worth to try again a write that the disk refused. */
const RETRY_AFTER_SECONDS = 5

/** For the log at most: there is nobody to tell. */
export function askerGone(): FhirError {
  return new FhirError(
    'timed-out',
    'Nobody waits for the answer any more; nothing of this request was saved.',
  )
}

export function tookTooLong(): FhirError {
  return new FhirError(
    'too-costly',
    'The search took too long and was given up. Narrow it, by patient, code or date for example.',
  )
}

/** The writer, or the disk, was lost with it in hand: it is there wholly or not at all. */
export function outcomeUnknown(cause: unknown): FhirError {
  return new FhirError(
    'storage-failed',
    'The store failed while it wrote. Whether this request was saved is not known: look before sending it again.',
    { cause, detail: messageForLog(cause), retryAfterSeconds: 5 },
  )
}

/** A full or failing disk, memory at its end: no fault of what was to be written. */
export function isStorageError(error: unknown): boolean {
  const code = sqliteCode(error)
  return (
    code !== undefined &&
    /^SQLITE_(FULL|IOERR|READONLY|NOMEM|CANTOPEN|BUSY|CORRUPT|NOTADB|PROTOCOL)/.test(code)
  )
}

/** An error of one request that no disk is to blame for. */
export function requestFailed(error: unknown): FhirError {
  if (error instanceof FhirError) return error
  const text = messageForLog(error)
  // SQLite bounds the depth of an expression and the number of parameters; the engine the depth of calls.
  if (
    error instanceof RangeError ||
    (sqliteCode(error) === 'SQLITE_ERROR' && /too (large|many)|overflow/.test(text))
  ) {
    return new FhirError('too-costly', 'The search has too many conditions, or one that is too large.', {
      cause: error,
      detail: text,
    })
  }
  return new FhirError('internal', 'The server failed to answer this.', { cause: error, detail: text })
}
