// The SQLite adapter's face.
export { openSqliteStore, type SqliteStoreOptions } from './open.ts'
export { backupSqlite } from './backup.ts'
export { isSqliteInUse } from './lock.ts'
