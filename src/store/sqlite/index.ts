// The SQLite adapter's face.
export { openSqliteStore, type SqliteStoreOptions } from './open.ts'
