// The SQLite adapter's face.
export { backupSqlite, isSqliteInUse } from './database-file.ts'
export { openSqliteStore, type SqliteStoreOptions } from './open.ts'
