// Brings a database file to the layout of this program: numbered steps, forward only.
import type Database from 'better-sqlite3-multiple-ciphers'
import { SCHEMA } from './schema.ts'

/** "Alcv": marks the file as ours (https://sqlite.org/pragma.html#pragma_application_id). */
export const APPLICATION_ID = 0x416c6376

/** Step n, counted from 1, leads from layout n to n + 1. A step that has been released is never changed. */
export const MIGRATIONS: readonly ((db: Database) => void)[] = [
  // Strings as they were written, positions, composites, contained resources and words; by resource, any token.
  (db) =>
    void db.exec(`
      ALTER TABLE res ADD COLUMN owner INTEGER NOT NULL DEFAULT 0;
      CREATE INDEX res_owner ON res (owner, type) WHERE owner > 0;
      CREATE INDEX tok_r ON tok (rid, tp, val);
      ALTER TABLE str RENAME TO str_1;
      CREATE TABLE str (
        tp INTEGER NOT NULL, val TEXT NOT NULL, rid INTEGER NOT NULL, exact TEXT NOT NULL,
        pat INTEGER NOT NULL, lab INTEGER NOT NULL, PRIMARY KEY (tp, val, rid, exact)) WITHOUT ROWID;
      INSERT INTO str (tp, val, rid, exact, pat, lab) SELECT tp, val, rid, '', pat, lab FROM str_1;
      DROP TABLE str_1;
      CREATE INDEX str_r ON str (rid, tp, val);
      CREATE TABLE pos (
        tp INTEGER NOT NULL, lat REAL NOT NULL, lon REAL NOT NULL, rid INTEGER NOT NULL,
        pat INTEGER NOT NULL, lab INTEGER NOT NULL, PRIMARY KEY (tp, lat, lon, rid)) WITHOUT ROWID;
      CREATE INDEX pos_r ON pos (rid, tp);
      CREATE TABLE cmp (
        rid INTEGER NOT NULL, tp INTEGER NOT NULL, n INTEGER NOT NULL, row TEXT NOT NULL,
        PRIMARY KEY (rid, tp, n)) WITHOUT ROWID;
      CREATE VIRTUAL TABLE words USING fts5 (
        narrative, content, content = '', contentless_delete = 1, tokenize = 'ascii');`),
]

/** The layout of this program's tables. */
export const LAYOUT = MIGRATIONS.length + 1

/**
 * @param settings what a new file holds from its beginning, by name
 * @throws Error when the file is not ours, or was written by a newer program; it is left as it was
 */
export function migrate(
  db: Database,
  settings: Readonly<Record<string, string>> = {},
  schema: string = SCHEMA,
  migrations: readonly ((db: Database) => void)[] = MIGRATIONS,
): void {
  const newest = migrations.length + 1
  let layout = checkLayout(db, newest)
  while (layout < newest) {
    db.exec('BEGIN IMMEDIATE')
    try {
      // A new file is made as it is now.
      if (layout === 0) makeNew(db, schema, settings)
      else migrations[layout - 1]!(db)
      layout = layout === 0 ? newest : layout + 1
      db.pragma(`application_id = ${APPLICATION_ID}`)
      db.pragma(`user_version = ${layout}`)
      db.exec('COMMIT')
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK')
      throw error
    }
  }
}

function makeNew(db: Database, schema: string, settings: Readonly<Record<string, string>>): void {
  db.exec(schema)
  for (const [name, value] of Object.entries(settings))
    db.prepare('INSERT INTO setting (name, value) VALUES (?, ?)').run(name, value)
}

/** The file's layout, at most `newest`; 0 for a new file. @throws Error when it is not a file of ours, or newer */
export function checkLayout(db: Database, newest: number = LAYOUT): number {
  const version = Number(db.pragma('user_version', { simple: true }))
  const application = Number(db.pragma('application_id', { simple: true }))
  const empty = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
  if (application !== APPLICATION_ID && !(empty && version === 0)) {
    throw new Error('The file is an SQLite database of another program, not of Alcove.')
  }
  if (version > newest) {
    throw new Error(
      `The database has layout ${version}, this program knows layouts up to ${newest}: a newer Alcove wrote it. Start that one.`,
    )
  }
  return version
}
