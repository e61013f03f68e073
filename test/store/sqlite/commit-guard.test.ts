// A commit that the disk refused is only said to be gone when it cannot come back with the next start.
import Database from 'better-sqlite3-multiple-ciphers'
import t from 'tap'
import { CommitGuard } from '../../../src/store/sqlite/commit-guard.ts'
import { migrate } from '../../../src/store/sqlite/migrations.ts'
import { Statements } from '../../../src/store/sqlite/statements.ts'
import { testFolder } from './folder.ts'

const fault = (code: string) => new Database.SqliteError('disk I/O error', code)
const UNSYNCED = 'SQLITE_IOERR_FSYNC'
const UNWRITTEN = 'SQLITE_IOERR_WRITE'
const FULL = 'SQLITE_FULL'

t.test('whether a refused commit is gone', (t) => {
  for (const [first, then, gone] of [
    [FULL, undefined, true],
    [UNWRITTEN, undefined, true],
    [UNSYNCED, undefined, true],
    [UNSYNCED, UNSYNCED, true],
    [UNWRITTEN, UNWRITTEN, true],
    [UNSYNCED, UNWRITTEN, false],
    [UNSYNCED, FULL, false],
  ] as const) {
    const db = new Database(testFolder(t)('a.db'))
    migrate(db)
    const guard = new CommitGuard(new Statements(db))
    const exec = db.exec.bind(db)
    db.exec = (text: string) => {
      if (text === 'COMMIT' && then !== undefined) throw fault(then)
      return exec(text)
    }
    t.equal(guard.refused(fault(first)), gone, `${first}, and its successor ${then ?? 'is there'}`)
    t.notOk(db.inTransaction)
    db.close()
  }
  t.end()
})
