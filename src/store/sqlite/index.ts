// The SQLite adapter's face.
export { backupSqlite, isSqliteInUse } from './database-file.ts'
export { openSqliteStore, type SqliteStoreOptions } from './open.ts'
export { backupSqlite } from './backup.ts'
export { isSqliteInUse } from './lock.ts'
