// What SQLite's errors mean to whoever asked.
import { FhirError } from '../../fhir/errors.ts'
import { sqliteCode } from './connection.ts'

export const STORAGE_FAILED = 'The store cannot take writes now; nothing of this request was saved.'

export function storageFailed(cause: unknown): FhirError {
  return new FhirError('storage-failed', STORAGE_FAILED, {
    cause,
    detail: cause instanceof Error ? cause.message : String(cause),
    retryAfterSeconds: 5,
  })
}

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
  const text = error instanceof Error ? error.message : String(error)
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
