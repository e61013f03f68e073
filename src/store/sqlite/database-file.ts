// What an operator does with a database file without opening it as a store: another process may have it open.
import { existsSync, statSync } from 'node:fs'
import { FhirError } from '../../fhir/errors.ts'
import { backup } from './backup.ts'
import type { Counts } from './maintenance-thread.ts'
import { holdLock } from './lock.ts'

/**
 * A verified copy; see `StoreMaintenance.backup`.
 * @throws FhirError `not-found` when there is no database, `conflict` when `to` is there already, `storage-failed`
 */
export function backupSqlite(
  source: { readonly file: string; readonly key: Uint8Array | undefined },
  to: string,
  progress?: (done: number, total: number) => void,
): Promise<Counts & { readonly bytes: number }> {
  const size = statSync(source.file, { throwIfNoEntry: false })?.size
  if (size === undefined) throw new FhirError('not-found', `There is no database ${source.file}.`)
  return backup(source, to, size, progress)
}

/** Whether a process has the database open as a store. */
export function isSqliteInUse(file: string): boolean {
  if (!existsSync(file)) return false
  try {
    holdLock(file).close()
    return false
  } catch {
    return true
  }
}
