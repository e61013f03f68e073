// The SQLite adapter's face.
export { openSqliteStore, type SqliteStoreOptions } from './open.ts'
export { backupSqlite, verifySqlite } from './backup.ts'
export { isSqliteInUse } from './lock.ts'
export { inspectSqlite } from './inspect.ts'
export { DAMAGED } from './verify.ts'
