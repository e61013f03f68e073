// Opens a database to look at it only, whether a server has it open or not.
import { FhirError } from '../../fhir/errors.ts'
import type { Inspection } from '../inspection.ts'
import type { Store } from '../store.ts'
import { openConnection } from './connection.ts'
import { Dictionary } from './dictionary.ts'
import { history } from './history.ts'
import { labelsOf } from './labels-of.ts'
import { maintenanceReading } from './maintenance.ts'
import { rowsLeftOutFrom } from './left-out-rows.ts'
import { checkLayout, LAYOUT } from './migrations.ts'
import { referrers } from './referrers.ts'
import { matches, search } from './search.ts'
import { Statements } from './statements.ts'
import { IndexComparison } from './verify-index.ts'
import { read, readVersion, type Reading } from './versions.ts'

/**
 * Undefined for a database of an earlier layout, or one that a load left before its end: the index is brought up to
 * date when a server opens it.
 * @throws Error that says what is wrong with the file or the key
 */
export function inspectSqlite({
  file,
  key,
}: {
  readonly file: string
  readonly key?: Uint8Array | undefined
}): Inspection | undefined {
  const db = openConnection({ file, key, readonly: true })
  try {
    const statements = new Statements(db)
    if (checkLayout(db) !== LAYOUT || rowsLeftOutFrom(statements) !== undefined) {
      db.close()
      return undefined
    }
    const here: Reading = { statements, dictionary: new Dictionary(statements) }
    const comparison = new IndexComparison(statements)
    const atOnce = <Result>(work: () => Result): Result => {
      db.exec('BEGIN')
      try {
        return work()
      } finally {
        db.exec('COMMIT')
      }
    }
    const reading = <Result>(run: (reading: Reading) => Result): Result => atOnce(() => run(here))
    const refuse = () => Promise.reject(new FhirError('storage-failed', 'The store was opened to be read.'))
    const store: Store = {
      read: async (resource, access) => reading((from) => read(from, resource, access)),
      readVersion: async (resource, versionId, access) =>
        reading((from) => readVersion(from, resource, versionId, access)),
      history: async (query, access) => reading((from) => history(from, query, access)),
      search: async (query, access) => reading((from) => search(from, query, access)),
      matches: async (type, where, limit, access) =>
        reading((from) => matches(from, type, where, limit, access)),
      labelsOf: async (keys) => reading((from) => keys.map((one) => labelsOf(from, one))),
      referrers: async (resource, limit, behind) =>
        reading((from) => referrers(from, resource, limit, behind)),
      commit: refuse,
      maintenance: {
        ...maintenanceReading({ file, key, reading }),
        replaceIndexes: refuse,
        clearStrays: refuse,
        indexWordsAnew: refuse,
        setSetting: refuse,
      },
      pendingCommits: 0,
      close: async () => void db.close(),
    }
    return {
      store,
      indexFaults: (expected) => atOnce(() => expected.flatMap((one) => comparison.faults(one))),
    }
  } catch (error) {
    db.close()
    throw error
  }
}
